// SPDX-License-Identifier: GPL-2.0
/*
 * shape: makes structured C of the graph of blocks.
 *
 * As in Ramsey, "Beyond Relooper": a block's text contains that of the blocks it dominates. One
 * that several ways lead to follows behind the text of its dominator; one that a loop is left to
 * follows behind the loop. A jump is a goto only if it leads neither to what follows anyway,
 * nor to the head of the loop, nor behind it.
 */
#include <string.h>

#include "stub.h"
#include "tree.h"

#define NOTHING	NO_BLOCK

/* Where a block's text goes. */
enum place_kind {
	P_INLINE,	/* where the only jump to it is */
	P_BEHIND,	/* behind the text of its owner */
	P_AFTER_LOOP,	/* behind the loop whose head is its owner */
};

struct shape {
	struct stub *stub;
	struct func *func;
	u32 (*source)[2];	/* by block: the block that each of its edges came from */
	const struct expr **condition;
	bool **body;		/* by head of a loop: which blocks are in it */
	enum place_kind *kind;
	u32 *owner;
	struct loop {
		u32 head, after;
		struct loop *outer;
	} *loop;
};

void stub_error(struct stub *stub, struct buffer *out, const char *why)
{
	stub->errors++;
	add(out, "#error \"%s\"", why);
}

void stub_report(struct stub *stub, const char *call, const char *how)
{
	more(stub->report, stub->n_report);
	stub->report[stub->n_report++] = (struct report_line){ call, how };
}

/* In a string of the preprocessor. */
static const char *harmless(const char *why)
{
	char *copy = text("%s", why), *at;

	for (at = copy; *at; at++)
		if (*at == '"' || *at == '\\' || *at == '\n')
			*at = '\'';
	return copy;
}

static void line(struct list *list, const char *what)
{
	list_add(list, N_TEXT)->text = what;
}

static void error(struct shape *s, struct list *list, const char *why, u32 insn)
{
	const struct func *func = s->func;
	struct place place = func->insns[insn].place;
	const struct symbol *symbol = module_function_around(func->module, place);
	struct buffer out = {};

	stub_error(s->stub, &out,
		   symbol ? text("%s (at %s+0x%lx)", harmless(why), symbol->name,
				 place.offset - symbol->value)
			  : harmless(why));
	line(list, out.at);
	s->stub->why = NULL;
}

/* Blocks that do nothing but decide: "if (a) { if (b)" is one condition. */
static bool only_decides(const struct shape *s, u32 block)
{
	const struct code *code = &s->stub->exec->code[block];
	u32 i;

	if (s->func->blocks[block].n_from != 1 || s->func->blocks[block].loop ||
	    s->func->blocks[block].next[1] == NO_BLOCK)
		return false;
	for (i = 0; i < code->n_stmts; i++)
		if (code->stmts[i].kind != S_LOAD ||
		    s->stub->values.load_kept[code->stmts[i].insn])
			return false;
	return !s->condition[block]->unknown && !e_has(s->condition[block], E_RESULT);
}

/* Do both edges bring the same to where they meet? */
static bool same_inputs(const struct shape *s, u32 to, u32 from, u32 other)
{
	const struct values *values = &s->stub->values;
	u32 i;

	for (i = 0; i < values->n_variables; i++) {
		const struct expr *phi = values->variables[i].value;

		if (phi->kind == E_PHI && phi->where == to &&
		    phi_input(s->stub->exec, phi, from) != phi_input(s->stub->exec, phi, other))
			return false;
	}
	return true;
}

/* join(): block decides, then its successor number way does; both lead to one block. */
static bool join(struct shape *s, u32 block, u32 way)
{
	struct block *first = &s->func->blocks[block];
	u32 second = first->next[way], meet = first->next[!way], i;
	const struct expr *a = s->condition[block], *b;

	if (second == NO_BLOCK || meet == NO_BLOCK || second == meet || a->unknown ||
	    !only_decides(s, second))
		return false;
	for (i = 0; i < 2; i++)
		if (s->func->blocks[second].next[i] == meet)
			break;
	if (i == 2 || !same_inputs(s, meet, s->source[block][!way], s->source[second][i]))
		return false;
	/* As one condition for going on to the second's other way. */
	b = i ? e_not(s->condition[second]) : s->condition[second];
	a = way ? a : e_not(a);
	s->condition[block] = e_op(OP_BOTH, 8, a, b);
	first->next[1] = s->func->blocks[second].next[!i];
	s->source[block][1] = s->source[second][!i];
	first->next[0] = meet;
	s->source[block][0] = s->source[second][i];
	return true;
}

