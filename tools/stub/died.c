// SPDX-License-Identifier: GPL-2.0
/*
 * died: what is left to be done of a function that died half way.
 *
 * The function is carried out as a whole, so that it is known what the registers had where it
 * died. Then it is carried out again, from the next instruction on. What had been read from
 * memory before is read again, if nothing in between may have changed it; what else the
 * registers had only the oops tells.
 *
 * The innermost place is the instruction that faulted; the others are return addresses. If
 * the innermost is in a function of the kernel's, the call of it is neither done nor redone.
 */
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "died.h"

#define MAX_FRAMES	32

struct frame {
	const struct symbol *symbol;	/* NULL: not the target's */
	struct place place;
	const char *text;
};

struct search {
	const struct module *module;
	struct frame frames[MAX_FRAMES];
	u32 n;			/* of the target's, innermost first */
	bool in_call;		/* the innermost is a return address too */
};

/* FUNC+0xOFF or FUNC+0xOFF/0xLEN, as an oops has it */
static struct frame parse(const struct module *module, const char *what)
{
	struct frame frame = { .text = what };
	const char *plus = strrchr(what, '+');
	const struct symbol *symbol;
	char *end;
	u64 offset;
	u32 i, n = 0;

	if (!plus || plus == what || strncmp(plus, "+0x", 3))
		fail("'%s' is no place: FUNCTION+0xOFFSET, as the oops has it", what);
	offset = strtoul(plus + 3, &end, 16);
	if (*end && *end != '/' && *end != ' ')
		fail("'%s' is no place: FUNCTION+0xOFFSET, as the oops has it", what);
	for (i = 0; i < module->n_symbols; i++) {
		symbol = &module->symbols[i];
		if (!symbol->section || strlen(symbol->name) != (size_t)(plus - what) ||
		    strncmp(symbol->name, what, plus - what) ||
		    !module->sections[symbol->section].code)
			continue;
		frame.symbol = symbol;
		n++;
	}
	if (n > 1)
		fail("several functions are called %s", frame.symbol->name);
	if (!n)
		return frame;
	if (offset > frame.symbol->size)
		fail("%s is no longer than 0x%lx: '%s' is of another file", frame.symbol->name,
		     frame.symbol->size, what);
	frame.place = (struct place){ frame.symbol->section, frame.symbol->value + offset };
	return frame;
}

struct place died_place(const struct module *module, const char *what,
			const struct symbol **symbol)
{
	struct frame frame = parse(module, what);

	*symbol = frame.symbol;
	return frame.place;
}

static void read_places(struct search *search, const struct options *options)
{
	struct frame frame;
	u32 i;

	for (i = 0; i < options->n_died_at && search->n < MAX_FRAMES; i++) {
		frame = parse(search->module, options->died_at[i]);
		if (!frame.symbol && search->n)
			fail("'%s' is not in %s", frame.text, search->module->name);
		if (!frame.symbol)
			search->in_call = true;
		else
			search->frames[search->n++] = frame;
	}
	if (!search->n)
		fail("'%s' is not in %s", options->died_at[0], search->module->name);
}

static bool holds(const struct symbol *symbol, struct place place)
{
	return symbol->section == place.section && symbol->value <= place.offset &&
	       place.offset - symbol->value < symbol->size;
}

/* Is the call one that leads to where it died? Then the callee is made part of the function. */
static bool leads_there(const struct func *func, struct place callee, void *data)
{
	const struct search *search = data;
	struct stub probe = { .module = func->module };
	struct binding *binding;
	const char *why;
	s64 offset;
	u32 i;

	for (i = 0; i < search->n; i++)
		if (holds(search->frames[i].symbol, callee))
			return true;
	return !stub_reach(&probe, callee, &binding, &offset, &why);
}

/* Do the calls that an instruction is reached by return to where the frames say? */
static bool has_frames(const struct search *search, const struct func *func, u32 insn)
{
	u32 context = func->insns[insn].context, i = 1;

	while (context) {
		const struct insn *call = &func->insns[func->contexts[context].call];

		context = func->contexts[context].parent;
		if (call->kind == I_TAIL)
			continue;
		/* Not given: anything will do. */
		if (i >= search->n)
			continue;
		if (call->place.section != search->frames[i].place.section ||
		    call->place.offset + call->length != search->frames[i].place.offset)
			return false;
		i++;
	}
	return i >= search->n;
}

