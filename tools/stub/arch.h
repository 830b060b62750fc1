/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an architecture knows: how its instructions are decoded, and what each does. One file
 * an architecture, and a line in arch.c's table.
 */
#ifndef STUB_ARCH_H
#define STUB_ARCH_H

#include "exec.h"
#include "func.h"

/* Registers of all kinds, flags included. */
#define MAX_REGS	40

struct arch {
	u16 machine;		/* EM_ of <elf.h> */
	const char *name;
	u32 n_regs;
	u8 args[8];		/* the registers of the arguments */
	u32 n_args;
	u32 result, stack;
	bool clobbered[MAX_REGS];	/* by a call */

	/* What there is at insn->place: its length, kind and target. False: cannot be decoded. */
	bool (*decode)(const struct module *module, struct insn *insn);
	/* Carries it out; not for calls, jumps and returns. */
	void (*step)(struct exec *exec, const struct insn *insn);
	/* Of a branch: when it is taken. */
	const struct expr *(*condition)(struct exec *exec, const struct insn *insn);
	/* Whom an indirect call calls. */
	const struct expr *(*callee)(struct exec *exec, const struct insn *insn);
	/* An own function that is followed: what the call and the return do to the stack. */
	void (*enter)(struct exec *exec);
	void (*leave)(struct exec *exec);
	/* Of the instruction, for messages. */
	const char *(*text)(const struct insn *insn);
};

/* fail() if there is none. */
const struct arch *arch_of(const struct module *module);

extern const struct arch arch_x86;

#endif /* STUB_ARCH_H */
