/* SPDX-License-Identifier: GPL-2.0 */
#ifndef STUB_PROOF_H
#define STUB_PROOF_H

#include "exec.h"

enum verdict {
	PROVEN,		/* the same calls and stores with the same arguments, in the same order */
	REORDERED,	/* the same, and the compiler has moved blocks */
	DIFFERS,
};

/*
 * proof(): compares what a stub's object file does with what a function of the target does.
 * The first difference is written to why.
 */
enum verdict proof(struct exec *target, const char *object, const char *function,
		   struct buffer *why);

/* proof_list(): prints each call and each store to a variable, a line each, for tools/stub/mine. */
void proof_list(struct exec *exec, const char *function);

#endif /* STUB_PROOF_H */
