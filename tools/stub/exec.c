// SPDX-License-Identifier: GPL-2.0
/*
 * exec: carries a function out with expressions for values.
 *
 * Where several ways meet with different values, the value is one of its own (E_PHI). This is
 * repeated until nothing changes; a last round notes the statements.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"

/* Each round makes at least one value of a block an E_PHI, and those are few. */
#define MAX_ROUNDS	200
/* A slot of the stack as a register's number, in E_PHI. */
#define SLOT		0x10000

static const char *const only_tell[] = {
	"_printk", "printk", "__dynamic_pr_debug", "__dynamic_dev_dbg", "__dynamic_netdev_dbg",
	"__dynamic_ibdev_dbg", "_dev_info", "_dev_err", "_dev_warn", "_dev_notice", "_dev_crit",
	"_dev_printk", "_dev_emerg", "_dev_alert", "netdev_info", "netdev_err", "netdev_warn",
	"netdev_printk", "netdev_notice", "__warn_printk", "dump_stack", "__drm_dev_dbg",
	"__drm_err", "drm_dev_printk", "__drm_dbg", "___drm_dbg", "print_hex_dump",
	"__might_sleep", "__might_resched", "__might_fault", "__SCT__cond_resched",
	"__SCT__might_resched", "__cond_resched", "__trace_bprintk", "__trace_bputs",
	"ftrace_vbprintk", "trace_printk", "__SCT__preempt_schedule",
	"__SCT__preempt_schedule_notrace", "rcu_read_unlock_strict", "__sanitizer_cov_trace_pc",
	"lockdep_rcu_suspicious", "acpi_ut_trace", "acpi_ut_exit", "bt_info", "bt_err", "bt_warn",
};

static const char *const never_return[] = {
	"panic",
	"__stack_chk_fail",
	"fortify_panic",
	"__fortify_panic",
	"do_exit",
	"usercopy_abort",
	"__module_put_and_kthread_exit",
	"module_put_and_kthread_exit",
	"kthread_complete_and_exit",
	"complete_and_exit",
	"__ubsan_handle_builtin_unreachable",
	"machine_restart",
};

static bool in_list(const char *name, const char *const *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(name, list[i]))
			return true;
	return false;
}

bool call_only_tells(const char *name)
{
	return in_list(name, only_tell, ARRAY_SIZE(only_tell));
}

bool call_never_returns(const char *name)
{
	return in_list(name, never_return, ARRAY_SIZE(never_return));
}

const struct expr *exec_get(const struct exec *x, u32 reg)
{
	return x->state.reg[reg];
}

void exec_set(struct exec *x, u32 reg, const struct expr *value)
{
	x->state.reg[reg] = value;
}

static struct stmt *note(struct exec *x, enum stmt_kind kind)
{
	struct code *code = &x->code[x->func->insns[x->insn].block];
	struct stmt *stmt;

	more(code->stmts, code->n_stmts);
	stmt = &code->stmts[code->n_stmts++];
	*stmt = (struct stmt){ .kind = kind, .insn = x->insn };
	return stmt;
}

void exec_unknown(struct exec *x, const char *why)
{
	if (x->noting)
		note(x, S_UNKNOWN)->why = why;
}

const struct expr *exec_reloc(const struct exec *x, const struct reloc *reloc, s64 add)
{
	const struct symbol *symbol = &x->func->module->symbols[reloc->symbol];

	add += reloc->addend;
	if (symbol->absolute)
		return e_int(symbol->value + add);
	if (!symbol->section)
		return e_ext(reloc->symbol, add);
	return e_addr(symbol->section, symbol->value + add);
}

/* The slot of the stack at an offset, or where it would be. */
static u32 slot_at(const struct state *state, s64 offset)
{
	u32 i;

	for (i = 0; i < state->n_slots; i++)
		if (state->slots[i].offset >= offset)
			break;
	return i;
}

static void remove_slots(struct state *state, s64 from, s64 to)
{
	u32 i, n = 0;

	for (i = 0; i < state->n_slots; i++)
		if (state->slots[i].offset + state->slots[i].size <= from ||
		    state->slots[i].offset >= to)
			state->slots[n++] = state->slots[i];
	state->n_slots = n;
}

static void set_slot(struct state *state, s64 offset, u32 size, const struct expr *value)
{
	struct slot *slots;
	u32 i;

	remove_slots(state, offset, offset + size);
	i = slot_at(state, offset);
	slots = alloc((state->n_slots + 1) * sizeof(*slots));
	memcpy(slots, state->slots, i * sizeof(*slots));
	slots[i] = (struct slot){ .offset = offset, .size = size, .value = value };
	memcpy(slots + i + 1, state->slots + i, (state->n_slots - i) * sizeof(*slots));
	state->slots = slots;
	state->n_slots++;
}