static void join_conditions(struct shape *s)
{
	bool joined = true;
	u32 i, block;

	while (joined) {
		joined = false;
		for (i = 0; i < s->func->n_order && !joined; i++) {
			block = s->func->order[i];
			if (s->func->blocks[block].next[1] == NO_BLOCK)
				continue;
			joined = join(s, block, 1) || join(s, block, 0);
		}
		if (joined)
			func_regraph(s->func);
	}
}

static void find_body(struct shape *s, u32 head)
{
	u32 *work = alloc((s->func->n_blocks + 1) * sizeof(*work)), n = 0, i, at;
	const struct block *block = &s->func->blocks[head];

	s->body[head] = alloc(s->func->n_blocks + 1);
	s->body[head][head] = true;
	for (i = 0; i < block->n_from; i++)
		if (func_dominates(s->func, head, block->from[i]))
			work[n++] = block->from[i];
	while (n) {
		at = work[--n];
		if (s->body[head][at])
			continue;
		s->body[head][at] = true;
		for (i = 0; i < s->func->blocks[at].n_from; i++)
			if (!s->body[head][s->func->blocks[at].from[i]])
				work[n++] = s->func->blocks[at].from[i];
		if (n > s->func->n_blocks / 2) {
			/* Room for all that may be on it. */
			u32 *bigger = alloc(2 * (n + s->func->n_blocks) * sizeof(*bigger));

			memcpy(bigger, work, n * sizeof(*work));
			work = bigger;
		}
	}
}

static u32 forward_ways(const struct shape *s, u32 block)
{
	const struct block *of = &s->func->blocks[block];
	u32 i, n = 0;

	for (i = 0; i < of->n_from; i++)
		if (s->func->blocks[of->from[i]].order < of->order)
			n++;
	return n;
}

static void find_places(struct shape *s)
{
	const struct func *func = s->func;
	u32 i, j, block, dominator, head;

	for (i = 0; i < func->n_order; i++)
		if (func->blocks[func->order[i]].loop)
			find_body(s, func->order[i]);
	for (i = 1; i < func->n_order; i++) {
		block = func->order[i];
		dominator = func->blocks[block].dominator;
		s->owner[block] = dominator;
		if (forward_ways(s, block) > 1)
			s->kind[block] = P_BEHIND;
		/* The outermost loop that it is not in: those come first in the order. */
		for (j = 0; j < func->n_order; j++) {
			head = func->order[j];
			if (!func->blocks[head].loop || !s->body[head][dominator] ||
			    s->body[head][block])
				continue;
			s->kind[block] = P_AFTER_LOOP;
			s->owner[block] = head;
			break;
		}
	}
}

/* assign(): what the block's variables are when it is entered from another. */
static void assign(struct shape *s, struct list *list, u32 from, u32 to)
{
	struct values *values = &s->stub->values;
	struct copy {
		struct variable *variable;
		const struct expr *value;
	} *copies = alloc((values->n_variables + 1) * sizeof(*copies));
	u32 i, j, n = 0;

	for (i = 0; i < values->n_variables; i++) {
		struct variable *variable = &values->variables[i];
		const struct expr *value;

		if (variable->value->kind != E_PHI || variable->value->where != to)
			continue;
		value = phi_input(s->stub->exec, variable->value, from);
		if (value != variable->value)
			copies[n++] = (struct copy){ variable, value };
	}
	while (n) {
		/* One that no other still reads. */
		for (i = 0; i < n; i++) {
			for (j = 0; j < n; j++)
				if (j != i &&
				    e_contains(copies[j].value, copies[i].variable->value))
					break;
			if (j == n)
				break;
		}
		if (i == n) {
			error(s, list, "values that change places", 0);
			return;
		}
		copies[i].variable->used = true;
		s->stub->why = NULL;
		line(list, text("%s = %s;", copies[i].variable->name,
				c_as(s->stub, copies[i].value, copies[i].variable->type ?
				     copies[i].variable->type : "unsigned long")));
		if (s->stub->why)
			error(s, list, s->stub->why, from == NO_BLOCK ? 0 :
			      s->func->blocks[from].insns[s->func->blocks[from].n_insns - 1]);
		copies[i] = copies[--n];
	}
}

static bool is_noisy_store(const struct stmt *stmt)
{
	/* A stack slot that a callee was given as the sixth argument, and the like. */
	return stmt->args[0]->kind == E_STACK && stmt->args[1]->unknown;
}

