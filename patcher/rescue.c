// SPDX-License-Identifier: GPL-2.0
/*
 * rescue: the registry of all rescues, its lock, and what shows them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include <patcher/stub.h>

#include "log.h"
#include "rescue.h"

/* What it protects, and the order of locks: rescue.h. */
DEFINE_MUTEX(patcher_lock);
LIST_HEAD(patcher_rescues);

/* All rescues, also those that are not on that list yet, or never freed; and what protects it. */
static LIST_HEAD(allocated_rescues);
static DEFINE_SPINLOCK(memory_lock);

/* Woken whenever a rescue has ended. */
static DECLARE_WAIT_QUEUE_HEAD(rescue_ended);
/* Number of rescues in PATCHER_RESTORED; grows only under patcher_lock. */
static atomic_t restored_rescues;

/* A rescue was stranded: changes once only. */
static bool any_stranded;

static const struct patcher_display *rescue_display;

/**
 * patcher_rescue_set_display - what is to show rescues from now on
 * @display: the functions; NULL: none
 *
 * Context: this module's init and exit; there is no rescue.
 */
void patcher_rescue_set_display(const struct patcher_display *display)
{
	rescue_display = display;
}

/**
 * patcher_rescue_show - show a rescue to the user
 * @rescue: on the list; its stub, if any, is set
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM; patcher_rescue_hide() is to be called in any case.
 */
int patcher_rescue_show(struct patcher_rescue *rescue)
{
	return rescue_display->show(rescue);
}

/**
 * patcher_rescue_rename - show a rescue under another name
 * @rescue: shown
 * @name: which no loaded module has
 *
 * Context: process context, may sleep.
 * Return: 0 or a negative errno.
 */
int patcher_rescue_rename(struct patcher_rescue *rescue, const char *name)
{
	return rescue_display->rename(rescue, name);
}

/**
 * patcher_rescue_hide - do not show a rescue any more
 * @rescue: its target still pinned, so that no other module can have its name
 *
 * Context: process context, sleeps until no task uses what was shown; not under
 * patcher_lock.
 */
void patcher_rescue_hide(struct patcher_rescue *rescue)
{
	rescue_display->hide(rescue);
}

/**
 * patcher_refuse_memory - refuse, as there is no memory
 * @target: its name
 *
 * Context: any.
 * Return: -ENOMEM.
 */
int patcher_refuse_memory(const char *target)
{
	return patcher_refuse(target, -ENOMEM, "there is no memory for it now; try again");
}

/**
 * patcher_rescue_alloc - a new rescue
 *
 * Context: process context, may sleep.
 * Return: NULL if there is no memory.
 */
struct patcher_rescue *patcher_rescue_alloc(void)
{
	struct patcher_rescue *rescue = kvzalloc(sizeof(*rescue), GFP_KERNEL);

	if (!rescue)
		return NULL;
	spin_lock(&memory_lock);
	list_add(&rescue->memory, &allocated_rescues);
	spin_unlock(&memory_lock);
	return rescue;
}

/**
 * patcher_rescue_discard - free a rescue
 * @rescue: not on the list of rescues
 *
 * Context: process context, may sleep.
 */
void patcher_rescue_discard(struct patcher_rescue *rescue)
{
	spin_lock(&memory_lock);
	list_del(&rescue->memory);
	spin_unlock(&memory_lock);
	/* No sweep is to find in freed memory what pointed into the target. */
	memset(rescue, 0, sizeof(*rescue));
	kvfree(rescue);
}

/**
 * patcher_rescue_has - does an address lie in a rescue?
 * @addr: any
 *
 * Context: any but interrupts.
 */
bool patcher_rescue_has(unsigned long addr)
{
	const struct patcher_rescue *rescue;
	bool found = false;

	spin_lock(&memory_lock);
	list_for_each_entry(rescue, &allocated_rescues, memory)
		found = found || addr - (unsigned long)rescue < sizeof(*rescue);
	spin_unlock(&memory_lock);
	return found;
}

/**
 * patcher_rescue_find - the rescue of a module
 * @target: that module
 *
 * Context: caller holds patcher_lock.
 * Return: NULL if there is none.
 */
struct patcher_rescue *patcher_rescue_find(const struct module *target)
{
	struct patcher_rescue *rescue;

	lockdep_assert_held(&patcher_lock);
	list_for_each_entry(rescue, &patcher_rescues, node)
		if (rescue->target == target)
			return rescue;
	return NULL;
}

/**
 * patcher_rescue_of - is there a rescue of a module?
 * @target: that module
 *
 * Context: process context, sleeps; takes patcher_lock.
 */
bool patcher_rescue_of(const struct module *target)
{
	bool found;

	mutex_lock(&patcher_lock);
	found = patcher_rescue_find(target);
	mutex_unlock(&patcher_lock);
	return found;
}

static bool none_is_restored(void)
{
	return !atomic_read(&restored_rescues);
}

/**
 * patcher_rescue_lock_settled - take patcher_lock while no restored rescue is left
 * @rescue: the one that wants it, for the log
 *
 * A rescue that was put back still has its target and its stub for a moment, and a new one
 * may want just these. Those that wait for their rmmod are not waited for.
 *
 * Context: process context, sleeps; no lock held, nor in a file of a rescue.
 * Return: 0 with patcher_lock held; or -EINTR on a signal, and then the log says so.
 */
