// SPDX-License-Identifier: GPL-2.0
/*
 * evict: ends tasks where they would return into the target.
 *
 * A task that is caught is diverted (kernel/divert.c), and nothing else is changed: neither the
 * target's text, nor its state or refcount. As long as it has not come there, it can be put
 * back, exactly as it was.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/err.h>

#include "act/evict.h"
#include "act/landing.h"
#include "kernel/divert.h"
#include "log.h"

/* How long it is tried to put a task back. */
#define UNDO_MS		2000
#define POLL_MS		20

/**
 * patcher_evict_init - prepare
 * @eviction: zeroed
 * @target: pinned for as long as @eviction is in use
 * @name: its name, likewise
 */
void patcher_evict_init(struct patcher_eviction *eviction, struct module *target,
			const char *name)
{
	eviction->target = target;
	eviction->name = name;
	INIT_LIST_HEAD(&eviction->condemned);
}

/**
 * patcher_evict_find - is the task condemned?
 * @eviction: from which target
 * @task: the task
 *
 * Context: process context.
 */
struct patcher_condemned *patcher_evict_find(struct patcher_eviction *eviction,
					     const struct task_struct *task)
{
	struct patcher_condemned *condemned;

	list_for_each_entry(condemned, &eviction->condemned, node)
		if (condemned->diversion.task == task)
			return condemned;
	return NULL;
}

static int catch_new_task(struct patcher_eviction *eviction, const struct patcher_occupant *who,
			  bool *fresh)
{
	struct patcher_condemned *condemned;
	int err;

	if (eviction->number >= PATCHER_CONDEMNED_MAX)
		return -ENOSPC;
	condemned = patcher_condemned_new(who, eviction->target, eviction->name);
	if (IS_ERR(condemned))
		return PTR_ERR(condemned);
	condemned->hook = eviction->hook;
	condemned->timeout = eviction->timeout;
	condemned->diversion.land = patcher_landing_end_task;
	err = patcher_divert(&condemned->diversion);
	if (err) {
		patcher_condemned_pardon(condemned);
		return err;
	}
	list_add_tail(&condemned->node, &eviction->condemned);
	eviction->number++;
	*fresh = true;
	return 0;
}

/**
 * patcher_evict_catch - see to it that a task does not return into the target
 * @eviction: from which target
 * @who: which task; inside at the last scan, and not spared
 * @fresh: set if something had to be done
 *
 * Context: process context, sleeps.
 * Return: 0; -ESRCH if it is not inside any more; -EBUSY or -EAGAIN if it cannot be caught just
 * now; -ECANCELED if it is in do_exit(); -ENOSPC for too many tasks; -EXDEV if something else has
 * replaced the address at which it would return; -ENOMEM; another errno if this kernel is not
 * one on which tasks can be diverted. Unless 0, nothing has changed.
 */
int patcher_evict_catch(struct patcher_eviction *eviction, const struct patcher_occupant *who,
			bool *fresh)
{
	struct patcher_condemned *condemned = patcher_evict_find(eviction, who->task);
	int err = patcher_divert_test();

	if (err)
		return err == -ENOMEM || err == -EINTR || err == -EBUSY || err == -EAGAIN ?
		       err : -EOPNOTSUPP;
	if (!condemned)
		return catch_new_task(eviction, who, fresh);
	/* It ends, on top of the target's frames; with an evicted hook, that may take long. */
	if (patcher_condemned_has_landed(condemned))
		return 0;
	/* It may have come into the target again, from the function that it is in. */
	err = patcher_divert(&condemned->diversion);
	if (!err)
		*fresh = true;
	/* Has it gone? Then it has landed. */
	return err == -EALREADY || err == -ESRCH ? 0 : err;
}

/**
 * patcher_evict_first_landing - a task that has come where it ends, and has not ended yet
 * @eviction: from which target
 *
 * It may be in the stub's evicted hook.
 *
 * Context: process context.
 * Return: the first one; NULL if there is none.
 */
struct patcher_condemned *patcher_evict_first_landing(const struct patcher_eviction *eviction)
{
	struct patcher_condemned *condemned;

	list_for_each_entry(condemned, &eviction->condemned, node)
		if (patcher_condemned_is_landing(condemned))
			return condemned;
	return NULL;
}

/**
 * patcher_evict_ended - how many tasks have ended?
 * @eviction: from which target
 *
 * One that ends may have given back in the stub's evicted hook what another one waits for.
 *
 * Context: process context.
 */
unsigned int patcher_evict_ended(const struct patcher_eviction *eviction)
{
	struct patcher_condemned *condemned;
	unsigned int ended = 0;

	list_for_each_entry(condemned, &eviction->condemned, node)
		if (patcher_condemned_has_landed(condemned) &&
		    !patcher_condemned_is_landing(condemned))
			ended++;
	return ended;
}

/*
 * A task whose stack cannot be read any more, for as long as that is tried. It is not known then
 * whether it has landed. It keeps what it needs for that: its entry, and patcher.
 */
static bool leave_behind(struct patcher_condemned *condemned)
{
	if (atomic_cmpxchg(&condemned->fate, PATCHER_CONDEMNED, PATCHER_LEFT_BEHIND) !=
	    PATCHER_CONDEMNED)
		return false;
	if (!condemned->parks)
		__module_get(THIS_MODULE);
	patcher_warn(condemned->target,
		     "%s[%d] cannot be put back, its stack cannot be read; it ends when it comes back, and patcher stays loaded for it",
		     condemned->comm, condemned->pid);
	return true;
}

/* Puts it back, or waits until it has landed. Returns false if it has, and has not ended yet. */
static bool put_back_condemned(struct patcher_condemned *condemned)
{
	unsigned int tries = 0;
	int err;

	while (!patcher_condemned_has_landed(condemned)) {
		err = patcher_divert_undo(&condemned->diversion);
		if (!err) {
			patcher_condemned_pardon(condemned);
			return true;
		}
		/* One that is just about to land is waited for, however long that takes. */
		if (err != -ESRCH && tries++ >= UNDO_MS / POLL_MS && leave_behind(condemned))
			return true;
		msleep(POLL_MS);
	}
	if (patcher_condemned_is_landing(condemned))
		return false;
	patcher_condemned_free(condemned);
	return true;
}

/**
 * patcher_evict_remove - put back those that are inside, and forget those that have ended
 * @eviction: from which target
 *
 * Context: process context, sleeps.
 * Return: false if a task has landed that has not ended yet, and may be in the stub's evicted
 * hook: to be called again.
 */
bool patcher_evict_remove(struct patcher_eviction *eviction)
{
	struct patcher_condemned *condemned, *next;
	LIST_HEAD(landing);

	/* All at once, as none of them may go on any more because another one is waited for. */
	list_for_each_entry(condemned, &eviction->condemned, node)
		if (!patcher_condemned_has_landed(condemned))
			patcher_divert_undo(&condemned->diversion);
	list_for_each_entry_safe(condemned, next, &eviction->condemned, node) {
		list_del(&condemned->node);
		if (put_back_condemned(condemned))
			eviction->number--;
		else
			list_add_tail(&condemned->node, &landing);
	}
	list_splice(&landing, &eviction->condemned);
	return !eviction->number;
}