static bool is_local(const struct exec *x, s64 offset)
{
	return x->locals && offset >= x->local_from && offset < x->local_to;
}

static const struct expr *load_slot(const struct exec *x, s64 offset, u32 size, bool sign)
{
	u32 i = slot_at(&x->state, offset);
	const struct expr *value;

	if (i == x->state.n_slots || x->state.slots[i].offset != offset ||
	    x->state.slots[i].size < size)
		return e_unknown("what is on the stack");
	value = e_trunc(x->state.slots[i].value, size);
	return sign ? e_sext(value, size) : value;
}

/* What never changes can be read from the file. */
static const struct expr *constant(const struct exec *x, const struct expr *at, u32 size, bool sign)
{
	const struct module *module = x->func->module;
	const struct section *section;
	const struct reloc *reloc;
	u64 value = 0;

	if (at->kind != E_ADDR)
		return NULL;
	section = &module->sections[at->where];
	if (section->writable || section->code || !section->data ||
	    !starts(section->name, ".rodata") || at->value < 0 || (u64)at->value > section->size ||
	    section->size - at->value < size)
		return NULL;
	reloc = module_reloc(module, at->where, at->value, at->value + size);
	if (reloc)
		return size == 8 && reloc->offset == (u64)at->value ? exec_reloc(x, reloc, 0)
								    : NULL;
	memcpy(&value, section->data + at->value, size);
	return sign ? e_sext(e_int(value), size) : e_int(value);
}

/* The value that a function on whose stack nobody may write keeps there, and compares. */
static bool is_canary(const struct exec *x, const struct expr *at)
{
	const char *name;

	if (at->kind != E_PERCPU)
		return false;
	if (e_is_int(at->a, 40))
		return true;
	if (at->a->kind != E_EXT)
		return false;
	name = x->func->module->symbols[at->a->where].name;
	return !strcmp(name, "__stack_chk_guard") || !strcmp(name, "__ref_stack_chk_guard");
}

#define CANARY	0xca9a57UL

const struct expr *exec_load(struct exec *x, const struct expr *at, u32 size, bool sign)
{
	const struct expr *value;

	if (size > 8)
		return e_unknown("a load of more than 8 bytes");
	if (is_canary(x, at))
		return e_int(CANARY);
	if (at->kind == E_STACK && !is_local(x, at->value))
		return load_slot(x, at->value, size, sign);
	value = constant(x, at, size, sign);
	if (value)
		return value;
	value = e_load(at, size, sign, x->insn);
	if (x->noting)
		note(x, S_LOAD)->value = value;
	return value;
}

void exec_store(struct exec *x, const struct expr *at, u32 size, const struct expr *value)
{
	struct stmt *stmt;

	if (at->kind == E_STACK && (!is_local(x, at->value) || e_is_int(value, CANARY))) {
		set_slot(&x->state, at->value, size, value);
		return;
	}
	if (!x->noting)
		return;
	stmt = note(x, S_STORE);
	stmt->args[0] = at;
	stmt->args[1] = value;
	stmt->size = size;
}

const struct expr *exec_atomic(struct exec *x, enum atomic what, const struct expr *at, u32 size,
			       const struct expr *value)
{
	const struct expr *result = e_result(x->insn);
	struct stmt *stmt;

	if (x->noting) {
		stmt = note(x, S_ATOMIC);
		stmt->atomic = what;
		stmt->args[0] = at;
		stmt->args[1] = value;
		stmt->n_args = 2;
		stmt->size = size;
		stmt->value = result;
	}
	return e_trunc(result, size);
}

static const struct expr *argument(const struct exec *x, u32 i)
{
	if (i < x->arch->n_args)
		return x->state.reg[x->arch->args[i]];
	/* On the stack, above what the call itself will put there. */
	if (x->state.reg[x->arch->stack]->kind != E_STACK)
		return e_unknown("an argument on the stack");
	return load_slot(x, x->state.reg[x->arch->stack]->value + 8 * (i - x->arch->n_args), 8,
			 false);
}

static void note_call(struct exec *x, const struct insn *insn, int n_args,
		      const struct expr *callee)
{
	struct stmt *stmt = note(x, S_CALL);
	int i;

	stmt->target = insn->target;
	stmt->callee = callee;
	stmt->value = e_result(x->insn);
	if (n_args >= VARIADIC) {
		stmt->why = "it takes a variable number of arguments";
		n_args -= VARIADIC;
	}
	if (n_args < 0 || n_args > MAX_ARGS) {
		stmt->why = "its parameters are not known";
		n_args = 0;
	}
	stmt->n_args = n_args;
	for (i = 0; i < n_args; i++)
		stmt->args[i] = argument(x, i);
}

