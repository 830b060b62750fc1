// SPDX-License-Identifier: GPL-2.0
/*
 * hook: waits for tasks that are in the stub's evicted hook.
 *
 * Each runs it itself, before it ends, in the stub's text and on top of ours (landing.c). It may
 * never return from there. If it is not waited for any longer, stub, target and this module have
 * to be kept.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/sched/signal.h>

#include <patcher/stub.h>

#include "act/call.h"
#include "act/evict.h"
#include "act/hook.h"
#include "log.h"
#include "rescue.h"

#define POLL_MS		5
/* How long the hook has to return after it was interrupted. */
#define GRACE_MS	1000
#define LOG_INTERVAL	(10 * HZ)

/* All tasks of an eviction have the same hook, or none. */
static struct patcher_condemned *first_in_hook(const struct patcher_rescue *rescue)
{
	struct patcher_condemned *condemned = patcher_evict_first_landing(&rescue->eviction);

	return condemned && condemned->hook ? condemned : NULL;
}

/**
 * patcher_hook_warn - log now and then where a task is that has been in the hook for long
 * @rescue: its eviction may be under way
 *
 * Context: process context.
 */
void patcher_hook_warn(const struct patcher_rescue *rescue)
{
	struct patcher_condemned *condemned = first_in_hook(rescue);
	char place[PATCHER_PLACE_LEN];

	if (!condemned || time_before(jiffies, condemned->log_next))
		return;
	condemned->log_next = jiffies + LOG_INTERVAL;
	patcher_call_place(rescue, condemned->diversion.task, place);
	patcher_warn(rescue->name,
		     "the .evicted of %s has not returned yet: task %d is %s; a signal to the task that arms lets that go",
		     rescue->stub->owner->name, condemned->pid, place);
}

/* A signal has come for the task that waits: it is passed on. */
static int interrupt_hooks(struct patcher_rescue *rescue, int err)
{
	struct patcher_condemned *condemned;
	char place[PATCHER_PLACE_LEN];
	unsigned int waited;

	list_for_each_entry(condemned, &rescue->eviction.condemned, node)
		send_sig(SIGKILL, condemned->diversion.task, 1);
	for (waited = 0; waited < GRACE_MS; waited += POLL_MS) {
		if (patcher_evict_remove(&rescue->eviction))
			return err ?: patcher_refuse(rescue->name, -EINTR, "interrupted");
		msleep(POLL_MS);
	}
	condemned = first_in_hook(rescue);
	if (!condemned)
		return patcher_refuse(rescue->name, -EINTR, "interrupted");
	/* What the watch says has ended, when it has. */
	rescue->call.what = ".evicted";
	patcher_call_place(rescue, condemned->diversion.task, place);
	return patcher_refuse(rescue->name, -EINTR,
			      "interrupted, but the .evicted of %s has not returned: task %d is %s; until it has, target, stub and "
			      KBUILD_MODNAME " stay in use",
			      rescue->stub->owner->name, condemned->pid, place);
}

/**
 * patcher_hook_wait - put back tasks that are not evicted after all, and wait for those that are
 * @rescue: in PATCHER_ARMING
 * @err: how the rescue has come along so far
 *
 * Context: process context, sleeps; no lock held.
 * Return: @err; or -EINTR on a signal, and then tasks may still be in the hook: its eviction is
 * not empty. The log says so.
 */
int patcher_hook_wait(struct patcher_rescue *rescue, int err)
{
	while (!patcher_evict_remove(&rescue->eviction)) {
		if (!first_in_hook(rescue)) {
			msleep(POLL_MS);
			continue;
		}
		if (err == -EINTR || msleep_interruptible(POLL_MS))
			return interrupt_hooks(rescue, err);
		patcher_hook_warn(rescue);
	}
	return err;
}
