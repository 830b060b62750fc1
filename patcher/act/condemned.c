// SPDX-License-Identifier: GPL-2.0
/*
 * condemned: which tasks are not to run the target's code again, and what becomes of them.
 *
 * Others may have pointers to a task that was evicted: the target to its thread, for
 * kthread_stop(); a mutex that it holds to its owner; a list to something on its stack. So its
 * task_struct and stack, held when it was condemned, are never given back.
 */
#include <linux/err.h>
#include <linux/kmemleak.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "act/condemned.h"
#include "kernel/abandoned.h"
#include "kernel/ksym.h"

/*
 * A worker must not end: its pool, or the process that it works for, would wait for it for ever.
 */
static bool is_to_be_parked(const struct patcher_occupant *who)
{
	return who->kind == PATCHER_WORKER;
}

/**
 * patcher_condemned_new - condemn a task; it is not diverted yet
 * @who: the task
 * @target: pinned for as long as it is condemned
 * @name: its name, for the log
 *
 * Context: process context, may sleep.
 * Return: the task, or an ERR_PTR(): -ENOMEM; -ESRCH if it has gone; -EBUSY if another rescue has
 * condemned it.
 */
struct patcher_condemned *patcher_condemned_new(const struct patcher_occupant *who,
						struct module *target, const char *name)
{
	struct patcher_condemned *condemned;
	int err = -ESRCH;

	condemned = kzalloc(sizeof(*condemned), GFP_KERNEL);
	if (!condemned)
		return ERR_PTR(-ENOMEM);
	condemned->abandoned = patcher_abandoned_alloc();
	if (!condemned->abandoned) {
		kfree(condemned);
		return ERR_PTR(-ENOMEM);
	}
	if (!try_get_task_stack(who->task))
		goto err_free;
	condemned->parks = is_to_be_parked(who);
	err = -EBUSY;
	if (condemned->parks && !try_module_get(THIS_MODULE))
		goto err_put_stack;
	condemned->diversion.task = who->task;
	condemned->diversion.module = target;
	err = patcher_divert_add(&condemned->diversion);
	if (err)
		goto err_put_module;
	get_task_struct(who->task);
	atomic_set(&condemned->fate, PATCHER_CONDEMNED);
	condemned->pid = who->pid;
	strscpy(condemned->comm, who->comm, sizeof(condemned->comm));
	strscpy(condemned->target, name, sizeof(condemned->target));
	return condemned;

err_put_module:
	if (condemned->parks)
		module_put(THIS_MODULE);
err_put_stack:
	patcher_put_task_stack(who->task);
err_free:
	patcher_abandoned_free(condemned->abandoned);
	kfree(condemned);
	return ERR_PTR(err);
}

/**
 * patcher_condemned_pardon - a task is not condemned any more
 * @condemned: the task; not diverted
 *
 * Context: process context.
 */
void patcher_condemned_pardon(struct patcher_condemned *condemned)
{
	struct task_struct *task = condemned->diversion.task;

	patcher_divert_del(&condemned->diversion);
	if (condemned->parks)
		module_put(THIS_MODULE);
	patcher_put_task_stack(task);
	put_task_struct(task);
	patcher_abandoned_free(condemned->abandoned);
	kfree(condemned);
}

/**
 * patcher_condemned_has_landed - has it come to where it ends?
 * @condemned: the task
 *
 * Context: any.
 */
bool patcher_condemned_has_landed(const struct patcher_condemned *condemned)
{
	return atomic_read(&condemned->fate) != PATCHER_CONDEMNED;
}

/**
 * patcher_condemned_is_landing - has it landed, and may still run in our text or the stub's?
 * @condemned: the task
 *
 * Context: process context.
 */
bool patcher_condemned_is_landing(struct patcher_condemned *condemned)
{
	/* Pairs with the release of the task: what it does after that is not ours. */
	switch (atomic_read_acquire(&condemned->fate)) {
	case PATCHER_LANDED:
		/* It was not exiting when it was diverted: so it has died in the hook. */
		if (!(READ_ONCE(condemned->diversion.task->flags) & PF_EXITING))
			return true;
		atomic_set(&condemned->fate, PATCHER_ENDED);
		return false;
	case PATCHER_ENDING:
		if (!patcher_divert_is_at_its_end(condemned->diversion.task))
			return true;
		atomic_set(&condemned->fate, PATCHER_ENDED);
		return false;
	default:
		return false;
	}
}

/* What the task has left of its stack: one that is parked is still on it, further in. */
static unsigned long abandoned_from(const struct patcher_condemned *condemned)
{
	const struct patcher_diversion *diversion = &condemned->diversion;

	if (atomic_read(&condemned->fate) == PATCHER_PARKED)
		return (unsigned long)diversion->places[diversion->depth - 1].slot;
	return (unsigned long)task_stack_page(diversion->task);
}

/**
 * patcher_condemned_free - forget a task that has ended, or was parked
 * @condemned: the task
 *
 * Context: process context.
 */
void patcher_condemned_free(struct patcher_condemned *condemned)
{
	patcher_divert_del(&condemned->diversion);
	patcher_abandoned_add(condemned->abandoned, condemned->diversion.task,
			      abandoned_from(condemned));
	/* It was to be parked, but has died in the hook. */
	if (condemned->parks && atomic_read(&condemned->fate) == PATCHER_ENDED)
		module_put(THIS_MODULE);
	kmemleak_not_leak(condemned->diversion.task);
	kfree(condemned);
}
