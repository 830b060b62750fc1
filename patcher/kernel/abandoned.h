/* SPDX-License-Identifier: GPL-2.0 */
/*
 * abandoned: parts of stacks to which no task will return.
 */
#ifndef PATCHER_ABANDONED_H
#define PATCHER_ABANDONED_H

#include <linux/sched.h>
#include <linux/types.h>

struct patcher_abandoned;

/**
 * struct patcher_abandoned_part - one such part
 * @start: where it begins
 * @end: what is behind it
 */
struct patcher_abandoned_part {
	unsigned long start;
	unsigned long end;
};

struct patcher_abandoned *patcher_abandoned_alloc(void);
void patcher_abandoned_free(struct patcher_abandoned *abandoned);
void patcher_abandoned_add(struct patcher_abandoned *abandoned, const struct task_struct *task,
			   unsigned long start);
bool patcher_abandoned_find(unsigned long addr, struct patcher_abandoned_part *part);
void patcher_abandoned_forget(void);

#endif /* PATCHER_ABANDONED_H */
