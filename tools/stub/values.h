/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which values need a variable in C, because they are not what they were when they are used:
 * results of calls, what several ways bring, and what is read before something may change it.
 */
#ifndef STUB_VALUES_H
#define STUB_VALUES_H

#include "exec.h"

struct variable {
	const struct expr *value;	/* E_LOAD: as its S_LOAD has it */
	/* By who writes it: */
	const char *name, *type;
	const char *inlined;		/* the call that it is the result of, where it is used */
	bool used;
};

struct values {
	struct exec *exec;
	struct variable *variables;
	u32 n_variables;
	/* By instruction: */
	const struct expr **load;	/* what its S_LOAD reads */
	bool *load_kept;		/* and needs a variable */
	u32 *result_used;		/* how often the result of its call is used */
};

void values_plan(struct values *values, struct exec *exec);

/* Would what instruction load has read be the same, if it were read at another one? */
bool values_can_repeat(struct exec *exec, u32 load, u32 insn);

/* The variable of an E_LOAD, E_RESULT or E_PHI; NULL if it has none. */
struct variable *values_variable(const struct values *values, const struct expr *e);

/* What an E_PHI is when its block is entered from another one (NO_BLOCK: first). */
const struct expr *phi_input(const struct exec *exec, const struct expr *phi, u32 from);

#endif /* STUB_VALUES_H */
