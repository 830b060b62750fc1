// SPDX-License-Identifier: GPL-2.0
/*
 * release: what a hung task waits for, told from the code around the place where it hangs.
 *
 * It hangs in a call that waits for an object of the target's: that is completed, raised, or
 * what it waits for in turn (a work, a thread) is looked at in the same way. Or it hangs in a
 * loop: then the condition that ends the loop is made true, if it reads a variable of the
 * target's, and who sleeps in it is woken.
 *
 * Only what can be read again at any time is used: the address of a variable, or what it has.
 */
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "died.h"
#include "made.h"
#include "release.h"

#define LOCKED		"who holds it has to be let go; do not unlock it here"
#define DEVICE		"a reference to the device is held or lost: dev_put() a lost one, once"
#define WORKS		"one of its works does not end: let go what that waits for"

/* Calls that wait for an object, the argument that it is, and what lets them go. */
static const struct wait {
	const char *function;
	u32 argument;
	const char *release;	/* is given the object; NULL: nothing can be said */
	const char *why;	/* then: what would help */
} waits[] = {
	{ "wait_for_completion", 1, "complete_all", NULL },
	{ "wait_for_completion_timeout", 1, "complete_all", NULL },
	{ "wait_for_completion_io", 1, "complete_all", NULL },
	{ "wait_for_completion_io_timeout", 1, "complete_all", NULL },
	{ "wait_for_completion_interruptible", 1, "complete_all", NULL },
	{ "wait_for_completion_interruptible_timeout", 1, "complete_all", NULL },
	{ "wait_for_completion_killable", 1, "complete_all", NULL },
	{ "wait_for_completion_killable_timeout", 1, "complete_all", NULL },
	{ "wait_for_completion_state", 1, "complete_all", NULL },
	{ "down", 1, "up", NULL },
	{ "down_interruptible", 1, "up", NULL },
	{ "down_killable", 1, "up", NULL },
	{ "down_timeout", 1, "up", NULL },
	{ "mutex_lock", 1, NULL, LOCKED },
	{ "mutex_lock_interruptible", 1, NULL, LOCKED },
	{ "mutex_lock_killable", 1, NULL, LOCKED },
	{ "rtnl_lock", 0, NULL, "who holds RTNL has to be let go" },
	{ "down_read", 1, NULL, LOCKED },
	{ "down_write", 1, NULL, LOCKED },
	{ "unregister_netdev", 1, NULL, DEVICE },
	{ "unregister_netdevice_queue", 1, NULL, DEVICE },
	{ "destroy_workqueue", 1, NULL, WORKS },
	{ "__flush_workqueue", 1, NULL, WORKS },
	{ "flush_workqueue", 1, NULL, WORKS },
	{ "synchronize_srcu", 1, NULL, "who is in its read side has to be let go" },
	{ "synchronize_rcu", 0, NULL, "some CPU or task does not leave its read side" },
	{ "rcu_barrier", 0, NULL, "some RCU callback is not called" },
};

/* Calls that wait for code of the target's to end. */
static const struct runs {
	const char *function;
	bool thread;
} of_own[] = {
	{ "flush_work", false }, { "cancel_work_sync", false }, { "__flush_work", false },
	{ "cancel_delayed_work_sync", false }, { "flush_delayed_work", false },
	{ "kthread_stop", true },
};

/* The wait queues of loops. */
static const char *const prepares[] = {
	"prepare_to_wait_event", "prepare_to_wait", "prepare_to_wait_exclusive",
	"add_wait_queue", "add_wait_queue_exclusive",
};

#define TASK_NORMAL		3	/* include/linux/sched.h */
#define WORK_FUNC		24	/* the offset of func in struct work_struct */
#define MAX_DEPTH		2

struct release {
	const struct module *module;
	const struct options *options;
	struct code out;
	u32 depth;
	u32 insn;		/* where it hangs */
};

static struct stmt *append(struct release *r, enum stmt_kind kind)
{
	struct code *code = &r->out;

