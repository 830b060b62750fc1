// SPDX-License-Identifier: GPL-2.0
/*
 * watch: the module notifier; what happens when the target goes.
 *
 * delete_module() calls the exit, then the notifiers with GOING, then free_module()
 * (kernel/module/main.c). So in the notifier the exit has returned: the redirect comes
 * off, and one more look is taken at who is inside. With nobody inside the pin ends and
 * rmmod frees the target. Otherwise a work item looks again and again and ends the pin
 * when the last one is out; meanwhile rmmod waits in free_module(), without a lock. The
 * notifier itself must not wait for that: it is under the notifier chain's rwsem.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "log.h"
#include "look/occupants.h"
#include "act/quarantine.h"
#include "watch/watch.h"

#define POLL	(HZ / 4)
#define A_WORD	(10 * HZ)

static struct workqueue_struct *workqueue;
static DECLARE_WAIT_QUEUE_HEAD(ended);
/* How many that were put back have not ended yet; more only under patcher_lock. */
static atomic_t restored;

/* True if the target may be freed; otherwise says who is inside, now and then. */
static bool nobody_inside(struct patcher_rescue *rescue)
{
	char who[PATCHER_WHO_LEN];
	int err;

	err = patcher_occupants_look(rescue->target, false, &rescue->occupants);
	if (!err && !rescue->occupants.inside)
		return true;
	if (time_before(jiffies, rescue->next_word))
		return false;
	rescue->next_word = jiffies + A_WORD;
	if (err)
		strscpy(who, "the tasks could not all be looked at", sizeof(who));
	else
		patcher_occupants_text(&rescue->occupants, who, sizeof(who));
	patcher_warn(rescue->name,
		     "its exit has run, but it is not freed yet: %s; rmmod waits until that has left",
		     who);
	return false;
}

static void check_tripwires(struct patcher_rescue *rescue)
{
	if (patcher_evict_stands(&rescue->eviction) ||
	    time_before(jiffies, rescue->next_word))
		return;
	rescue->next_word = jiffies + A_WORD;
	patcher_warn(rescue->name,
		     "its tripwires are off: whoever is inside %s may run on in it after its cleanup; at once: echo 1 >/sys/kernel/debug/kprobes/enabled",
		     rescue->target->name);
}

static void end(struct patcher_rescue *rescue)
{
	if (rescue->phase == PATCHER_LEAVING)
		patcher_notice(rescue->name, "its exit has run and nobody is inside; rmmod frees it now");
	patcher_rescue_end(rescue);
}

static void look_again(struct work_struct *work)
{
	struct patcher_rescue *rescue =
		container_of(to_delayed_work(work), struct patcher_rescue, watch);
	bool pins_patcher = rescue->pins_patcher;

	if (rescue->phase == PATCHER_RESTORED) {
		patcher_rescue_end(rescue);
		if (atomic_dec_and_test(&restored))
			wake_up_all(&ended);
		return;
	}
	if (rescue->phase == PATCHER_QUARANTINED ? !patcher_quarantine_is_over(rescue) :
						   !nobody_inside(rescue)) {
		check_tripwires(rescue);
		queue_delayed_work(workqueue, &rescue->watch, POLL);
		return;
	}
	/* Whoever is parked needs our text for ever. */
	if (patcher_evict_is_parked(NULL))
		pins_patcher = false;
	end(rescue);
	/* patcher_watch_stop() waits for this very work to return. */
	if (pins_patcher)
		module_put(THIS_MODULE);
}

/**
 * patcher_watch_begin - end a rescue as soon as nobody is inside its target
 * @rescue: in PATCHER_LEAVING or PATCHER_QUARANTINED; not to be used any more
 *
 * Context: process context; also under the notifier chain's rwsem.
 */
void patcher_watch_begin(struct patcher_rescue *rescue)
{
	rescue->next_word = jiffies;
	if (rescue->phase == PATCHER_LEAVING && nobody_inside(rescue)) {
		end(rescue);
		return;
	}
	/* Fails if this module is on its way out; its exit waits for us then. */
	rescue->pins_patcher = try_module_get(THIS_MODULE);
	queue_delayed_work(workqueue, &rescue->watch, POLL);
}

