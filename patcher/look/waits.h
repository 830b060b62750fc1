/* SPDX-License-Identifier: GPL-2.0 */
/*
 * waits: what a task that sleeps inside a target waits for.
 */
#ifndef PATCHER_WAITS_H
#define PATCHER_WAITS_H

#include <linux/module.h>
#include <linux/sched.h>

enum patcher_wait_kind {
	PATCHER_WAIT_UNKNOWN,
	PATCHER_WAIT_COMPLETION,	/* wait_for_completion() and the like */
	PATCHER_WAIT_QUEUE,		/* wait_event(): schedule(), called by the target */
	PATCHER_WAIT_LOCK,		/* a mutex or a semaphore */
};

/**
 * struct patcher_wait - one wait
 * @kind: of which kind
 * @function: the kernel's function that the target has called, an address in it; 0: none
 * @object: the completion, wait queue, mutex or semaphore, if it lies in the target's own
 *	memory; 0: somewhere else, or not known
 */
struct patcher_wait {
	enum patcher_wait_kind kind;
	unsigned long function;
	unsigned long object;
};

void patcher_wait_find(struct patcher_wait *wait, struct task_struct *task,
		       const struct module *target, const unsigned long *frames,
		       unsigned int inner);
int patcher_wait_text(const struct patcher_wait *wait, char *text, size_t size);
bool patcher_wait_end(const struct patcher_wait *wait, struct task_struct *task);
bool patcher_wait_is_on(struct wait_queue_head *queue, const struct task_struct *task);
bool patcher_wait_unlink(void);

#endif /* PATCHER_WAITS_H */