	more(code->stmts, code->n_stmts);
	code->stmts[code->n_stmts] = (struct stmt){ .kind = kind, .insn = 0 };
	return &code->stmts[code->n_stmts++];
}

static void do_not_know(struct release *r, const char *why)
{
	struct stmt *stmt = append(r, S_UNKNOWN);

	stmt->why = why;
	stmt->insn = r->insn;
}

/* A value as it can be read again, by whoever and whenever; NULL if it cannot. */
static const struct expr *again(const struct expr *e)
{
	const struct expr *a, *b;

	switch (e->kind) {
	case E_INT:
	case E_ADDR:
	case E_EXT:
		return e;
	case E_LOAD:
		a = again(e->a);
		return a ? e_load(a, e->size, e->sign, 0) : NULL;
	case E_OP:
		if (e->op != OP_ADD && e->op != OP_SUB)
			return NULL;
		a = again(e->a);
		b = again(e->b);
		return a && b ? e_op(e->op, e->size, a, b) : NULL;
	default:
		return NULL;
	}
}

static void make_call(struct release *r, const char *function, const struct expr *object)
{
	struct stmt *stmt;
	u32 i;

	for (i = 0; i < r->out.n_stmts; i++)
		if (r->out.stmts[i].kind == S_CALL && !strcmp(r->out.stmts[i].name, function) &&
		    r->out.stmts[i].args[0] == object)
			return;
	stmt = append(r, S_CALL);
	stmt->name = function;
	stmt->target.kind = T_EXT;
	stmt->value = e_result(0);
	stmt->args[stmt->n_args++] = object;
	if (strcmp(function, "__wake_up"))
		return;
	stmt->args[stmt->n_args++] = e_int(TASK_NORMAL);
	stmt->args[stmt->n_args++] = e_int(0);
	stmt->args[stmt->n_args++] = e_int(0);
}

static const char *name_of(const struct func *func, const struct stmt *call)
{
	if (call->target.kind == T_EXT)
		return func->module->symbols[call->target.symbol].name;
	return NULL;
}

static struct exec *follow(const struct module *module, struct place entry,
			   bool (*leads)(const struct func *func, struct place callee, void *data),
			   void *data)
{
	struct exec *exec = alloc(sizeof(*exec));

	exec->n_args = stub_n_args;
	exec->data = (void *)module;
	exec->func = func_build(module, entry, leads, data);
	if (!exec->func->trouble)
		exec_run(exec, NULL);
	return exec->func->trouble ? NULL : exec;
}

/* Of a loop: its blocks; NULL if the head is that of none that has the block in it. */
static bool *loop_of(const struct func *func, u32 head, u32 block)
{
	bool *in = alloc(func->n_blocks + 1);
	u32 *work = alloc((func->n_blocks + 1) * sizeof(*work)), n = 0, i, at;

	if (!func->blocks[head].loop || !func_dominates(func, head, block))
		return NULL;
	in[head] = true;
	for (i = 0; i < func->blocks[head].n_from; i++) {
		at = func->blocks[head].from[i];
		if (func_dominates(func, head, at) && !in[at]) {
			in[at] = true;
			work[n++] = at;
		}
	}
	while (n) {
		at = work[--n];
		for (i = 0; i < func->blocks[at].n_from; i++) {
			u32 from = func->blocks[at].from[i];

			if (in[from] || !func_dominates(func, head, from))
				continue;
			in[from] = true;
			work[n++] = from;
		}
	}
	return in[block] ? in : NULL;
}

/* The innermost loop that a block is in; NULL if it is in none. */
static bool *innermost_loop(const struct func *func, u32 block)
{
	bool *in;
	u32 i;

	for (i = func->n_order; i; i--) {
		in = loop_of(func, func->order[i - 1], block);
		if (in)
			return in;
	}
	return NULL;
}