static void emit_call(struct shape *s, struct list *list, const struct stmt *stmt)
{
	struct variable *result = values_variable(&s->stub->values, stmt->value);
	const char *call = stmt->kind == S_CALL ? c_call(s->stub, stmt) : c_atomic(s->stub, stmt);
	const char *test = NULL, *name = stub_callee(s->stub, stmt), *how;
	struct node *node;

	if (s->stub->why) {
		stub_report(s->stub, name ? text("%s()", name) : "a call",
			    text("not in the stub: %s", s->stub->why));
		error(s, list, name ? text("%s(): %s", name, s->stub->why) : s->stub->why,
		      stmt->insn);
		return;
	}
	if (!result && stmt->kind == S_CALL)
		test = stub_test(s->stub, stmt);
	s->stub->why = NULL;
	how = test ? text("if %s", test) : "in the stub";
	if (name && stmt->target.kind == T_EXT && unregisters_driver(name)) {
		how = text("%s; it runs the target's own .remove(), which can die again", how);
		line(list, "/* runs the target's own .remove(), which can die where it died */");
	}
	stub_report(s->stub, call, how);
	if (result) {
		result->used = true;
		line(list, text("%s = %s;", result->name, call));
		return;
	}
	if (!test) {
		line(list, text("%s;", call));
		return;
	}
	node = list_add(list, N_IF);
	node->text = test;
	node->negated = text("!(%s)", test);
	node->then = alloc(sizeof(*node));
	node->then->kind = N_TEXT;
	node->then->text = text("%s;", call);
}

static void emit_load(struct shape *s, struct list *list, const struct stmt *stmt)
{
	struct variable *variable = values_variable(&s->stub->values, stmt->value);
	const struct expr *load = stmt->value;
	const char *type;

	if (!variable || !s->stub->values.load_kept[stmt->insn])
		return;
	variable->used = true;
	type = variable->type ? variable->type : "unsigned long";
	s->stub->values.load_kept[stmt->insn] = false;
	line(list, text("%s = %s;", variable->name, c_as(s->stub, load, type)));
	s->stub->values.load_kept[stmt->insn] = true;
	if (s->stub->why)
		error(s, list, s->stub->why, stmt->insn);
}

static void emit_stmt(struct shape *s, struct list *list, const struct stmt *stmt)
{
	const char *store;

	s->stub->why = NULL;
	switch (stmt->kind) {
	case S_CALL:
	case S_ATOMIC:
		emit_call(s, list, stmt);
		break;
	case S_STORE:
		if (is_noisy_store(stmt))
			break;
		store = c_store(s->stub, stmt);
		if (s->stub->why)
			error(s, list, text("a store: %s", s->stub->why), stmt->insn);
		else
			line(list, text("%s;", store));
		break;
	case S_LOAD:
		emit_load(s, list, stmt);
		break;
	case S_SKIPPED:
		line(list, text("/* %s() left out: it only tells */", stmt->why));
		break;
	case S_WARN:
		line(list, "/* a WARN() left out */");
		break;
	case S_TRAP:
		stub_report(s->stub, "BUG()", "what the source has behind it is not in the code");
		error(s, list, "a BUG(): what the source has behind it the compiler has left out",
		      stmt->insn);
		break;
	default:
		error(s, list, text("not understood: %s", stmt->why), stmt->insn);
	}
}

/* A call whose result is only the condition: if (call()). */
static u32 inline_last_call(struct shape *s, u32 block)
{
	const struct code *code = &s->stub->exec->code[block];
	const struct expr *condition = s->condition[block];
	const struct stmt *stmt;
	struct variable *variable;
	u32 i;

	if (!condition)
		return code->n_stmts;
	for (i = code->n_stmts; i; i--)
		if (code->stmts[i - 1].kind != S_LOAD)
			break;
	if (!i || i != code->n_stmts || code->stmts[i - 1].kind != S_CALL)
		return code->n_stmts;
	stmt = &code->stmts[i - 1];
	variable = values_variable(&s->stub->values, stmt->value);
	if (!variable || s->stub->values.result_used[stmt->insn] != 1 ||
	    !e_contains(condition, stmt->value) || e_has(condition, E_LOAD))
		return code->n_stmts;
	variable->inlined = c_call(s->stub, stmt);
	if (s->stub->why) {
		s->stub->why = NULL;
		variable->inlined = NULL;
		return code->n_stmts;
	}
	stub_report(s->stub, variable->inlined, "in the stub");
	return i - 1;
}

static void text_of(struct shape *s, struct list *list, u32 block, u32 follow);

