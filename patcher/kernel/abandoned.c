// SPDX-License-Identifier: GPL-2.0
/*
 * abandoned: parts of stacks to which no task will return.
 *
 * An evicted task leaves its frames behind: it has ended, or sleeps for ever further in. Its stack
 * is never freed, as others may have pointers to it (act/condemned.c). What lies there counts for
 * a sweep only if there is such a pointer (look/reach.c).
 */
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "kernel/abandoned.h"

/* Addresses are kept as complements, so that a sweep does not find them. */
struct patcher_abandoned {
	struct list_head node;
	unsigned long not_start;
	unsigned long not_end;
};

static LIST_HEAD(all_abandoned);
static DEFINE_SPINLOCK(abandoned_lock);

/**
 * patcher_abandoned_alloc - what patcher_abandoned_add() needs
 *
 * Context: may sleep.
 * Return: NULL if there is no memory.
 */
struct patcher_abandoned *patcher_abandoned_alloc(void)
{
	return kzalloc(sizeof(struct patcher_abandoned), GFP_KERNEL);
}

/**
 * patcher_abandoned_free - free what patcher_abandoned_alloc() returned
 * @abandoned: was not added
 */
void patcher_abandoned_free(struct patcher_abandoned *abandoned)
{
	kfree(abandoned);
}

/**
 * patcher_abandoned_add - note that a task does not return to a part of its stack
 * @abandoned: from patcher_abandoned_alloc()
 * @task: held for ever, and so is its stack
 * @start: where the part begins that it has left; it goes up to the end of the stack
 */
void patcher_abandoned_add(struct patcher_abandoned *abandoned, const struct task_struct *task,
			   unsigned long start)
{
	abandoned->not_start = ~start;
	abandoned->not_end = ~((unsigned long)task_stack_page(task) + THREAD_SIZE);
	spin_lock(&abandoned_lock);
	list_add(&abandoned->node, &all_abandoned);
	spin_unlock(&abandoned_lock);
}

/**
 * patcher_abandoned_find - is it in such a part?
 * @addr: an address
 * @part: out
 */
bool patcher_abandoned_find(unsigned long addr, struct patcher_abandoned_part *part)
{
	const struct patcher_abandoned *abandoned;
	bool found = false;

	spin_lock(&abandoned_lock);
	list_for_each_entry(abandoned, &all_abandoned, node) {
		if (addr < ~abandoned->not_start || addr >= ~abandoned->not_end)
			continue;
		part->start = ~abandoned->not_start;
		part->end = ~abandoned->not_end;
		found = true;
		break;
	}
	spin_unlock(&abandoned_lock);
	return found;
}

/**
 * patcher_abandoned_forget - free all notes
 *
 * Context: this module's exit; nobody else uses them any more.
 */
void patcher_abandoned_forget(void)
{
	struct patcher_abandoned *abandoned, *next;

	list_for_each_entry_safe(abandoned, next, &all_abandoned, node) {
		list_del(&abandoned->node);
		kfree(abandoned);
	}
}