/* What is compared with a number: a variable, or bits of it; the number that makes it so. */
static bool make_true(struct release *r, const struct expr *condition)
{
	const struct expr *value, *load, *at, *mask = NULL;
	struct stmt *stmt;
	s64 number;

	if (condition->kind != E_OP || condition->op < OP_EQ || condition->op > OP_UGE ||
	    condition->b->kind != E_INT)
		return false;
	number = condition->b->value;
	load = condition->a;
	while (load->kind == E_OP && (load->op == OP_TRUNC || load->op == OP_SEXT))
		load = load->a;
	if (load->kind == E_OP && load->op == OP_AND && load->b->kind == E_INT) {
		mask = load->b;
		load = load->a;
	}
	if (load->kind != E_LOAD)
		return false;
	at = again(load->a);
	if (!at || at->kind == E_EXT)
		return false;
	if (at->kind == E_ADDR && !r->module->sections[at->where].writable)
		return false;
	if (mask) {
		/* x & BIT or not: the bit is set, or the bits are cleared. */
		if (number || (condition->op != OP_NE && condition->op != OP_EQ))
			return false;
		value = e_load(at, load->size, load->sign, 0);
		value = condition->op == OP_NE ?
			e_op(OP_OR, load->size, value, mask) :
			e_op(OP_AND, load->size, value, e_int(~mask->value));
	} else {
		switch (condition->op) {
		case OP_NE:
		case OP_GT:
		case OP_UGT:
			number++;
			break;
		case OP_LT:
			number--;
			break;
		case OP_ULT:
			if (!number)
				return false;
			number = 0;
			break;
		default:
			break;
		}
		value = e_trunc(e_int(number), load->size);
	}
	stmt = append(r, S_STORE);
	stmt->args[0] = at;
	stmt->args[1] = value;
	stmt->size = load->size;
	return true;
}

static bool leads_to_trap(const struct func *func, u32 block)
{
	return block_end(func, &func->blocks[block])->kind == I_TRAP;
}

/* The loop that a block is in, made to end. */
static bool end_loop(struct release *r, const struct exec *exec, u32 block)
{
	const struct func *func = exec->func;
	bool *in = innermost_loop(func, block), ended = false;
	u32 i, j, at, way;

	if (!in)
		return false;
	for (i = 0; i < func->n_order && !ended; i++) {
		const struct expr *condition = exec->code[at = func->order[i]].condition;

		if (!in[at] || !condition)
			continue;
		for (way = 0; way < 2 && !ended; way++) {
			u32 next = func->blocks[at].next[way];

			if (next != NO_BLOCK && !in[next] && !leads_to_trap(func, next))
				ended = make_true(r, way ? condition : e_not(condition));
		}
	}
	if (!ended)
		return false;
	for (i = 0; i < func->n_order; i++) {
		const struct code *code = &exec->code[at = func->order[i]];

		for (j = 0; in[at] && j < code->n_stmts; j++) {
			const struct stmt *stmt = &code->stmts[j];
			const char *name = stmt->kind == S_CALL ? name_of(func, stmt) : NULL;
			u32 k;

			for (k = 0; name && k < ARRAY_SIZE(prepares); k++)
				if (!strcmp(name, prepares[k]) && stmt->n_args &&
				    again(stmt->args[0]))
					make_call(r, "__wake_up", again(stmt->args[0]));
		}
	}
	return true;
}

/* The function at an address that a variable of the module's is initialised with. */
static bool initial_pointer(const struct module *module, const struct expr *at, s64 offset,
			    struct place *place)
{
	const struct reloc *reloc;
	const struct symbol *symbol;

	if (at->kind != E_ADDR)
		return false;
	reloc = module_reloc(module, at->where, at->value + offset, at->value + offset + 8);
	if (!reloc)
		return false;
	symbol = &module->symbols[reloc->symbol];
	*place = (struct place){ symbol->section, symbol->value + reloc->addend };
	return module_function_at(module, *place);
}

static bool follow_all(const struct func *func, struct place callee, void *data)
{
	(void)data;
	return module_function_at(func->module, callee);
}

/* The function of a work, as init has set it; or of a thread that init has kept there. */
static bool set_by_init(const struct module *module, const struct expr *object, bool thread,
			struct place *place)
{
	const struct symbol *init = module_symbol(module, "init_module");
	struct exec *exec;
	u32 i, j, k;