static void call(struct exec *x, const struct insn *insn)
{
	const struct expr *callee = NULL;
	const char *name = NULL;
	u32 i;

	if (insn->target.kind == T_EXT)
		name = x->func->module->symbols[insn->target.symbol].name;
	if (insn->target.kind == T_INDIRECT)
		callee = x->arch->callee(x, insn);
	if (x->noting && name && call_only_tells(name))
		note(x, S_SKIPPED)->why = name;
	else if (x->noting && !(name && call_never_returns(name)))
		note_call(x, insn, x->n_args(&insn->target, callee, x->data), callee);
	for (i = 0; i < x->arch->n_regs; i++)
		if (x->arch->clobbered[i])
			x->state.reg[i] = e_unknown("a register that a call has overwritten");
	x->state.reg[x->arch->result] = e_result(x->insn);
}

static void step(struct exec *x, u32 number)
{
	const struct insn *insn = &x->func->insns[number];

	x->insn = number;
	switch (insn->kind) {
	case I_CALL:
	case I_TAIL:
		if (!insn->inlined)
			call(x, insn);
		else if (insn->kind == I_CALL)
			x->arch->enter(x);
		if (insn->returns)
			x->arch->leave(x);
		break;
	case I_RETURN:
		if (insn->returns)
			x->arch->leave(x);
		break;
	case I_PLAIN:
		x->arch->step(x, insn);
		break;
	case I_TRAP:
	case I_WARN:
		if (x->noting)
			note(x, insn->kind == I_TRAP ? S_TRAP : S_WARN);
		break;
	default:
		break;
	}
}

static const struct expr *key_condition(const struct exec *x, const struct insn *insn)
{
	const struct expr *key = insn->key.section ?
		e_addr(insn->key.section, insn->key.offset) :
		e_ext(insn->key_symbol, insn->key.offset);
	const struct expr *on = e_op(OP_KEY, 8, key, NULL);

	(void)x;
	return insn->key_inverted ? e_not(on) : on;
}

static const struct expr *condition(struct exec *x, u32 block)
{
	const struct insn *end = block_end(x->func, &x->func->blocks[block]);

	if (x->func->blocks[block].next[1] == NO_BLOCK)
		return NULL;
	return end->kind == I_KEY ? key_condition(x, end) : x->arch->condition(x, end);
}

static struct state copy(const struct state *from)
{
	struct state to = *from;

	to.slots = alloc((to.n_slots + 1) * sizeof(*to.slots));
	if (to.n_slots)
		memcpy(to.slots, from->slots, to.n_slots * sizeof(*to.slots));
	return to;
}

/*
 * The value of a register where a block is entered: that which all ways bring, itself left out;
 * or one of its own. settled: what has become one stays one, so that this ends.
 */
static const struct expr *met(const struct expr *phi, const struct expr *now,
			      const struct expr **ways, u32 n, bool settled)
{
	const struct expr *value = NULL;
	u32 i;

	if (settled && now == phi)
		return phi;
	for (i = 0; i < n; i++) {
		if (ways[i] == phi)
			continue;
		if (!ways[i] || (value && value != ways[i]))
			return phi;
		value = ways[i];
	}
	return value ? value : phi;
}

static const struct expr *slot_value(const struct state *state, s64 offset, u32 size)
{
	u32 i = slot_at(state, offset);

	if (i == state->n_slots || state->slots[i].offset != offset || state->slots[i].size != size)
		return NULL;
	return state->slots[i].value;
}

/* The states that lead into a block, of those that are known yet. */
static u32 ways_into(const struct exec *x, u32 block, const struct state **states)
{
	const struct block *of = &x->func->blocks[block];
	u32 i, n = 0;

	if (block == x->func->first)
		states[n++] = &x->initial;
	for (i = 0; i < of->n_from; i++)
		if (x->code[of->from[i]].out.valid)
			states[n++] = &x->code[of->from[i]].out;
	return n;
}

/* enter_block(): has it changed what the block is entered with? */
static bool enter_block(struct exec *x, u32 block, bool settled)
{
	u32 n_from = x->func->blocks[block].n_from + 1, i, j, n;
	const struct state **states = alloc(n_from * sizeof(*states));
	const struct expr **ways = alloc(n_from * sizeof(*ways));
	struct state *in = &x->in[block], new = {};
	bool changed;

	n = ways_into(x, block, states);
	if (!n)
		return false;
	for (i = 0; i < x->arch->n_regs; i++) {
		for (j = 0; j < n; j++)
			ways[j] = states[j]->reg[i];
		new.reg[i] = met(e_phi(block, i), in->reg[i], ways, n, settled);
	}
	new.slots = alloc((states[0]->n_slots + 1) * sizeof(*new.slots));
	for (i = 0; i < states[0]->n_slots; i++) {
		struct slot slot = states[0]->slots[i];
		const struct expr *phi = e_phi(block, SLOT + (u32)(slot.offset & 0xffff));

		for (j = 0; j < n; j++) {
			ways[j] = slot_value(states[j], slot.offset, slot.size);
			if (!ways[j])
				break;
		}
		if (j < n)
			continue;
		slot.value = met(phi, in->valid ? slot_value(in, slot.offset, slot.size) : NULL,
				 ways, n, settled);
		new.slots[new.n_slots++] = slot;
	}
	new.valid = true;
	changed = !in->valid || memcmp(new.reg, in->reg, sizeof(new.reg)) ||
		new.n_slots != in->n_slots;
	for (i = 0; !changed && i < new.n_slots; i++)
		changed = new.slots[i].offset != in->slots[i].offset ||
			new.slots[i].value != in->slots[i].value;
	*in = new;
	return changed;
}