static void jump(struct shape *s, struct list *list, u32 from, u32 source, u32 to, u32 follow)
{
	const struct func *func = s->func;

	if (to == NO_BLOCK) {
		if (follow != NOTHING)
			list_add(list, N_RETURN);
		return;
	}
	assign(s, list, source, to);
	if (to == follow)
		return;
	if (s->loop && to == s->loop->head)
		list_add(list, N_CONTINUE);
	else if (s->loop && to == s->loop->after)
		list_add(list, N_BREAK);
	else if (s->kind[to] != P_INLINE || func->blocks[to].order <= func->blocks[from].order)
		list_add(list, N_GOTO)->block = to;
	else
		text_of(s, list, to, follow);
}

static void branch(struct shape *s, struct list *list, u32 block, u32 follow)
{
	const struct block *of = &s->func->blocks[block];
	const struct expr *condition = s->condition[block];
	struct node *node;
	struct list ways;

	if (condition->kind == E_INT) {
		u32 way = !!condition->value;

		jump(s, list, block, s->source[block][way], of->next[way], follow);
		return;
	}
	s->stub->why = NULL;
	node = list_add(list, N_IF);
	node->text = c_condition(s->stub, condition);
	node->negated = c_condition(s->stub, e_not(condition));
	if (s->stub->why) {
		error(s, list, text("a condition: %s", s->stub->why), of->insns[of->n_insns - 1]);
		node->text = "0";
		node->negated = "0";
	}
	list_init(&ways);
	jump(s, &ways, block, s->source[block][1], of->next[1], follow);
	node->then = ways.first;
	list_init(&ways);
	jump(s, &ways, block, s->source[block][0], of->next[0], follow);
	node->other = ways.first;
}

/* The next block in order that is placed in a way, behind the one at *order; NOTHING if none. */
static u32 next_placed(const struct shape *s, u32 owner, enum place_kind kind, u32 *order)
{
	u32 block;

	while (*order < s->func->n_order) {
		block = s->func->order[(*order)++];
		if (block != s->func->first && s->kind[block] == kind && s->owner[block] == owner)
			return block;
	}
	return NOTHING;
}

static void inner_text(struct shape *s, struct list *list, u32 block, u32 follow)
{
	const struct code *code = &s->stub->exec->code[block];
	u32 order = 0, behind = next_placed(s, block, P_BEHIND, &order), i, n, next;

	n = inline_last_call(s, block);
	for (i = 0; i < n; i++)
		emit_stmt(s, list, &code->stmts[i]);
	if (s->func->blocks[block].next[1] != NO_BLOCK)
		branch(s, list, block, behind == NOTHING ? follow : behind);
	else
		jump(s, list, block, s->source[block][0], s->func->blocks[block].next[0],
		     behind == NOTHING ? follow : behind);
	for (; behind != NOTHING; behind = next) {
		next = next_placed(s, block, P_BEHIND, &order);
		list_add(list, N_LABEL)->block = behind;
		text_of(s, list, behind, next == NOTHING ? follow : next);
	}
}

static void text_of(struct shape *s, struct list *list, u32 block, u32 follow)
{
	u32 order = 0, after, next;
	struct loop loop = { .head = block, .outer = s->loop };
	struct list body;

	if (!s->func->blocks[block].loop) {
		inner_text(s, list, block, follow);
		return;
	}
	after = next_placed(s, block, P_AFTER_LOOP, &order);
	loop.after = after == NOTHING ? follow : after;
	s->loop = &loop;
	list_init(&body);
	inner_text(s, &body, block, block);
	s->loop = loop.outer;
	list_add(list, N_LABEL)->block = block;
	list_add(list, N_LOOP)->then = body.first;
	for (; after != NOTHING; after = next) {
		next = next_placed(s, block, P_AFTER_LOOP, &order);
		list_add(list, N_LABEL)->block = after;
		text_of(s, list, after, next == NOTHING ? follow : next);
	}
}

void stub_body(struct stub *stub, struct buffer *out)
{
	struct func *func = stub->exec->func;
	u32 n = func->n_blocks + 1, i;
	struct shape s = { .stub = stub, .func = func };
	struct list list;

	s.source = alloc(n * sizeof(*s.source));
	s.condition = alloc(n * sizeof(*s.condition));
	s.body = alloc(n * sizeof(*s.body));
	s.kind = alloc(n * sizeof(*s.kind));
	s.owner = alloc(n * sizeof(*s.owner));
	for (i = 0; i < func->n_blocks; i++) {
		s.source[i][0] = i;
		s.source[i][1] = i;
		s.condition[i] = stub->exec->code[i].condition;
	}
	join_conditions(&s);
	find_places(&s);
	list_init(&list);
	assign(&s, &list, NO_BLOCK, func->first);
	text_of(&s, &list, func->first, NOTHING);
	tree_write(list.first, out);
}
