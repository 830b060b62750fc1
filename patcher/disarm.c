// SPDX-License-Identifier: GPL-2.0
/*
 * disarm: puts a target back as it was found, or all of them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mutex.h>

#include "act/change.h"
#include "disarm.h"
#include "log.h"
#include "rescue.h"
#include "watch/watch.h"

/* How often it is logged what rmmod of patcher waits for. */
#define LOG_INTERVAL	(10 * HZ)

static int refuse_busy(const struct patcher_rescue *rescue)
{
	return patcher_refuse(rescue->name, -EBUSY,
			      "its rmmod has begun, and cannot be held up; wait until that has ended");
}

/*
 * Puts a target back, if that can be done: the rescue is in PATCHER_RESTORED then. If rmmod has
 * been faster, the rescue may be over when this returns.
 */
static int put_target_back(struct patcher_rescue *rescue)
{
	int err = patcher_change_undo(rescue);

	if (err == -EBUSY && patcher_change_rmmod_has_died(rescue))
		err = patcher_change_abandon(rescue);
	mutex_lock(&patcher_lock);
	if (!err) {
		patcher_rescue_set_restored(rescue);
	} else {
		if (err != -EBUSY)
			patcher_watch_keep(rescue);
		rescue->phase = rescue->left ? PATCHER_LEAVING : PATCHER_ARMED;
		/* Under the lock: the gate may end the rescue as soon as it is LEAVING. */
		if (rescue->left)
			patcher_watch_begin(rescue);
	}
	mutex_unlock(&patcher_lock);
	return err;
}

/* From PATCHER_ARMED to PATCHER_RESTORING. Caller holds patcher_lock. */
static int begin_to_restore(struct patcher_rescue *rescue)
{
	switch (rescue->phase) {
	case PATCHER_ARMING:
		return patcher_refuse(rescue->name, -EBUSY,
				      "it is still being armed; a signal to the task that arms it ends that");
	case PATCHER_QUARANTINED:
		return patcher_refuse(rescue->name, -EBUSY,
				      "it is quarantined, which cannot be undone");
	case PATCHER_CALLING:
		return patcher_refuse(rescue->name, -EBUSY,
				      "it is not armed; a routine of its stub still runs");
	case PATCHER_RESTORING:
		return patcher_refuse(rescue->name, -EBUSY, "it is being disarmed already");
	case PATCHER_ARMED:
		rescue->phase = PATCHER_RESTORING;
		return 0;
	default:
		return refuse_busy(rescue);
	}
}

/**
 * patcher_disarm - put a target back as it was found
 * @rescue: shown to the user for as long as this takes
 *
 * The rescue is over when this returns; it ends, and is hidden, soon after.
 *
 * Context: process context, may sleep; takes patcher_lock.
 * Return: 0; or -EBUSY, or an errno of ftrace's, and then the log says why.
 */
int patcher_disarm(struct patcher_rescue *rescue)
{
	bool restored;
	int err = 0;

	mutex_lock(&patcher_lock);
	restored = rescue->phase == PATCHER_RESTORED;
	if (!restored)
		err = begin_to_restore(rescue);
	mutex_unlock(&patcher_lock);
	if (err || restored)
		return err;

	err = put_target_back(rescue);
	if (err == -EBUSY)
		return refuse_busy(rescue);
	if (!err)
		patcher_watch_begin(rescue);
	return err;
}

/* One that is armed, to be put back; the next time another one. NULL if there is none. */
static struct patcher_rescue *take_armed(void)
{
	struct patcher_rescue *rescue, *armed = NULL;

	mutex_lock(&patcher_lock);
	list_for_each_entry(rescue, &patcher_rescues, node)
		if (rescue->phase == PATCHER_ARMED) {
			armed = rescue;
			armed->phase = PATCHER_RESTORING;
			list_move_tail(&armed->node, &patcher_rescues);
			break;
		}
	mutex_unlock(&patcher_lock);
	return armed;
}

/*
 * Leaves those on the list whose rmmod is at work: the watch ends them. Where that rmmod has
 * died, the rescue just ends.
 */
static void disarm_what_can_be(void)
{
	unsigned int armed = 0;
	struct patcher_rescue *rescue;

	mutex_lock(&patcher_lock);
	list_for_each_entry(rescue, &patcher_rescues, node)
		armed += rescue->phase == PATCHER_ARMED;
	mutex_unlock(&patcher_lock);

	while (armed--) {
		rescue = take_armed();
		if (rescue && !put_target_back(rescue))
			patcher_watch_end(rescue);
	}
}

static void log_waiting(void)
{
	struct patcher_rescue *rescue;

	mutex_lock(&patcher_lock);
	list_for_each_entry(rescue, &patcher_rescues, node)
		patcher_warn(rescue->name, "rmmod " KBUILD_MODNAME " waits until the %s has ended",
			     rescue->phase == PATCHER_CALLING ? "stub's routine that runs" :
			     "rmmod of it");
	mutex_unlock(&patcher_lock);
	if (patcher_rescue_is_any_stranded())
		pr_warn("rmmod " KBUILD_MODNAME
			" waits for ever: ftrace still leads into it; reboot when it suits\n");
}

/**
 * patcher_disarm_all - put every target back as it was found, and wait for all rescues to end
 *
 * A target that is being unloaded just now may be in the stub's cleanup: that rmmod ends its
 * rescue. If it dies meanwhile, the rescue is ended here.
 *
 * Context: this module's exit, sleeps; no lock held. Logs every ten seconds what it waits for.
 */
void patcher_disarm_all(void)
{
	unsigned long log_next = jiffies + HZ;

	do {
		disarm_what_can_be();
		if (time_before(jiffies, log_next))
			continue;
		log_waiting();
		log_next = jiffies + LOG_INTERVAL;
	} while (!patcher_rescue_wait_for_none(HZ));
}