/**
 * patcher_watch_restored - end a rescue that was put back, soon
 * @rescue: in PATCHER_RESTORED
 *
 * For whoever is in one of its files in sysfs, which are removed first.
 *
 * Context: process context, patcher_lock held.
 */
void patcher_watch_restored(struct patcher_rescue *rescue)
{
	atomic_inc(&restored);
	queue_delayed_work(workqueue, &rescue->watch, 0);
}

/**
 * patcher_watch_is_settled - have all ended that were put back?
 *
 * Context: patcher_lock held, for the answer to hold.
 */
bool patcher_watch_is_settled(void)
{
	return !atomic_read(&restored);
}

/**
 * patcher_watch_settle - wait until they have
 *
 * Not for what else the watch does, which may take long.
 *
 * Context: process context, sleeps; no lock held, nor in a file of a rescue.
 * Return: 0, or -ERESTARTSYS on a signal.
 */
int patcher_watch_settle(void)
{
	return wait_event_interruptible(ended, patcher_watch_is_settled());
}

/*
 * The exit of @target has returned. Finds its rescue, if that is ours to end, and takes the
 * redirect off.
 */
static struct patcher_rescue *leave(struct module *target)
{
	struct patcher_rescue *rescue, *ours = NULL;

	mutex_lock(&patcher_lock);
	list_for_each_entry(rescue, &patcher_rescues, node) {
		if (rescue->target != target)
			continue;
		if (rescue->phase == PATCHER_ARMING) {
			/* Whoever arms it looks at this, and holds the target. */
			WRITE_ONCE(rescue->left, true);
		} else if (rescue->phase == PATCHER_ARMED) {
			rescue->phase = PATCHER_LEAVING;
			patcher_redirect_undo_ftrace(&rescue->redirect);
			ours = rescue;
		}
		break;
	}
	mutex_unlock(&patcher_lock);
	return ours;
}

static int notify(struct notifier_block *block, unsigned long event, void *data)
{
	struct patcher_rescue *rescue;

	if (event != MODULE_STATE_GOING)
		return NOTIFY_DONE;
	rescue = leave(data);
	if (rescue)
		patcher_watch_begin(rescue);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = {
	.notifier_call = notify,
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
	err = register_module_notifier(&notifier);
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
	unregister_module_notifier(&notifier);
	destroy_workqueue(workqueue);
}

/**
 * patcher_watch_init - prepare a rescue for being watched
 * @rescue: new
 */
void patcher_watch_init(struct patcher_rescue *rescue)
{
	INIT_DELAYED_WORK(&rescue->watch, look_again);
}

/**
 * patcher_watch_ended - tell patcher_watch_wait() that a rescue has ended
 */
void patcher_watch_ended(void)
{
	wake_up_all(&ended);
}

static void log_waiting(void)
{
	struct patcher_rescue *rescue;

	mutex_lock(&patcher_lock);
	list_for_each_entry(rescue, &patcher_rescues, node)
		patcher_warn(rescue->name,
			     "rmmod " KBUILD_MODNAME " waits until the rmmod of it has ended");
	mutex_unlock(&patcher_lock);
}

/**
 * patcher_watch_wait - wait until all rescues have ended
 *
 * For those whose target is being unloaded just now: their exit may be in the cleanup,
 * and our notifier is what ends them.
 *
 * If that rmmod dies meanwhile, its rescue is ended here.
 *
 * Context: process context, sleeps; no lock held. Says every ten seconds what it waits
 * for.
 */
void patcher_watch_wait(void)
{
	unsigned long next_word = jiffies;

	/*
	 * Without the lock: whoever empties the list is in the notifier or in the work,
	 * and patcher_watch_stop() waits for both.
	 */
	while (!wait_event_timeout(ended, list_empty(&patcher_rescues), HZ)) {
		patcher_disarm_all();
		if (time_before(jiffies, next_word))
			continue;
		log_waiting();
		next_word = jiffies + A_WORD;
	}
}