static void run_block(struct exec *x, u32 block)
{
	const struct block *of = &x->func->blocks[block];
	u32 i;

	x->state = copy(&x->in[block]);
	for (i = 0; i < of->n_insns; i++)
		step(x, of->insns[i]);
}

static bool one_round(struct exec *x, bool settled)
{
	bool changed = false;
	u32 i, block;

	for (i = 0; i < x->func->n_order; i++) {
		block = x->func->order[i];
		if (!enter_block(x, block, settled))
			continue;
		changed = true;
		run_block(x, block);
		x->code[block].out = x->state;
	}
	return changed;
}

static struct state at_entry(const struct exec *x)
{
	struct state state = { .valid = true };
	u32 i;

	for (i = 0; i < x->arch->n_regs; i++)
		state.reg[i] = e_param(i);
	state.reg[x->arch->stack] = e_stack(0);
	return state;
}

static void to_fixpoint(struct exec *x, const struct state *initial)
{
	u32 rounds = 0;

	x->noting = false;
	x->in = alloc((x->func->n_blocks + 1) * sizeof(*x->in));
	x->initial = initial ? copy(initial) : at_entry(x);
	x->initial.valid = true;
	x->code = alloc((x->func->n_blocks + 1) * sizeof(*x->code));
	while (one_round(x, rounds > MAX_ROUNDS / 4))
		if (++rounds == MAX_ROUNDS) {
			x->func->trouble = "cannot be followed: its values do not settle";
			return;
		}
}

static void note_all(struct exec *x)
{
	u32 i, block;

	x->noting = true;
	for (i = 0; i < x->func->n_order; i++) {
		block = x->func->order[i];
		run_block(x, block);
		x->code[block].condition = condition(x, block);
		x->code[block].out = x->state;
	}
}

/* Which addresses of locals leave the function? */
static void see_local(const struct expr *e, void *data)
{
	struct exec *x = data;

	if (e->kind != E_STACK)
		return;
	if (!x->locals || e->value < x->local_from)
		x->local_from = e->value;
	if (!x->locals || e->value >= x->local_to)
		x->local_to = e->value + 1;
	x->locals = true;
}

static void find_locals(struct exec *x)
{
	u32 i, j, k;

	for (i = 0; i < x->func->n_order; i++) {
		struct code *code = &x->code[x->func->order[i]];

		for (j = 0; j < code->n_stmts; j++)
			for (k = 0; k < code->stmts[j].n_args || k < 2; k++)
				e_walk(code->stmts[j].args[k], see_local, x);
	}
}

/* They reach up to the canary, if there is one, or to what has been saved. */
static void find_end_of_locals(struct exec *x)
{
	s64 end = x->local_to + 64;
	u32 i, j;

	for (i = 0; i < x->func->n_order; i++) {
		const struct state *out = &x->code[x->func->order[i]].out;

		for (j = 0; j < out->n_slots; j++) {
			const struct expr *value = out->slots[j].value;

			if (out->slots[j].offset < x->local_to || out->slots[j].offset >= end)
				continue;
			if (e_is_int(value, CANARY) || value->kind == E_PARAM)
				end = out->slots[j].offset;
		}
	}
	x->local_to = end < 0 ? end : 0;
}

void exec_run(struct exec *x, const struct state *initial)
{
	x->arch = x->func->arch;
	to_fixpoint(x, initial);
	note_all(x);
	find_locals(x);
	if (!x->locals)
		return;
	find_end_of_locals(x);
	to_fixpoint(x, initial);
	note_all(x);
}

struct state exec_state_after(struct exec *x, u32 insn)
{
	const struct block *of = &x->func->blocks[x->func->insns[insn].block];
	u32 i;

	x->noting = false;
	x->state = copy(&x->in[x->func->insns[insn].block]);
	for (i = 0; i < of->n_insns; i++) {
		step(x, of->insns[i]);
		if (of->insns[i] == insn)
			break;
	}
	return x->state;
}
