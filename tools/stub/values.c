// SPDX-License-Identifier: GPL-2.0
/*
 * values: which of them need a variable.
 *
 * A load can be written where its value is used, if nothing in between may have changed what it
 * reads: no call, and no store to what may be the same place.
 */
#include <string.h>

#include "arch.h"
#include "values.h"

#define SLOT	0x10000

struct plan {
	struct values *values;
	struct exec *exec;
	u32 *loads;		/* instructions that load, each has a bit */
	u32 n_loads, words;
	u32 *bit;		/* by instruction */
	u64 **in;		/* by block: which loads can be repeated when it is entered */
};

const struct expr *phi_input(const struct exec *x, const struct expr *phi, u32 from)
{
	const struct state *state = from == NO_BLOCK ? &x->initial : &x->code[from].out;
	u32 reg = phi->value, i;

	if (reg < SLOT)
		return state->reg[reg];
	for (i = 0; i < state->n_slots; i++)
		if ((u32)(state->slots[i].offset & 0xffff) == reg - SLOT)
			return state->slots[i].value;
	return e_unknown("what is on the stack");
}

static bool overlap(s64 a, u32 a_size, s64 b, u32 b_size)
{
	return a < b + (s64)b_size && b < a + (s64)a_size;
}

static bool may_change(const struct expr *place, u32 size, const struct expr *load)
{
	const struct expr *at = load->a;

	if (place->kind == at->kind &&
	    (place->kind == E_ADDR || place->kind == E_EXT || place->kind == E_STACK))
		return place->where == at->where &&
		       overlap(place->value, size, at->value, load->size);
	if (place->kind == E_STACK || at->kind == E_STACK)
		return place->kind != E_ADDR && place->kind != E_EXT &&
		       at->kind != E_ADDR && at->kind != E_EXT;
	if ((place->kind == E_ADDR && at->kind == E_EXT) ||
	    (place->kind == E_EXT && at->kind == E_ADDR))
		return false;
	return true;
}

static void pass(struct plan *p, const struct stmt *stmt, u64 *set)
{
	u32 i;

	switch (stmt->kind) {
	case S_LOAD:
		i = p->bit[stmt->insn];
		set[i / 64] |= 1UL << (i % 64);
		break;
	case S_CALL:
	case S_ATOMIC:
	case S_UNKNOWN:
		memset(set, 0, p->words * sizeof(*set));
		break;
	case S_STORE:
		for (i = 0; i < p->n_loads; i++)
			if (may_change(stmt->args[0], stmt->size, p->values->load[p->loads[i]]))
				set[i / 64] &= ~(1UL << (i % 64));
		break;
	default:
		break;
	}
}

static void find_loads(struct plan *p)
{
	const struct func *func = p->exec->func;
	u32 i, j;

	for (i = 0; i < func->n_order; i++) {
		const struct code *code = &p->exec->code[func->order[i]];

		for (j = 0; j < code->n_stmts; j++) {
			if (code->stmts[j].kind != S_LOAD)
				continue;
			more(p->loads, p->n_loads);
			p->bit[code->stmts[j].insn] = p->n_loads;
			p->loads[p->n_loads++] = code->stmts[j].insn;
			p->values->load[code->stmts[j].insn] = code->stmts[j].value;
		}
	}
	p->words = p->n_loads / 64 + 1;
}

static bool repeat_one(struct plan *p, u32 block, u64 *set)
{
	const struct func *func = p->exec->func;
	const struct code *code = &p->exec->code[block];
	bool changed = false;
	u32 i, j, to;

	memcpy(set, p->in[block], p->words * sizeof(*set));
	for (i = 0; i < code->n_stmts; i++)
		pass(p, &code->stmts[i], set);
	for (i = 0; i < 2; i++) {
		to = func->blocks[block].next[i];
		for (j = 0; to != NO_BLOCK && j < p->words; j++) {
			if ((p->in[to][j] & set[j]) != p->in[to][j]) {
				p->in[to][j] &= set[j];
				changed = true;
			}
		}
	}
	return changed;
}

static void find_repeatable(struct plan *p)
{
	const struct func *func = p->exec->func;
	u64 *set = alloc(p->words * sizeof(*set));
	bool changed = true;
	u32 i;

	p->in = alloc((func->n_blocks + 1) * sizeof(*p->in));
	for (i = 0; i < func->n_order; i++) {
		p->in[func->order[i]] = alloc(p->words * sizeof(u64));
		if (i)
			memset(p->in[func->order[i]], 0xff, p->words * sizeof(u64));
	}
	while (changed) {
		changed = false;
		for (i = 0; i < func->n_order; i++)
			changed |= repeat_one(p, func->order[i], set);
	}
}

