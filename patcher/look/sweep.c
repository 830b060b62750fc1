// SPDX-License-Identifier: GPL-2.0
/*
 * sweep: does anything in the kernel's memory still point into a target?
 *
 * walk reads the memory; place finds out whose each word is; identity drops those that are known
 * to be harmless, exhaust those in free objects, and reach those in objects that nothing leads to;
 * lists says in words what is left. What is left is looked at again after the kernel has had time
 * to free what it was about to.
 *
 * What cannot be found: a pointer that is only in a register; one to a per-CPU variable as
 * offset, not as address; one that is packed into other bits than a word's lowest; and what a
 * device has, as an address for DMA.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "kernel/memory.h"
#include "log.h"
#include "look/candidates.h"
#include "look/exhaust.h"
#include "look/identity.h"
#include "look/lists.h"
#include "look/place.h"
#include "look/reach.h"
#include "look/sweep.h"
#include "look/walk.h"
#include "look/word.h"
#include "rescue.h"

/* So long is waited for RCU, and then between the looks; KFREE_DRAIN_JIFFIES is 5 s. */
#define SETTLE_PATIENCE	(10 * HZ)
#define SOON		(HZ / 4)
#define LATE		(13 * HZ / 2)
#define LOOKS_MAX	5

/* One sweep at a time; it protects the completion, too. */
static DEFINE_MUTEX(sweep_lock);
static bool can_sweep;

/*
 * RCU may never pass: then those who wait in its queues are found as what they are, words that
 * point in. So nobody waits here longer than patience lasts.
 */
static void settle_memory(struct work_struct *work);
static DECLARE_WORK(settle_work, settle_memory);
static DECLARE_COMPLETION(settled);

static void settle_memory(struct work_struct *work)
{
	patcher_memory_settle();
	complete_all(&settled);
}

/* Returns whether it has settled, or -EINTR. */
static int wait_to_settle(void)
{
	long left;

	if (!work_busy(&settle_work)) {
		reinit_completion(&settled);
		queue_work(system_unbound_wq, &settle_work);
	}
	left = wait_for_completion_interruptible_timeout(&settled, SETTLE_PATIENCE);
	return left < 0 ? -EINTR : left > 0;
}

/* Returns how many words are residue, or an errno. */
static int look_once(const struct patcher_aim *aim, struct patcher_sweep *sweep,
		     struct patcher_hits *hits)
{
	ktime_t start;
	int number;

	number = wait_to_settle();
	if (number < 0)
		return number;
	sweep->has_settled = number;
	start = ktime_get();
	number = patcher_walk(aim, hits);
	if (number)
		return number;
	sweep->pass_us = ktime_us_delta(ktime_get(), start);
	sweep->kbytes = atomic_long_read(&hits->pages) * (PAGE_SIZE / 1024);
	sweep->words = hits->number;
	sweep->incomplete = atomic_read(&hits->found) > PATCHER_HITS_MAX;
	sweep->looks++;
	patcher_place_hits(hits);
	number = patcher_identify(aim, sweep, hits);
	if (number > 0)
		number = patcher_exhaust(hits);
	if (number <= 0)
		return number;
	return sweep->is_live ? patcher_candidates_tell(aim, hits) :
				patcher_reach(aim, sweep, hits);
}

/*
 * Could all that is left be in memory that is about to be freed? By kfree_rcu(), or a stack, for
 * which RCU is waited twice, and then for vfree()'s work (delayed_put_task_struct(),
 * thread_stack_delayed_free(), kernel/fork.c, 6.1).
 */
static bool may_be_freed(const struct patcher_hits *hits)
{
	const struct patcher_hit *hit, *end = hits->list + hits->number;

	for (hit = hits->list; hit < end; hit++)
		if (hit->is_residue && !patcher_place_is_left_stack(hit) &&
		    (hit->place != PATCHER_PLACE_SLAB || patcher_memory_settles_at_once()))
			return false;
	return true;
}

static int pause_for(unsigned long jiffies)
{
	return schedule_timeout_interruptible(jiffies) || signal_pending(current) ? -EINTR : 0;
}

/*
 * A pointer may be moved, while memory is read, from where that was not read yet to where it had
 * been; and a word may be on its way, and gone a moment later. So a result is believed when two
 * looks in a row have it. What a later sweep looks for again need not be certain.
 */
static bool is_certain(const struct patcher_sweep *sweep, const struct patcher_hits *hits,
		       int number, int before)
{
	if (sweep->brief || (number && sweep->comes_again))
		return true;
	if (!number)
		return !before;
	return before > 0 && (sweep->is_live || !may_be_freed(hits));
}

