/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A function of the target as a graph of blocks. Own functions that it calls may be made part
 * of it: each such call is a context of its own.
 */
#ifndef STUB_FUNC_H
#define STUB_FUNC_H

#include "elf.h"

enum insn_kind {
	I_PLAIN,
	I_NOTHING,	/* has no effect that matters: nop, the call of __fentry__ */
	I_JUMP,
	I_BRANCH,	/* taken or not, by a condition */
	I_KEY,		/* a static key: jump or not, as the kernel has patched it */
	I_CALL,
	I_TAIL,		/* a jump to another function: a call, and a return */
	I_RETURN,
	I_TRAP,		/* BUG(): nothing follows */
	I_WARN,		/* WARN(): goes on */
};

struct target {
	enum { T_NONE, T_EXT, T_OWN, T_INDIRECT } kind;
	u32 symbol;		/* T_EXT */
	struct place place;	/* T_OWN */
	s32 reg;		/* T_INDIRECT: the register that has it; -1: operand */
};

#define NO_INSN		(~0U)

struct insn {
	struct place place;
	u32 context;
	u32 length;
	enum insn_kind kind;
	struct target target;
	/* I_KEY */
	struct place key;	/* section 0: key_symbol */
	u32 key_symbol;
	bool key_inverted;	/* jumps if it is off */
	bool inlined;		/* a call whose callee follows as part of this function */
	bool returns;		/* to the function that this one was made part of */
	void *decoded;		/* the architecture's */
	u32 next[2];		/* what follows: next, or not taken; and taken. NO_INSN: none */
	u32 block;
};

struct context {
	u32 parent;
	u32 call;		/* the instruction that it was called from */
	u32 returns_to;		/* NO_INSN: returns where its parent does */
	struct place entry;
	u32 depth;
};

#define NO_BLOCK	(~0U)

struct block {
	u32 *insns;
	u32 n_insns;
	u32 next[2];		/* as of its last instruction */
	u32 *from;		/* its predecessors */
	u32 n_from;
	u32 order; /* its place in reverse postorder; NO_BLOCK if it cannot be reached */
	u32 dominator;
	bool loop;		/* the head of a loop */
};

struct func {
	const struct module *module;
	const struct arch *arch;
	struct place entry;
	struct insn *insns;
	u32 n_insns;
	struct context *contexts;
	u32 n_contexts;
	struct block *blocks;
	u32 n_blocks;
	u32 *order;		/* blocks in reverse postorder */
	u32 n_order;
	u32 first;		/* block where it begins */
	const char *trouble;	/* why it cannot be followed; NULL */
	/* Is the call of an own function to be followed, rather than to be called? */
	bool (*follow)(const struct func *func, struct place callee, void *data);
	void *follow_data;
};

/* func_build(): f->trouble says why it could not. */
struct func *func_build(const struct module *module, struct place entry,
			bool (*follow)(const struct func *func, struct place callee, void *data),
			void *data);

/* func_begin_at(): the same function, as if it began at an instruction. */
void func_begin_at(struct func *func, u32 insn);

/* func_regraph(): after next[] of blocks has been changed. */
void func_regraph(struct func *func);

/* Of two instructions of one block: does the first come before the second? */
bool func_precedes(const struct func *func, u32 first, u32 second);

bool func_dominates(const struct func *func, u32 above, u32 below);

/* The last instruction of a block. */
static inline struct insn *block_end(const struct func *func, const struct block *block)
{
	return &func->insns[block->insns[block->n_insns - 1]];
}

#endif /* STUB_FUNC_H */
