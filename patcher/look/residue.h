/* SPDX-License-Identifier: GPL-2.0 */
/*
 * residue: what a sweep is told, and what it has found.
 */
#ifndef PATCHER_RESIDUE_H
#define PATCHER_RESIDUE_H

#include <linux/module.h>
#include <linux/types.h>

struct patcher_stub;

#define PATCHER_SWEEP_LINES	10
#define PATCHER_SWEEP_LINE	160
#define PATCHER_SWEEP_OWNS	10

/**
 * struct patcher_sweep_own - memory of the caller's that may point into the target
 * @start: where it begins
 * @size: in bytes
 */
struct patcher_sweep_own {
	const void *start;
	size_t size;
};

/**
 * struct patcher_sweep - what a sweep needs to know, and its result
 * @own: in: memory of the caller's that points into the target. The caller's stack, @sweep itself
 *	and rescues need not be told of
 * @owns: in: so many
 * @stub: in: its symbols are bound in the target; NULL: that of the rescue, if there is one
 * @brief: in: one look is enough; else memory is read until two looks in a row find the same:
 *	nothing, or something that has stayed, for up to some 20 s
 * @comes_again: in: another sweep is to come, so that what this one finds need not be certain: one
 *	look that finds something is enough
 * @is_live: in: the target is in use as ever; only what may have a reference on it counts
 * @target: whose
 * @found: how many words still point into it
 * @named: how many @lines are in use
 * @incomplete: there were more words than could be kept: @found is a lower bound, and never 0
 * @words: how many words pointed into it before they were told apart
 * @looks: how often memory was read
 * @has_settled: an RCU grace period had passed before the last time
 * @kbytes: how much of it the last time
 * @pass_us: how long that took
 * @total_us: how long all of it took
 * @lines: each says what still points where, without the target's name before it
 *
 * More than a page: allocated by the caller, with kvzalloc().
 */
struct patcher_sweep {
	struct patcher_sweep_own own[PATCHER_SWEEP_OWNS];
	unsigned int owns;
	const struct patcher_stub *stub;
	bool brief;
	bool is_live;
	bool comes_again;

	struct module *target;
	unsigned int found;
	unsigned int named;
	bool incomplete;
	unsigned int words;
	unsigned int looks;
	bool has_settled;
	unsigned long kbytes;
	unsigned int pass_us;
	unsigned int total_us;
	char lines[PATCHER_SWEEP_LINES][PATCHER_SWEEP_LINE];
};

/**
 * patcher_sweep_add_own - some memory is the caller's, or patcher's
 * @sweep: what is swept
 * @start: where it begins
 * @size: in bytes
 */
static inline void patcher_sweep_add_own(struct patcher_sweep *sweep, const void *start,
					 size_t size)
{
	if (sweep->owns == PATCHER_SWEEP_OWNS)
		return;
	sweep->own[sweep->owns].start = start;
	sweep->own[sweep->owns++].size = size;
}

#endif /* PATCHER_RESIDUE_H */
