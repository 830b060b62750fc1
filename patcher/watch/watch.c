// SPDX-License-Identifier: GPL-2.0
/*
 * watch: the module notifier; what happens when the target goes.
 *
 * delete_module() calls the exit, then the notifiers with GOING, then free_module()
 * (kernel/module/main.c). So in the notifier the exit has returned. The notifier itself must
 * not wait for anything: it is called under the notifier chain's rwsem.
 *
 * Where free_module() leads to the gate, the rescue ends there (leave.c). Elsewhere a work item
 * takes ftrace's redirect off, and scans the tasks again and again until none is inside; then
 * it ends the pin, and rmmod frees the target. Meanwhile rmmod waits in free_module(), without
 * a lock.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/workqueue.h>

#include "act/call.h"
#include "act/change.h"
#include "act/evict.h"
#include "act/hook.h"
#include "act/quarantine.h"
#include "act/redirect.h"
#include "kernel/modules.h"
#include "log.h"
#include "look/occupants.h"
#include "look/stub.h"
#include "rescue.h"
#include "watch/gate.h"
#include "watch/watch.h"

#define SCAN_INTERVAL	(HZ / 4)
#define LOG_INTERVAL	(10 * HZ)
#define TRANSITION_MS	20

static struct workqueue_struct *workqueue;

/**
 * patcher_watch_is_empty - is no task inside a module whose exit has run?
 * @target: that module
 * @name: its name, for the log
 * @found: zeroed before its first use; out
 * @next_word: when to log again which task is inside, in jiffies; updated
 *
 * Logs which task is inside, now and then.
 *
 * Context: process context; may sleep.
 */
bool patcher_watch_is_empty(struct module *target, const char *name,
			    struct patcher_occupants *found, unsigned long *next_word)
{
	char who[PATCHER_WHO_LEN];
	int err;

	err = patcher_occupants_look(target, false, found);
	if (!err && !found->inside)
		return true;
	if (time_before(jiffies, *next_word))
		return false;
	*next_word = jiffies + LOG_INTERVAL;
	if (err)
		strscpy(who, "not all tasks could be scanned", sizeof(who));
	else
		patcher_occupants_text(found, who, sizeof(who));
	patcher_warn(name,
		     "its exit has run, but it is not freed yet: %s; rmmod waits until that has left",
		     who);
	return false;
}

static bool no_task_is_inside(struct patcher_rescue *rescue)
{
	return patcher_watch_is_empty(rescue->target, rescue->name, &rescue->occupants,
				      &rescue->next_word);
}

/**
 * patcher_watch_end - let go of everything that a rescue holds, and of itself
 * @rescue: on the list; nothing of its target is changed by it any more
 *
 * A task that frees the target waits for just this, and goes on.
 *
 * Context: process context, may sleep; takes patcher_lock; not in what shows the rescue.
 */
void patcher_watch_end(struct patcher_rescue *rescue)
{
	if (rescue->gated)
		patcher_gate_drop(rescue->target);
	patcher_rescue_hide(rescue);
	patcher_occupants_forget(&rescue->occupants);
	mutex_lock(&patcher_lock);
	if (rescue->stub && !rescue->stranded)
		patcher_stub_put(rescue->stub);
	patcher_unpin(rescue->target);
	patcher_rescue_free(rescue);
	mutex_unlock(&patcher_lock);
}

/*
 * The gate ends it, but for one that was passed by: delete_module() waits in
 * mod_kobject_put() then, which sets kobj_completion before it waits (kernel/module/sysfs.c).
 */
static bool is_left_to_gate(const struct patcher_rescue *rescue)
{
	return rescue->gated && rescue->phase == PATCHER_LEAVING &&
	       !READ_ONCE(rescue->target->mkobj.kobj_completion);
}

