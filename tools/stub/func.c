// SPDX-License-Identifier: GPL-2.0
/*
 * func: a function as a graph of blocks.
 */
#include <string.h>

#include "arch.h"
#include "func.h"

/* The largest exit of Debian's has some thousand. */
#define MAX_INSNS	20000
#define MAX_DEPTH	8

struct builder {
	struct func *func;
	u32 *table;		/* hash of (context, place) -> insn + 1 */
	u32 table_size;
	u32 *work;		/* instructions to go on from */
	u32 n_work;
	bool *leads;		/* a block begins here */
};

static u32 *find(struct builder *b, u32 context, struct place place)
{
	u64 hash =
		(place.offset * 31 + place.section) * 0x9e3779b97f4a7c15UL + context * 0x85ebca6bUL;
	u32 slot = (hash >> 20) % b->table_size;
	const struct insn *insn;

	while (b->table[slot]) {
		insn = &b->func->insns[b->table[slot] - 1];
		if (insn->context == context && insn->place.section == place.section &&
		    insn->place.offset == place.offset)
			break;
		slot = (slot + 1) % b->table_size;
	}
	return &b->table[slot];
}

static void trouble(struct func *func, const char *why)
{
	if (!func->trouble)
		func->trouble = why;
}

/* visit(): the instruction at a place; a new one is put on the list of work. */
static u32 visit(struct builder *b, u32 context, struct place place)
{
	struct func *func = b->func;
	u32 *at = find(b, context, place);
	struct insn *insn;

	if (*at)
		return *at - 1;
	if (func->n_insns == MAX_INSNS) {
		trouble(func, "is too large");
		return NO_INSN;
	}
	insn = &func->insns[func->n_insns];
	*insn = (struct insn){ .place = place, .context = context,
			       .next = { NO_INSN, NO_INSN }, .block = NO_BLOCK };
	*at = ++func->n_insns;
	b->work[b->n_work++] = *at - 1;
	return *at - 1;
}

/* The same function: within it, or its part that GCC put elsewhere as unlikely. */
static bool belongs(const struct func *func, u32 context, struct place place)
{
	const struct symbol *own = module_function_around(func->module,
							  func->contexts[context].entry);
	const struct symbol *there = module_function_around(func->module, place);
	const struct section *section;
	const char *cold;
	u32 i;

	if (!own || !there)
		return own == there && func->contexts[context].entry.section == place.section;
	if (own->section == there->section && own->value == there->value)
		return true;
	cold = strstr(there->name, ".cold");
	section = &func->module->sections[own->section];
	for (i = 0; cold && i < section->n_symbols; i++) {
		const struct symbol *name = &func->module->symbols[section->symbols[i]];

		if (name->value == own->value &&
		    strlen(name->name) == (size_t)(cold - there->name) &&
		    !strncmp(name->name, there->name, cold - there->name))
			return true;
	}
	/* From the cold part back. */
	return strstr(own->name, ".cold") && there->value != place.offset;
}

static bool in_chain(const struct func *func, u32 context, struct place callee)
{
	const struct context *at;

	for (;; context = at->parent) {
		at = &func->contexts[context];
		if (at->entry.section == callee.section && at->entry.offset == callee.offset)
			return true;
		if (!context)
			return false;
	}
}

/* enter(): the context of a call that is followed. */
static u32 enter(struct builder *b, u32 insn, struct place entry, u32 returns_to)
{
	struct func *func = b->func;
	u32 parent = func->insns[insn].context;

	more(func->contexts, func->n_contexts);
	func->contexts[func->n_contexts] = (struct context){
		.parent = parent,
		.call = insn,
		.returns_to = returns_to,
		.entry = entry,
		.depth = func->contexts[parent].depth + 1,
	};
	return func->n_contexts++;
}

static bool wants_to_follow(const struct func *func, const struct insn *insn)
{
	return insn->target.kind == T_OWN && func->follow &&
	       func->contexts[insn->context].depth < MAX_DEPTH &&
	       !in_chain(func, insn->context, insn->target.place) &&
	       func->follow(func, insn->target.place, func->follow_data);
}

static struct place after(const struct insn *insn)
{
	return (struct place){ insn->place.section, insn->place.offset + insn->length };
}

static bool ends_here(const struct func *func, const struct insn *insn)
{
	return insn->target.kind == T_EXT &&
	       call_never_returns(func->module->symbols[insn->target.symbol].name);
}

/* Where a return leads to, when the function was made part of another. */
static void connect_return(struct builder *b, struct insn *insn)
{
	const struct func *func = b->func;
	u32 context = insn->context;

	while (context && func->insns[func->contexts[context].call].kind == I_TAIL)
		context = func->contexts[context].parent;
	if (!context)
		return;
	insn->next[0] = func->contexts[context].returns_to;
	insn->returns = true;
}