int patcher_rescue_lock_settled(const struct patcher_rescue *rescue)
{
	for (;;) {
		if (wait_event_interruptible(rescue_ended, none_is_restored()))
			return patcher_refuse(rescue->name, -EINTR, "interrupted");
		mutex_lock(&patcher_lock);
		if (none_is_restored())
			return 0;
		mutex_unlock(&patcher_lock);
	}
}

/* Is the target part of another rescue? Caller holds patcher_lock. */
static int check_target(const struct patcher_rescue *rescue)
{
	const struct patcher_rescue *other;

	list_for_each_entry(other, &patcher_rescues, node) {
		if (other->target == rescue->target && other->phase == PATCHER_CALLING)
			return patcher_refuse(rescue->name, -EBUSY,
					      "a routine of the stub of its last rescue still runs; wait until that has ended");
		if (other->target == rescue->target)
			return patcher_refuse(rescue->name, -EBUSY,
					      "there is a rescue of it already; rmmod it, or echo 1 >/sys/kernel/"
					      KBUILD_MODNAME "/%s/disarm", rescue->name);
		/* Its references are patcher's own: they have not leaked. */
		if (other->stub && other->stub->owner == rescue->target)
			return patcher_refuse(rescue->name, -EBUSY,
					      "it is the stub in the rescue of %s; rmmod or disarm that first",
					      other->name);
	}
	return 0;
}

/**
 * patcher_rescue_add - put a rescue on the list
 * @rescue: new; its target is pinned
 *
 * Context: process context, sleeps; takes patcher_lock.
 * Return: 0; -EBUSY if the target is part of another rescue, -EINTR on a signal, and then
 * the log says so.
 */
int patcher_rescue_add(struct patcher_rescue *rescue)
{
	int err;

	err = patcher_rescue_lock_settled(rescue);
	if (err)
		return err;
	err = check_target(rescue);
	if (!err)
		list_add(&rescue->node, &patcher_rescues);
	mutex_unlock(&patcher_lock);
	return err;
}

/**
 * patcher_rescue_check_stub - is the stub part of another rescue?
 * @rescue: the one that wants it
 * @stub: the stub
 *
 * Its pointers lead to one target's symbols; one that has none may serve many.
 *
 * Context: caller holds patcher_lock.
 * Return: 0 or -EBUSY, and then the log says so.
 */
int patcher_rescue_check_stub(const struct patcher_rescue *rescue,
			      const struct patcher_stub *stub)
{
	bool has_symbols = stub->symbols && stub->symbols->name;
	const struct patcher_rescue *other;

	lockdep_assert_held(&patcher_lock);
	list_for_each_entry(other, &patcher_rescues, node) {
		if (other->target == stub->owner)
			return patcher_refuse(rescue->name, -EBUSY,
					      "stub %s is being rescued itself; rmmod or disarm that first",
					      stub->owner->name);
		if (other->stub == stub && has_symbols)
			return patcher_refuse(rescue->name, -EBUSY,
					      "stub %s is bound to the symbols of %s; rmmod or disarm that first",
					      stub->owner->name, other->name);
	}
	return 0;
}

/**
 * patcher_rescue_set_restored - the target is as it was found
 * @rescue: about to end
 *
 * Context: caller holds patcher_lock.
 */
void patcher_rescue_set_restored(struct patcher_rescue *rescue)
{
	lockdep_assert_held(&patcher_lock);
	rescue->phase = PATCHER_RESTORED;
	atomic_inc(&restored_rescues);
}

/**
 * patcher_rescue_is_any_stranded - does ftrace still lead into this module, for good?
 *
 * Context: any.
 */
bool patcher_rescue_is_any_stranded(void)
{
	return READ_ONCE(any_stranded);
}

/**
 * patcher_rescue_free - take a rescue off the list, and free it, unless it is stranded
 * @rescue: on the list; nothing is held for it any more
 *
 * Context: caller holds patcher_lock.
 */
void patcher_rescue_free(struct patcher_rescue *rescue)
{
	lockdep_assert_held(&patcher_lock);
	list_del(&rescue->node);
	if (rescue->phase == PATCHER_RESTORED)
		atomic_dec(&restored_rescues);
	if (rescue->stranded)
		WRITE_ONCE(any_stranded, true);
	else
		patcher_rescue_discard(rescue);
	wake_up_all(&rescue_ended);
}

/**
 * patcher_rescue_wait_for_none - wait until all rescues have ended
 * @timeout: for how long at most, in jiffies
 *
 * Reads the list without the lock: what empties it is the watch, and patcher_watch_stop()
 * waits for that.
 *
 * Context: process context, sleeps; no lock held.
 * Return: false if there still are some, or one was stranded.
 */
bool patcher_rescue_wait_for_none(long timeout)
{
	return wait_event_timeout(rescue_ended, list_empty(&patcher_rescues) &&
				  !patcher_rescue_is_any_stranded(), timeout);
}