static void log_and_end(struct patcher_rescue *rescue)
{
	if (rescue->phase == PATCHER_LEAVING)
		patcher_notice(rescue->name, "its exit has run and nobody is inside; rmmod frees it now");
	else if (rescue->phase == PATCHER_CALLING)
		patcher_notice(rescue->name, "the %s of %s has ended, and with it this rescue; it can be tried again",
			       rescue->call.what, rescue->stub->owner->name);
	patcher_watch_end(rescue);
}

/* Has it ended, if there is one? Otherwise logs where it is, now and then. */
static bool call_has_ended(struct patcher_rescue *rescue)
{
	if (!patcher_call_is_under_way(rescue))
		return true;
	if (!patcher_call_has_ended(rescue)) {
		if (time_before(jiffies, rescue->next_word))
			return false;
		rescue->next_word = jiffies + LOG_INTERVAL;
		patcher_call_warn(rescue);
		return false;
	}
	if (patcher_call_end(rescue) && rescue->phase == PATCHER_QUARANTINED) {
		patcher_quarantine_undo(rescue);
		WRITE_ONCE(rescue->phase, PATCHER_CALLING);
	}
	return true;
}

/* Have the tasks ended that were in the stub's evicted hook? Others are put back. */
static bool hooks_have_ended(struct patcher_rescue *rescue)
{
	if (patcher_evict_remove(&rescue->eviction))
		return true;
	patcher_hook_warn(rescue);
	return false;
}

/* Is there nothing left to wait for? */
static bool rescue_is_over(struct patcher_rescue *rescue)
{
	if (!call_has_ended(rescue))
		return false;
	switch (rescue->phase) {
	case PATCHER_CALLING:
		return hooks_have_ended(rescue);
	case PATCHER_QUARANTINED:
		return patcher_quarantine_is_over(rescue);
	default:
		if (!rescue->stranded && patcher_change_take_off(rescue))
			rescue->stranded = true;
		return no_task_is_inside(rescue);
	}
}

/* rmmod of this module says "in use" from now on; if it has begun, it waits. */
static void pin_patcher(struct patcher_rescue *rescue)
{
	if (!rescue->pins_patcher)
		rescue->pins_patcher = try_module_get(THIS_MODULE);
}

static void watch_work(struct work_struct *work)
{
	struct patcher_rescue *rescue =
		container_of(to_delayed_work(work), struct patcher_rescue, watch);
	bool pins_patcher = rescue->pins_patcher;

	if (rescue->phase == PATCHER_RESTORED) {
		patcher_watch_end(rescue);
		if (pins_patcher)
			module_put(THIS_MODULE);
		return;
	}
	if (is_left_to_gate(rescue)) {
		queue_delayed_work(workqueue, &rescue->watch, SCAN_INTERVAL);
		return;
	}
	if (!rescue_is_over(rescue)) {
		pin_patcher(rescue);
		queue_delayed_work(workqueue, &rescue->watch, SCAN_INTERVAL);
		return;
	}
	/* ftrace may lead into this module's text for ever. */
	if (rescue->stranded) {
		pin_patcher(rescue);
		pins_patcher = false;
	}
	log_and_end(rescue);
	/* patcher_watch_stop() waits for this very work to return. */
	if (pins_patcher)
		module_put(THIS_MODULE);
}

/**
 * patcher_watch_begin - end a rescue as soon as no task is inside its target, or in its stub
 * @rescue: in PATCHER_LEAVING, PATCHER_QUARANTINED, PATCHER_CALLING or PATCHER_RESTORED; not to be
 *	used any more
 *
 * Never in the caller, which may be in one of the rescue's files in sysfs: they are removed
 * first, which waits until no task is in them.
 *
 * Context: process context; also under patcher_lock, and the notifier chain's rwsem.
 */
void patcher_watch_begin(struct patcher_rescue *rescue)
{
	rescue->next_word = jiffies + (patcher_call_is_under_way(rescue) ? LOG_INTERVAL : 0);
	if ((rescue->phase == PATCHER_LEAVING && !is_left_to_gate(rescue)) ||
	    rescue->phase == PATCHER_RESTORED) {
		queue_delayed_work(workqueue, &rescue->watch, 0);
		return;
	}
	pin_patcher(rescue);
	queue_delayed_work(workqueue, &rescue->watch, SCAN_INTERVAL);
}