static void connect_call(struct builder *b, u32 at)
{
	struct func *func = b->func;
	struct insn *insn = &func->insns[at];
	u32 back, context;

	if (ends_here(func, insn))
		return;
	back = insn->kind == I_CALL ? visit(b, insn->context, after(insn)) : NO_INSN;
	if (!wants_to_follow(func, insn)) {
		if (insn->kind == I_CALL)
			insn->next[0] = back;
		else
			connect_return(b, insn);
		return;
	}
	if (back != NO_INSN)
		b->leads[back] = true;
	insn->inlined = true;
	context = enter(b, at, insn->target.place, back);
	insn->next[0] = visit(b, context, insn->target.place);
	if (insn->next[0] != NO_INSN)
		b->leads[insn->next[0]] = true;
}

static void connect(struct builder *b, u32 at)
{
	struct func *func = b->func;
	struct insn *insn = &func->insns[at];

	if (insn->kind == I_JUMP && (insn->target.kind != T_OWN ||
				     !belongs(func, insn->context, insn->target.place)))
		insn->kind = I_TAIL;
	switch (insn->kind) {
	case I_CALL:
	case I_TAIL:
		connect_call(b, at);
		break;
	case I_RETURN:
		connect_return(b, insn);
		break;
	case I_TRAP:
		break;
	case I_JUMP:
		insn->next[0] = visit(b, insn->context, insn->target.place);
		break;
	case I_BRANCH:
	case I_KEY:
		if (insn->target.kind != T_OWN || !belongs(func, insn->context, insn->target.place))
			trouble(func, "branches into another function");
		insn->next[1] = visit(b, insn->context, insn->target.place);
		insn->next[0] = visit(b, insn->context, after(insn));
		break;
	default:
		insn->next[0] = visit(b, insn->context, after(insn));
	}
	if (insn->kind == I_JUMP || insn->kind == I_BRANCH || insn->kind == I_KEY) {
		if (insn->next[0] != NO_INSN)
			b->leads[insn->next[0]] = true;
		if (insn->next[1] != NO_INSN)
			b->leads[insn->next[1]] = true;
	}
}

static void make_blocks(struct func *func, const bool *leads)
{
	struct block *block;
	u32 i, j, at;

	func->blocks = NULL;
	func->n_blocks = 0;
	for (i = 0; i < func->n_insns; i++)
		func->insns[i].block = NO_BLOCK;
	for (i = 0; i < func->n_insns; i++) {
		if (!leads[i])
			continue;
		more(func->blocks, func->n_blocks);
		block = &func->blocks[func->n_blocks];
		*block = (struct block){ .order = NO_BLOCK, .dominator = NO_BLOCK };
		for (at = i; at != NO_INSN; at = func->insns[at].next[0]) {
			more(block->insns, block->n_insns);
			block->insns[block->n_insns++] = at;
			func->insns[at].block = func->n_blocks;
			if (func->insns[at].next[1] != NO_INSN ||
			    func->insns[at].next[0] == NO_INSN || leads[func->insns[at].next[0]])
				break;
		}
		func->n_blocks++;
	}
	for (i = 0; i < func->n_blocks; i++) {
		for (j = 0; j < 2; j++) {
			at = block_end(func, &func->blocks[i])->next[j];
			func->blocks[i].next[j] = at == NO_INSN ? NO_BLOCK : func->insns[at].block;
		}
		/* A branch to what follows it anyway is none. */
		if (func->blocks[i].next[0] == func->blocks[i].next[1])
			func->blocks[i].next[1] = NO_BLOCK;
	}
}

/* Depth first, without recursion; func->order is then the blocks in reverse postorder. */
static void sort_blocks(struct func *func)
{
	u32 *stack = alloc((func->n_blocks + 1) * sizeof(*stack));
	u8 *next = alloc(func->n_blocks + 1), *seen = alloc(func->n_blocks + 1);
	u32 *order = alloc((func->n_blocks + 1) * sizeof(*order));
	u32 depth = 0, n = 0, i, to;

	stack[depth++] = func->first;
	seen[func->first] = 1;
	while (depth) {
		u32 at = stack[depth - 1];

		if (next[at] == 2) {
			order[n++] = at;
			depth--;
			continue;
		}
		/* The way that is taken first, so that the other comes first in the order. */
		to = func->blocks[at].next[1 - next[at]++];
		if (to == NO_BLOCK || seen[to])
			continue;
		seen[to] = 1;
		stack[depth++] = to;
	}
	func->order = alloc((n + 1) * sizeof(*func->order));
	func->n_order = n;
	for (i = 0; i < n; i++) {
		func->order[i] = order[n - 1 - i];
		func->blocks[func->order[i]].order = i;
	}
}