	exec = init ? follow(module, (struct place){ init->section, init->value }, follow_all, NULL)
		    : NULL;
	for (i = 0; exec && i < exec->func->n_order; i++) {
		const struct code *code = &exec->code[exec->func->order[i]];

		for (j = 0; j < code->n_stmts; j++) {
			const struct stmt *stmt = &code->stmts[j], *made;
			const struct expr *value = stmt->args[1], *at = stmt->args[0];

			if (stmt->kind != S_STORE || !again(at))
				continue;
			at = again(at);
			if (!thread && value->kind == E_ADDR &&
			    at == e_op(OP_ADD, 8, object, e_int(WORK_FUNC))) {
				*place = (struct place){ value->where, value->value };
				return module_function_at(module, *place);
			}
			if (!thread || object->kind != E_LOAD || at != object->a ||
			    value->kind != E_RESULT)
				continue;
			code = &exec->code[exec->func->insns[value->where].block];
			for (k = 0; k < code->n_stmts; k++) {
				made = &code->stmts[k];
				if (made->kind != S_CALL || made->value != value ||
				    !name_of(exec->func, made) ||
				    !starts(name_of(exec->func, made), "kthread_create") ||
				    made->args[0]->kind != E_ADDR)
					continue;
				*place = (struct place){ made->args[0]->where,
							 made->args[0]->value };
				return module_function_at(module, *place);
			}
			code = &exec->code[exec->func->order[i]];
		}
	}
	return false;
}

static bool let_go(struct release *r, const struct exec *exec, const struct stmt *call, bool say);

/* All that a function of the target's may wait in. */
static bool let_function_go(struct release *r, struct place place)
{
	struct exec *exec = follow(r->module, place, NULL, NULL);
	bool any = false;
	u32 i, j;

	if (!exec || r->depth == MAX_DEPTH)
		return false;
	r->depth++;
	for (i = 0; i < exec->func->n_order; i++) {
		u32 block = exec->func->order[i];
		const struct code *code = &exec->code[block];

		for (j = 0; j < code->n_stmts; j++)
			if (code->stmts[j].kind == S_CALL)
				any |= let_go(r, exec, &code->stmts[j], false);
	}
	r->depth--;
	return any;
}

static bool let_own_go(struct release *r, const char *name, const struct expr *object, bool thread,
		       bool say)
{
	const struct symbol *symbol;
	struct place place;

	if (!object || (!(!thread && initial_pointer(r->module, object, WORK_FUNC, &place)) &&
			!set_by_init(r->module, object, thread, &place))) {
		if (say)
			do_not_know(r, text("it waits in %s(), for it is not known which function",
					    name));
		return false;
	}
	if (let_function_go(r, place))
		return true;
	symbol = module_function_at(r->module, place);
	if (say)
		do_not_know(r, text("it waits in %s(), for %s() to end: let go what that waits for",
				    name, symbol->name));
	return false;
}

/* A call that a task hangs in; say: or an #error. */
static bool let_go(struct release *r, const struct exec *exec, const struct stmt *call, bool say)
{
	const char *name = name_of(exec->func, call);
	const struct expr *object = NULL;
	size_t i;

	for (i = 0; name && i < ARRAY_SIZE(of_own); i++)
		if (!strcmp(of_own[i].function, name))
			return let_own_go(r, name, call->n_args ? again(call->args[0]) : NULL,
					  of_own[i].thread, say);
	for (i = 0; name && i < ARRAY_SIZE(waits); i++)
		if (!strcmp(waits[i].function, name))
			break;
	if (!name || i == ARRAY_SIZE(waits))
		return false;
	if (waits[i].argument && call->n_args >= waits[i].argument)
		object = again(call->args[waits[i].argument - 1]);
	if (waits[i].release && object) {
		make_call(r, waits[i].release, object);
		return true;
	}
	if (say)
		do_not_know(r, waits[i].release ?
			    text("it waits in %s(), for an object that no variable leads to",
				 name) :
			    text("it waits in %s(): %s", name, waits[i].why));
	return false;
}

