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
#include "occupants.h"
#include "watch.h"

#define POLL	(HZ / 4)
#define A_WORD	(10 * HZ)

static struct workqueue_struct *workqueue;
static DECLARE_WAIT_QUEUE_HEAD(ended);

/* True if the target may be freed; otherwise says who is inside, now and then. */
static bool nobody_inside(struct patcher_rescue *rescue)
{
	struct patcher_occupants occupants;
	char who[PATCHER_WHO_LEN];
	int err;

	err = patcher_occupants_look(rescue->target, false, &occupants);
	if (!err && !patcher_occupants_inside(&occupants))
		return true;
	if (time_before(jiffies, rescue->next_word))
		return false;
	rescue->next_word = jiffies + A_WORD;
	if (err)
		strscpy(who, "the tasks could not all be looked at", sizeof(who));
	else
		patcher_occupants_text(&occupants, who, sizeof(who));
	patcher_warn(rescue->name,
		     "its exit has run, but it is not freed yet: %s; rmmod waits until that has left",
		     who);
	return false;
}

static void end(struct patcher_rescue *rescue)
{
	patcher_notice(rescue->name, "its exit has run and nobody is inside; rmmod frees it now");
	patcher_rescue_end(rescue);
}

static void look_again(struct work_struct *work)
{
	struct patcher_rescue *rescue =
		container_of(to_delayed_work(work), struct patcher_rescue, watch);
	bool pins_patcher = rescue->pins_patcher;

	if (!nobody_inside(rescue)) {
		queue_delayed_work(workqueue, &rescue->watch, POLL);
		return;
	}
	end(rescue);
	/* patcher_watch_stop() waits for this very work to return. */
	if (pins_patcher)
		module_put(THIS_MODULE);
}

/* The exit of @target has returned: take the redirect off, and find its rescue. */
static struct patcher_rescue *leave(struct module *target)
{
	struct patcher_rescue *rescue;

	mutex_lock(&patcher_lock);
	list_for_each_entry(rescue, &patcher_rescues, node)
		if (rescue->target == target && rescue->phase == PATCHER_ARMED) {
			rescue->phase = PATCHER_LEAVING;
			patcher_redirect_undo_ftrace(&rescue->redirect);
			goto unlock;
		}
	rescue = NULL;
unlock:
	mutex_unlock(&patcher_lock);
	return rescue;
}

static int notify(struct notifier_block *block, unsigned long event, void *data)
{
	struct patcher_rescue *rescue;

	if (event != MODULE_STATE_GOING)
		return NOTIFY_DONE;
	rescue = leave(data);
	if (!rescue)
		return NOTIFY_DONE;

	rescue->next_word = jiffies;
	if (nobody_inside(rescue)) {
		end(rescue);
		return NOTIFY_DONE;
	}
	/* Fails if this module is on its way out; its exit waits for us then. */
	rescue->pins_patcher = try_module_get(THIS_MODULE);
	queue_delayed_work(workqueue, &rescue->watch, POLL);
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