static void note_predecessors(struct func *func)
{
	u32 i, j, to;

	for (i = 0; i < func->n_order; i++) {
		struct block *block = &func->blocks[func->order[i]];

		for (j = 0; j < 2; j++) {
			to = block->next[j];
			if (to == NO_BLOCK)
				continue;
			more(func->blocks[to].from, func->blocks[to].n_from);
			func->blocks[to].from[func->blocks[to].n_from++] = func->order[i];
		}
	}
}

static u32 common(const struct func *func, u32 a, u32 b)
{
	while (a != b) {
		while (func->blocks[a].order > func->blocks[b].order)
			a = func->blocks[a].dominator;
		while (func->blocks[b].order > func->blocks[a].order)
			b = func->blocks[b].dominator;
	}
	return a;
}

/* Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm". */
static void find_dominators(struct func *func)
{
	bool changed = true;
	u32 i, j, dominator;

	func->blocks[func->first].dominator = func->first;
	while (changed) {
		changed = false;
		for (i = 1; i < func->n_order; i++) {
			struct block *block = &func->blocks[func->order[i]];

			dominator = NO_BLOCK;
			for (j = 0; j < block->n_from; j++) {
				if (func->blocks[block->from[j]].dominator == NO_BLOCK)
					continue;
				dominator = dominator == NO_BLOCK ? block->from[j] :
					common(func, dominator, block->from[j]);
			}
			if (dominator != block->dominator) {
				block->dominator = dominator;
				changed = true;
			}
		}
	}
}

bool func_dominates(const struct func *func, u32 above, u32 below)
{
	while (func->blocks[below].order > func->blocks[above].order)
		below = func->blocks[below].dominator;
	return above == below;
}

bool func_precedes(const struct func *func, u32 first, u32 second)
{
	const struct block *block = &func->blocks[func->insns[first].block];
	u32 i;

	for (i = 0; i < block->n_insns; i++)
		if (block->insns[i] == first || block->insns[i] == second)
			return block->insns[i] == first && first != second;
	return false;
}

/* An edge back to a block that does not dominate it makes a loop with two ways in. */
static void find_loops(struct func *func)
{
	u32 i, j, to;

	for (i = 0; i < func->n_order; i++) {
		struct block *block = &func->blocks[func->order[i]];

		for (j = 0; j < 2; j++) {
			to = block->next[j];
			if (to == NO_BLOCK || func->blocks[to].order > block->order)
				continue;
			func->blocks[to].loop = true;
			if (!func_dominates(func, to, func->order[i]))
				trouble(func, "has a loop with two ways in");
		}
	}
}

void func_regraph(struct func *func)
{
	u32 i;

	for (i = 0; i < func->n_blocks; i++) {
		func->blocks[i].from = NULL;
		func->blocks[i].n_from = 0;
		func->blocks[i].order = NO_BLOCK;
		func->blocks[i].dominator = NO_BLOCK;
		func->blocks[i].loop = false;
	}
	sort_blocks(func);
	note_predecessors(func);
	find_dominators(func);
	find_loops(func);
}

static void make_graph(struct func *func, const bool *leads, u32 first)
{
	make_blocks(func, leads);
	func->first = func->insns[first].block;
	func_regraph(func);
}

struct func *func_build(const struct module *module, struct place entry,
			bool (*follow)(const struct func *func, struct place callee, void *data),
			void *data)
{
	struct func *func = alloc(sizeof(*func));
	struct builder b = { .func = func, .table_size = 2 * MAX_INSNS + 1 };
	u32 at;

	func->module = module;
	func->arch = arch_of(module);
	func->entry = entry;
	func->follow = follow;
	func->follow_data = data;
	func->insns = alloc((MAX_INSNS + 1) * sizeof(*func->insns));
	b.table = alloc(b.table_size * sizeof(*b.table));
	b.work = alloc((MAX_INSNS + 1) * sizeof(*b.work));
	b.leads = alloc(MAX_INSNS + 1);
	more(func->contexts, 0);
	func->contexts[func->n_contexts++] =
		(struct context){.entry = entry, .returns_to = NO_INSN};
	visit(&b, 0, entry);
	b.leads[0] = true;
	while (b.n_work && !func->trouble) {
		at = b.work[--b.n_work];
		if (!func->arch->decode(module, &func->insns[at])) {
			trouble(func, "has an instruction that cannot be decoded");
			return func;
		}
		connect(&b, at);
	}
	if (!func->trouble)
		make_graph(func, b.leads, 0);
	return func;
}

void func_begin_at(struct func *func, u32 insn)
{
	bool *leads = alloc(func->n_insns + 1);
	u32 i;

	for (i = 0; i < func->n_blocks; i++)
		leads[func->blocks[i].insns[0]] = true;
	leads[insn] = true;
	make_graph(func, leads, insn);
}
