// SPDX-License-Identifier: GPL-2.0
/*
 * made: functions that are made of statements, in place of code that was read.
 */
#include <string.h>

#include "made.h"

struct exec *exec_made(const struct exec *of, const struct code *code)
{
	struct exec *exec = alloc(sizeof(*exec));
	struct func *func = alloc(sizeof(*func));
	u32 i;

	*func = *of->func;
	func->blocks = alloc(sizeof(*func->blocks));
	func->blocks[0] = (struct block){ .insns = alloc(sizeof(u32)), .n_insns = 1,
					  .next = { NO_BLOCK, NO_BLOCK } };
	func->n_blocks = 1;
	func->n_order = 1;
	func->order = alloc(sizeof(u32));
	func->first = 0;
	/* So that results are found in the block. */
	func->insns = alloc((func->n_insns + 1) * sizeof(*func->insns));
	memcpy(func->insns, of->func->insns, func->n_insns * sizeof(*func->insns));
	for (i = 0; i < func->n_insns; i++)
		func->insns[i].block = 0;
	exec->func = func;
	exec->arch = func->arch;
	exec->code = alloc(sizeof(*exec->code));
	exec->code[0] = *code;
	exec->initial = of->initial;
	return exec;
}