static u32 find(const struct search *search, const struct func *func)
{
	struct place place = search->frames[0].place;
	u32 i, found = NO_INSN;

	for (i = 0; i < func->n_insns; i++) {
		const struct insn *insn = &func->insns[i];
		u64 at = insn->place.offset + (search->in_call ? insn->length : 0);

		if (insn->place.section != place.section || at != place.offset ||
		    insn->block == NO_BLOCK || func->blocks[insn->block].order == NO_BLOCK)
			continue;
		if (search->in_call && insn->kind != I_CALL && insn->kind != I_TAIL)
			continue;
		if (!has_frames(search, func, i))
			continue;
		if (found != NO_INSN)
			fail("several ways lead to %s: give all places of the call trace",
			     search->frames[0].text);
		found = i;
	}
	if (found == NO_INSN)
		fail("it cannot have died at %s: %s", search->frames[0].text, search->in_call ?
		     "no call returns there" : "no instruction of it is there");
	return found;
}

static const char *callee_name(const struct func *func, const struct insn *insn)
{
	const struct symbol *symbol;

	if (insn->target.kind == T_EXT)
		return func->module->symbols[insn->target.symbol].name;
	if (insn->target.kind != T_OWN)
		return "a function through a pointer";
	symbol = module_function_at(func->module, insn->target.place);
	return symbol ? symbol->name : "a function without a name";
}

static void note_done(struct exec *exec, u32 insn, struct died *died)
{
	const struct func *func = exec->func;
	u32 block = func->insns[insn].block, i, j;

	for (i = 0; i < func->n_order; i++) {
		const struct code *code = &exec->code[func->order[i]];

		if (!func_dominates(func, func->order[i], block))
			continue;
		for (j = 0; j < code->n_stmts; j++) {
			if (func->order[i] == block &&
			    !func_precedes(func, code->stmts[j].insn, insn))
				return;
			if (code->stmts[j].kind != S_CALL)
				continue;
			more(died->done, died->n_done);
			died->done[died->n_done++] =
				callee_name(func, &func->insns[code->stmts[j].insn]);
		}
	}
}

/* The next instruction that is to be carried out; NO_INSN if there is none. */
static u32 next_of(const struct func *func, u32 insn)
{
	const struct insn *at = &func->insns[insn];
	const struct block *block = &func->blocks[at->block], *above;

	if (at->kind != I_TRAP)
		return at->next[0];
	/* if (x) BUG(); the other way. */
	if (block->n_from != 1)
		return NO_INSN;
	above = &func->blocks[block->from[0]];
	if (above->next[1] == NO_BLOCK)
		return NO_INSN;
	at = block_end(func, above);
	return func->insns[at->next[0]].block == func->insns[insn].block ? at->next[1]
									 : at->next[0];
}

struct keep {
	struct exec *exec;
	u32 insn;
	bool lost;
};

static void see_lost(const struct expr *e, void *data)
{
	struct keep *keep = data;

	if (e->kind == E_RESULT || e->kind == E_PHI ||
	    (e->kind == E_LOAD && (e->where == keep->insn ||
				   !values_can_repeat(keep->exec, e->where, keep->insn))))
		keep->lost = true;
}

/* What can still be told of a value that a register had. */
static const struct expr *kept(struct exec *exec, u32 insn, const struct expr *value)
{
	struct keep keep = { .exec = exec, .insn = insn };

	e_walk(value, see_lost, &keep);
	return keep.lost ? e_unknown("a value from before it died, which only the oops has")
			 : value;
}

static struct state state_after(struct exec *exec, u32 insn)
{
	struct state state = exec_state_after(exec, insn);
	u32 i;

	for (i = 0; i < exec->arch->n_regs; i++)
		state.reg[i] = kept(exec, insn, state.reg[i]);
	for (i = 0; i < state.n_slots; i++)
		state.slots[i].value = kept(exec, insn, state.slots[i].value);
	return state;
}

struct exec *died_follow(const struct module *module, struct place entry,
			 const struct options *options, struct died *died)
{
	struct exec *exec = alloc(sizeof(*exec)), *rest = alloc(sizeof(*rest));
	struct search *search = alloc(sizeof(*search));
	struct state state;
	u32 insn, next;

	search->module = module;
	read_places(search, options);
	exec->n_args = stub_n_args;
	exec->data = (void *)module;
	exec->func = func_build(module, entry, leads_there, search);
	if (!exec->func->trouble)
		exec_run(exec, NULL);
	if (exec->func->trouble)
		fail("its exit %s", exec->func->trouble);
	insn = find(search, exec->func);
	died->where = search->frames[0].text;
	if (search->in_call)
		died->in = callee_name(exec->func, &exec->func->insns[insn]);
	note_done(exec, insn, died);
	next = next_of(exec->func, insn);
	if (next == NO_INSN) {
		died->nothing_left = true;
		return exec;
	}
	state = state_after(exec, insn);
	*rest = *exec;
	/* What a local variable had is gone with the task. */
	rest->locals_lost = exec->locals;
	rest->locals = false;
	func_begin_at(rest->func, next);
	exec_run(rest, &state);
	if (rest->func->trouble)
		fail("its exit %s", rest->func->trouble);
	return rest;
}