struct frames {
	struct place places[32];
	const struct symbol *symbols[32];
	u32 n;
	bool in_call;	/* the innermost is in a function of the kernel's */
};

static bool has_frame(const struct func *func, struct place callee, void *data)
{
	const struct frames *frames = data;
	u32 i;

	(void)func;
	for (i = 0; i < frames->n; i++)
		if (frames->symbols[i]->section == callee.section &&
		    frames->symbols[i]->value == callee.offset)
			return true;
	return false;
}

/* The call that returns to a place, or else the instruction that is there; NO_INSN. */
static u32 find(const struct func *func, const struct frames *frames)
{
	struct place place = frames->places[0];
	u32 i, found = NO_INSN;

	for (i = 0; i < func->n_insns; i++) {
		const struct insn *insn = &func->insns[i];

		if (insn->place.section != place.section || insn->block == NO_BLOCK ||
		    func->blocks[insn->block].order == NO_BLOCK)
			continue;
		if (insn->kind == I_CALL && insn->place.offset + insn->length == place.offset)
			return i;
		if (!frames->in_call && insn->place.offset == place.offset)
			found = i;
	}
	return found;
}

static void read_frames(const struct module *module, const struct options *options,
			struct frames *frames, struct released *released)
{
	const struct symbol *symbol;
	u32 i;

	for (i = 0; i < options->n_died_at && frames->n < ARRAY_SIZE(frames->places); i++) {
		struct place place = died_place(module, options->died_at[i], &symbol);

		if (!symbol) {
			frames->in_call |= !frames->n;
			continue;
		}
		if (!frames->n)
			released->where = options->died_at[i];
		frames->symbols[frames->n] = symbol;
		frames->places[frames->n++] = place;
	}
	if (!options->n_died_at)
		fail("--release needs the place where it hangs: --died-at, --log, or a loaded one");
	if (!frames->n)
		fail("'%s' is not in %s", options->died_at[0], module->name);
}

/* The function where it hangs: as part of exit or init, or by itself. */
static struct exec *find_exec(const struct module *module, struct frames *frames, u32 *insn)
{
	static const char *const entries[] = { "cleanup_module", "init_module" };
	const struct symbol *entry;
	struct exec *exec;
	u32 i;

	for (i = 0; i <= ARRAY_SIZE(entries); i++) {
		entry = i < ARRAY_SIZE(entries) ? module_symbol(module, entries[i])
						: frames->symbols[0];
		exec = entry ? follow(module, (struct place){ entry->section, entry->value },
				      has_frame, frames) : NULL;
		*insn = exec ? find(exec->func, frames) : NO_INSN;
		if (*insn != NO_INSN)
			return exec;
	}
	return NULL;
}

struct exec *release_follow(const struct module *module, const struct options *options,
			    struct released *released)
{
	struct release r = { .module = module, .options = options };
	const struct stmt *call = NULL;
	const struct code *code;
	struct frames *frames = alloc(sizeof(*frames));
	const char *name = NULL;
	struct exec *exec;
	u32 insn, i;

	*released = (struct released){};
	read_frames(module, options, frames, released);
	exec = find_exec(module, frames, &insn);
	if (!exec)
		fail("it cannot hang at %s: no instruction of it is there", released->where);
	r.insn = insn;
	code = &exec->code[exec->func->insns[insn].block];
	for (i = 0; i < code->n_stmts; i++)
		if (code->stmts[i].insn == insn && code->stmts[i].kind == S_CALL)
			call = &code->stmts[i];
	if (call)
		name = name_of(exec->func, call);
	released->in = name ? text("%s()", name) : "a loop";
	if (call && let_go(&r, exec, call, false))
		return exec_made(exec, &r.out);
	if (end_loop(&r, exec, exec->func->insns[insn].block)) {
		released->in = name ? text("%s(), in a loop", name) : "a loop";
		return exec_made(exec, &r.out);
	}
	if (call)
		let_go(&r, exec, call, true);
	if (!r.out.n_stmts)
		do_not_know(&r, text("it hangs in %s, and what lets it go is not in the code",
				     released->in));
	return exec_made(exec, &r.out);
}
