/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Carries a function out with expressions for values, and notes what it does: a list of
 * statements for each block, and the condition at its end.
 */
#ifndef STUB_EXEC_H
#define STUB_EXEC_H

#include "expr.h"
#include "func.h"

struct slot {
	s64 offset;
	u32 size;
	const struct expr *value;
};

struct state {
	const struct expr *reg[40];	/* MAX_REGS */
	struct slot *slots;		/* the stack, by offset */
	u32 n_slots;
	bool valid;
};

enum stmt_kind {
	S_CALL,
	S_ATOMIC,	/* a locked instruction: args[0] is the place, args[1] the operand */
	S_STORE,	/* args[1] to args[0] */
	S_LOAD,		/* where an E_LOAD reads; value is that */
	S_SKIPPED,	/* a call that only tells: printk() and the like; why is its name */
	S_WARN,
	S_TRAP,
	S_UNKNOWN,	/* why says what was not understood */
};

enum atomic { A_ADD, A_AND, A_OR, A_XOR, A_XCHG, A_BTS, A_BTR };

#define MAX_ARGS	12
/* More than any function has: and others that its prototype does not name. */
#define VARIADIC	100

struct stmt {
	enum stmt_kind kind;
	u32 insn;
	struct target target;		/* S_CALL */
	const char *name;		/* of the callee, if the target does not call it itself */
	const struct expr *callee;	/* of an indirect one */
	enum atomic atomic;
	const struct expr *args[MAX_ARGS];
	u32 n_args;
	u32 size;			/* S_STORE, S_ATOMIC */
	const struct expr *value;	/* S_LOAD; S_CALL and S_ATOMIC: the result */
	const char *why;
};

struct code {
	struct stmt *stmts;
	u32 n_stmts;
	const struct expr *condition;	/* when next[1] of the block is taken; NULL: no branch */
	struct state out;
	bool done;			/* left out: done before it died */
};

struct exec {
	struct func *func;
	const struct arch *arch;
	struct state state;
	struct state initial;
	struct state *in;		/* for each block */
	struct code *code;		/* for each block */
	u32 insn;			/* the present one */
	bool noting;
	/* Locals whose address leaves the function: they are memory, from and to. */
	s64 local_from, local_to;
	bool locals;
	bool locals_lost;	/* what they had is not known */
	/*
	 * How many arguments a target takes; VARIADIC is added if there may be more, -1: not
	 * known. callee: of an indirect call.
	 */
	int (*n_args)(const struct target *target, const struct expr *callee, void *data);
	void *data;
};

/* exec_run(): from initial, the state where the function begins, or NULL for a call. */
void exec_run(struct exec *exec, const struct state *initial);

/* exec_state_after(): what the registers have after an instruction; after exec_run(). */
struct state exec_state_after(struct exec *exec, u32 insn);

/* For the architectures. */
const struct expr *exec_get(const struct exec *exec, u32 reg);
void exec_set(struct exec *exec, u32 reg, const struct expr *value);
const struct expr *exec_load(struct exec *exec, const struct expr *at, u32 size, bool sign);
void exec_store(struct exec *exec, const struct expr *at, u32 size, const struct expr *value);
const struct expr *exec_atomic(struct exec *exec, enum atomic atomic, const struct expr *at,
			       u32 size, const struct expr *value);
void exec_unknown(struct exec *exec, const char *why);

/* The address that a relocation of the present instruction stands for. */
const struct expr *exec_reloc(const struct exec *exec, const struct reloc *reloc, s64 add);

/* Does the call only tell, so that it can be left out? */
bool call_only_tells(const char *name);
bool call_never_returns(const char *name);

#endif /* STUB_EXEC_H */