/* Is it still being armed, or put back? Whoever does that is about to see that it has left. */
static bool is_in_transition(const struct patcher_rescue *rescue)
{
	return rescue->gated &&
	       (rescue->phase == PATCHER_ARMING || rescue->phase == PATCHER_RESTORING);
}

/**
 * patcher_watch_hand_over - the gate ends the rescue of a target, not the watch
 * @target: its free_module() has led to the gate
 *
 * Context: process context, sleeps; takes patcher_lock.
 * Return: the rescue, in PATCHER_LEAVING, to be ended with patcher_watch_end(); NULL if there is
 * none whose target leaves through the gate.
 */
struct patcher_rescue *patcher_watch_hand_over(const struct module *target)
{
	struct patcher_rescue *rescue;
	bool wait;

	do {
		mutex_lock(&patcher_lock);
		rescue = patcher_rescue_find(target);
		wait = rescue && is_in_transition(rescue);
		if (rescue && (rescue->phase != PATCHER_LEAVING || !rescue->gated))
			rescue = NULL;
		mutex_unlock(&patcher_lock);
		if (wait)
			msleep(TRANSITION_MS);
	} while (wait);
	if (rescue)
		cancel_delayed_work_sync(&rescue->watch);
	return rescue;
}

/**
 * patcher_watch_keep - this module has to stay, as ftrace cannot take a redirect off
 * @rescue: in PATCHER_ARMED
 *
 * Context: process context, patcher_lock held.
 */
void patcher_watch_keep(struct patcher_rescue *rescue)
{
	pin_patcher(rescue);
}

/* The exit of @target has returned. Finds its rescue, if that is ours to end. */
static struct patcher_rescue *find_leaving(struct module *target)
{
	struct patcher_rescue *rescue, *ours = NULL;

	mutex_lock(&patcher_lock);
	rescue = patcher_rescue_find(target);
	if (rescue && (rescue->phase == PATCHER_ARMING || rescue->phase == PATCHER_RESTORING)) {
		/* The task that does it looks at this, and has pinned the target. */
		WRITE_ONCE(rescue->left, true);
	} else if (rescue && rescue->phase == PATCHER_ARMED) {
		rescue->phase = PATCHER_LEAVING;
		ours = rescue;
	}
	mutex_unlock(&patcher_lock);
	return ours;
}

static int module_changes_state(struct notifier_block *block, unsigned long event, void *data)
{
	struct patcher_rescue *rescue;

	if (event != MODULE_STATE_GOING)
		return NOTIFY_DONE;
	rescue = find_leaving(data);
	if (rescue)
		patcher_watch_begin(rescue);
	return NOTIFY_DONE;
}

static struct notifier_block module_notifier = {
	.notifier_call = module_changes_state,
};

/**
 * patcher_watch_start - begin to watch modules go
 *
 * Return: 0 or a negative errno.
 */
int patcher_watch_start(void)
{
	int err;

	workqueue = alloc_workqueue("patcher", WQ_UNBOUND, 0);
	if (!workqueue)
		return -ENOMEM;
	err = register_module_notifier(&module_notifier);
	if (err)
		destroy_workqueue(workqueue);
	return err;
}

/**
 * patcher_watch_stop - end it
 *
 * Context: there is no rescue any more.
 */
void patcher_watch_stop(void)
{
	unregister_module_notifier(&module_notifier);
	destroy_workqueue(workqueue);
}

/**
 * patcher_watch_init - prepare a rescue for being watched
 * @rescue: new
 */
void patcher_watch_init(struct patcher_rescue *rescue)
{
	INIT_DELAYED_WORK(&rescue->watch, watch_work);
}