static bool repeatable(const struct plan *p, u32 load, u32 block, u32 position)
{
	const struct code *code = &p->exec->code[block];
	u64 *set = alloc(p->words * sizeof(*set));
	u32 i;

	memcpy(set, p->in[block], p->words * sizeof(*set));
	for (i = 0; i < position; i++)
		pass((struct plan *)p, &code->stmts[i], set);
	i = p->bit[load];
	return set[i / 64] >> (i % 64) & 1;
}

struct variable *values_variable(const struct values *values, const struct expr *e)
{
	u32 i;

	if (e->kind == E_LOAD) {
		if (!values->load_kept[e->where])
			return NULL;
		e = values->load[e->where];
	}
	for (i = 0; i < values->n_variables; i++)
		if (values->variables[i].value == e)
			return &values->variables[i];
	return NULL;
}

static struct variable *make_variable(struct values *values, const struct expr *e)
{
	more(values->variables, values->n_variables);
	values->variables[values->n_variables] = (struct variable){ .value = e };
	return &values->variables[values->n_variables++];
}

static void use(struct plan *p, const struct expr *e, u32 block, u32 position);

static void use_phi(struct plan *p, const struct expr *phi)
{
	const struct block *block = &p->exec->func->blocks[phi->where];
	u32 i;

	if (values_variable(p->values, phi))
		return;
	make_variable(p->values, phi);
	for (i = 0; i < block->n_from; i++)
		use(p, phi_input(p->exec, phi, block->from[i]), block->from[i],
		    p->exec->code[block->from[i]].n_stmts);
}

static void keep_load(struct plan *p, const struct expr *load)
{
	u32 insn = load->where, block = p->exec->func->insns[insn].block, i;
	const struct code *code = &p->exec->code[block];

	if (p->values->load_kept[insn])
		return;
	p->values->load_kept[insn] = true;
	make_variable(p->values, p->values->load[insn]);
	for (i = 0; i < code->n_stmts; i++)
		if (code->stmts[i].kind == S_LOAD && code->stmts[i].insn == insn)
			use(p, load->a, block, i);
}

static void use(struct plan *p, const struct expr *e, u32 block, u32 position)
{
	if (!e)
		return;
	switch (e->kind) {
	case E_RESULT:
		if (!p->values->result_used[e->where]++)
			make_variable(p->values, e);
		return;
	case E_PHI:
		use_phi(p, e);
		return;
	case E_LOAD:
		if (!p->values->load[e->where])
			return;
		if (!repeatable(p, e->where, block, position)) {
			keep_load(p, e);
			return;
		}
		break;
	default:
		break;
	}
	use(p, e->a, block, position);
	use(p, e->b, block, position);
	use(p, e->c, block, position);
}

static void use_all(struct plan *p)
{
	const struct func *func = p->exec->func;
	u32 i, j, k, block;

	for (i = 0; i < func->n_order; i++) {
		const struct code *code = &p->exec->code[block = func->order[i]];

		for (j = 0; j < code->n_stmts; j++) {
			const struct stmt *stmt = &code->stmts[j];

			if (stmt->kind == S_LOAD)
				continue;
			use(p, stmt->callee, block, j);
			for (k = 0; k < ARRAY_SIZE(stmt->args); k++)
				use(p, stmt->args[k], block, j);
		}
		use(p, code->condition, block, code->n_stmts);
	}
}

static void prepare(struct plan *p, struct values *values, struct exec *exec)
{
	u32 n = exec->func->n_insns + 1;

	*values = (struct values){ .exec = exec };
	values->load = alloc(n * sizeof(*values->load));
	values->load_kept = alloc(n);
	values->result_used = alloc(n * sizeof(*values->result_used));
	*p = (struct plan){ .values = values, .exec = exec };
	p->bit = alloc(n * sizeof(*p->bit));
	find_loads(p);
	find_repeatable(p);
}

void values_plan(struct values *values, struct exec *exec)
{
	struct plan p;

	prepare(&p, values, exec);
	use_all(&p);
}

bool values_can_repeat(struct exec *exec, u32 load, u32 insn)
{
	u32 block = exec->func->insns[insn].block, i;
	const struct code *code = &exec->code[block];
	struct values values;
	struct plan p;

	prepare(&p, &values, exec);
	if (!values.load[load])
		return false;
	/* Before what the instruction itself does. */
	for (i = 0; i < code->n_stmts; i++)
		if (code->stmts[i].insn == insn)
			break;
	if (i == code->n_stmts)
		for (i = 0; i < code->n_stmts; i++)
			if (!func_precedes(exec->func, code->stmts[i].insn, insn))
				break;
	return repeatable(&p, load, block, i);
}