static int look_until_certain(const struct patcher_aim *aim, struct patcher_sweep *sweep,
			      struct patcher_hits *hits)
{
	int number, before = -1, err;

	for (;;) {
		number = look_once(aim, sweep, hits);
		if (number < 0 || sweep->looks >= LOOKS_MAX ||
		    is_certain(sweep, hits, number, before))
			return number;
		err = !number ? 0 : pause_for(before > 0 ? LATE : SOON);
		if (err)
			return err;
		before = number;
	}
}

/* Does an earlier line say the same? An object often has several words. */
static bool is_named(const struct patcher_sweep *sweep, const char *line)
{
	unsigned int i;

	for (i = 0; i < sweep->named; i++)
		if (!strcmp(sweep->lines[i], line))
			return true;
	return false;
}

static void name_residue(const struct patcher_aim *aim, struct patcher_sweep *sweep,
			 const struct patcher_hits *hits)
{
	char *line;
	unsigned int i;

	patcher_lists_find();
	for (i = 0; i < hits->number && sweep->named < PATCHER_SWEEP_LINES; i++) {
		if (!hits->list[i].is_residue)
			continue;
		line = sweep->lines[sweep->named];
		if (sweep->is_live)
			patcher_candidates_text(aim, &hits->list[i], line, PATCHER_SWEEP_LINE);
		else
			patcher_lists_text(aim, &hits->list[i], line, PATCHER_SWEEP_LINE);
		sweep->named += !is_named(sweep, line);
		cond_resched();
	}
	patcher_lists_forget();
}

/* The stub of a target that is being rescued has been bound to it. */
static void find_stub(struct patcher_sweep *sweep, const struct module *target)
{
	const struct patcher_rescue *rescue;

	mutex_lock(&patcher_lock);
	rescue = patcher_rescue_find(target);
	if (rescue && !sweep->stub)
		sweep->stub = rescue->stub;
	mutex_unlock(&patcher_lock);
}

static int sweep_with_lock(const struct patcher_aim *aim, struct patcher_sweep *sweep,
			   struct patcher_hits *hits)
{
	int number = look_until_certain(aim, sweep, hits);

	if (number < 0)
		return number;
	sweep->found = number;
	name_residue(aim, sweep, hits);
	if (!sweep->incomplete)
		return 0;
	sweep->found++;
	return 0;
}

/**
 * patcher_sweep - find every word of the kernel's memory that points into a target
 * @target: its exit has run, its memory is there, and no task is inside; or it is live
 * @sweep: zeroed, but for what says in; out
 *
 * Context: process context, sleeps; no lock held; it takes patcher_lock for a moment.
 * A signal interrupts it.
 * Return: 0, and @sweep has the result; -EINTR; -ENOMEM; -EOPNOTSUPP when this kernel's memory
 * cannot be swept, which patcher_sweep_init() has logged.
 */
int patcher_sweep(struct module *target, struct patcher_sweep *sweep)
{
	ktime_t start = ktime_get();
	struct patcher_hits *hits;
	struct patcher_aim aim;
	int err;

	if (!can_sweep)
		return -EOPNOTSUPP;
	sweep->target = target;
	find_stub(sweep, target);
	hits = kvzalloc(sizeof(*hits), GFP_KERNEL);
	if (!hits)
		return -ENOMEM;
	err = patcher_aim_init(&aim, target);
	if (err)
		goto err_aim;
	err = mutex_lock_interruptible(&sweep_lock);
	if (err)
		goto err_lock;
	err = sweep_with_lock(&aim, sweep, hits);
	mutex_unlock(&sweep_lock);
	sweep->total_us = ktime_us_delta(ktime_get(), start);
err_lock:
	patcher_aim_free(&aim);
err_aim:
	kvfree(hits);
	return err;
}

/**
 * patcher_sweep_init - resolve and check what a sweep needs
 *
 * Context: this module's init; may sleep.
 * Return: 0, also when memory cannot be swept, and then the log says why; -ENOMEM.
 */
int patcher_sweep_init(void)
{
	int err = patcher_memory_init();

	if (err)
		return err == -EOPNOTSUPP ? 0 : err;
	patcher_known_init();
	can_sweep = true;
	return 0;
}

/**
 * patcher_sweep_exit - wait for what a sweep may have left running
 */
void patcher_sweep_exit(void)
{
	flush_work(&settle_work);
}
