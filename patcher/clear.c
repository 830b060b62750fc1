// SPDX-License-Identifier: GPL-2.0
/*
 * clear: looks and judges until nothing is in the way of a rescue.
 *
 * What may go by itself is waited for, and what may be let go or evicted is. Nothing else is
 * changed.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include <patcher/stub.h>

#include "act/hook.h"
#include "act/quarantine.h"
#include "act/release.h"
#include "clear.h"
#include "log.h"
#include "look/leaked.h"
#include "request.h"
#include "rescue.h"

/* The pause between two scans while tasks are waited for. */
#define SCAN_PAUSE_MS	50
/* At least so many scans are made however long each takes: the machine may be short of CPUs. */
#define MIN_SCANS	10u

static void log_found(const struct patcher_rescue *rescue,
		      const struct patcher_diagnosis *found,
		      const struct patcher_verdict *verdict)
{
	patcher_info(rescue->name, "found %s, refcnt %d, exit %ps, used by %s, %s: %s",
		     patcher_state_text(found->state), found->references,
		     rescue->snapshot.exit,
		     found->dependents ? found->dependent_names : "no module", found->who,
		     patcher_situation_text(verdict->situation));
}

/* What holds the references, and what uses the target without holding one. */
static void log_account(const struct patcher_rescue *rescue,
			const struct patcher_diagnosis *found)
{
	const struct patcher_account *account = &found->account;
	int references = patcher_judge_references(found);
	unsigned int held = account->held + found->dependents;

	if (references && held)
		patcher_info(rescue->name, "%d references: %u held by %s%s%s, %d unaccounted for",
			     references, held, found->dependent_names,
			     found->dependents && account->held ? ", " : "",
			     account->held_by, patcher_judge_unaccounted(found));
	else if (references)
		patcher_info(rescue->name, "%d references: no holder found, %d unaccounted for",
			     references, patcher_judge_unaccounted(found));
	if (account->idle_devices)
		patcher_info(rescue->name, "devices of it, which hold no reference: %s",
			     account->devices);
}

static void restart_wait(struct patcher_patience *wait, const struct patcher_options *options)
{
	wait->deadline = jiffies + msecs_to_jiffies(options->timeout_ms);
	wait->scans_due = min(options->timeout_ms / SCAN_PAUSE_MS, MIN_SCANS);
}

/*
 * Before each scan: is the time up? When an evicted task has ended, others may have waited
 * for just that, and the time starts anew. If quarantine comes next, it only allows one more
 * scan.
 */
static void update_wait(struct patcher_patience *wait, const struct patcher_rescue *rescue,
			const struct patcher_options *options)
{
	unsigned int ended = patcher_evict_ended(&rescue->eviction);
	bool more_ended = ended != wait->ended;

	wait->ended = ended;
	if (more_ended && !wait->quarantine_next)
		restart_wait(wait, options);
	wait->is_over = !more_ended && !wait->scans_due &&
			time_after_eq(jiffies, wait->deadline);
	if (wait->scans_due)
		wait->scans_due--;
}

/**
 * patcher_look_and_judge - one look at a target, and what is to be done about it
 * @rescue: in PATCHER_ARMING
 * @options: what the user asked for
 * @wait: how long tasks have been waited for
 * @found: out
 * @verdict: out
 *
 * Context: process context, may sleep, no lock held.
 * Return: 0; or a negative errno if not all could be examined, which is not logged.
 */
int patcher_look_and_judge(struct patcher_rescue *rescue, const struct patcher_options *options,
			   const struct patcher_patience *wait, struct patcher_diagnosis *found,
			   struct patcher_verdict *verdict)
{
	const struct patcher_stub *stub = rescue->stub;
	const struct patcher_request asked = {
		.has_stub = stub,
		.has_cleanup = stub && stub->cleanup,
		.has_release = stub && stub->release,
		.force = options->force,
		.quarantine = options->quarantine,
		.waited = wait->begun,
		.let_go = rescue->let_go,
		.ending = patcher_evict_first_landing(&rescue->eviction),
		.time_is_up = wait->is_over,
	};
	int err;

	err = patcher_diagnose(rescue->target, stub ? stub->owner : NULL, &rescue->snapshot,
			       &rescue->occupants, found);
	if (err)
		return err;
	patcher_judge(found, &asked, verdict);
	WRITE_ONCE(rescue->situation, patcher_situation_text(verdict->situation));
	return 0;
}

/**
 * patcher_log_diagnosis - log how a target was found
 * @rescue: of that target
 * @found: what was found
 * @verdict: what it is
 *
 * Context: process context.
 */
void patcher_log_diagnosis(const struct patcher_rescue *rescue,
			   const struct patcher_diagnosis *found,
			   const struct patcher_verdict *verdict)
{
	log_found(rescue, found, verdict);
	log_account(rescue, found);
}

static void log_scan(const struct patcher_rescue *rescue, struct patcher_patience *wait,
		     const struct patcher_diagnosis *found,
		     const struct patcher_verdict *verdict)
{
	if (!wait->begun || wait->logged != verdict->situation)
		patcher_log_diagnosis(rescue, found, verdict);
	wait->logged = verdict->situation;
}

/* The target's own rmmod has run its exit, or its own insmod has seen init fail. */
static int end_as_left(struct patcher_rescue *rescue, enum patcher_state first)
{
	patcher_notice(rescue->name, "%s; nothing is left to do", first == PATCHER_COMING ?
		       "its init has failed, unloaded by its own insmod" :
		       "unloaded by its own rmmod");
	rescue->phase = PATCHER_LEAVING;
	return 0;
}

/* Something is in the way that may go: begin to wait for it, or go on; let tasks go. */
static int wait_on(struct patcher_rescue *rescue, const struct patcher_options *options,
		   struct patcher_patience *wait, const struct patcher_diagnosis *found,
		   const struct patcher_verdict *verdict)
{
	bool let_go = rescue->let_go;
	int err;

	if (!wait->begun) {
		wait->first_state = found->state;
		patcher_info(rescue->name, "waiting up to %u ms for them to leave",
			     options->timeout_ms);
	}
	wait->begun = true;
	wait->quarantine_next = verdict->quarantine_next;
	patcher_hook_warn(rescue);
	err = patcher_release(rescue, verdict);
	if (!err && rescue->let_go != let_go)
		restart_wait(wait, options);
	return err;
}

static int pause_between_scans(const struct patcher_rescue *rescue)
{
	if (!msleep_interruptible(SCAN_PAUSE_MS))
		return 0;
	return patcher_refuse(rescue->name, -EINTR, "interrupted");
}

/* Nothing is in the way, or all that is has been given up. */
static int accept_verdict(struct patcher_rescue *rescue, const struct patcher_options *options,
			  const struct patcher_diagnosis *found,
			  const struct patcher_verdict *verdict)
{
	int err = patcher_leaked_check(rescue->target, rescue->name, found, options->leaked);

	if (err)
		return err;
	if (verdict->action == PATCHER_QUARANTINE)
		return patcher_quarantine(rescue);
	if (*verdict->text)
		patcher_warn(rescue->name, "%s", verdict->text);
	return 0;
}

/* Returns when the verdict is final and has been acted upon, unless it is PATCHER_ARM. */
static int look_until_clear(struct patcher_rescue *rescue,
			    const struct patcher_options *options,
			    struct patcher_diagnosis *found,
			    struct patcher_verdict *verdict)
{
	struct patcher_patience wait = {};
	int err;

	restart_wait(&wait, options);
	for (;;) {
		update_wait(&wait, rescue, options);
		err = patcher_look_and_judge(rescue, options, &wait, found, verdict);
		/* A scan that fails while tasks are waited for is no reason to give up. */
		if (err && (!wait.begun || wait.is_over))
			return patcher_refuse(rescue->name, err,
					      "not all tasks could be scanned, they came and went too fast; try again");
		if (READ_ONCE(rescue->left))
			return end_as_left(rescue, wait.first_state);
		if (!err) {
			log_scan(rescue, &wait, found, verdict);
			switch (verdict->action) {
			case PATCHER_REFUSE:
				return patcher_refuse(rescue->name, verdict->error, "%s",
						      verdict->text);
			case PATCHER_QUARANTINE:
			case PATCHER_ARM:
				return accept_verdict(rescue, options, found, verdict);
			case PATCHER_WAIT:
			case PATCHER_LET_GO:
				err = wait_on(rescue, options, &wait, found, verdict);
				if (err)
					return err;
			}
		}
		err = pause_between_scans(rescue);
		if (err)
			return err;
	}
}

/**
 * patcher_clear - look and judge until nothing is in the way; let tasks go meanwhile
 * @rescue: in PATCHER_ARMING
 * @options: what the user asked for
 * @verdict: out: of PATCHER_ARM, unless the rescue is not in PATCHER_ARMING any more
 *
 * Context: process context, sleeps for as long as @options say; a signal ends that. No lock held.
 * Return: 0; or a negative errno, and the log says why.
 */
int patcher_clear(struct patcher_rescue *rescue, const struct patcher_options *options,
		  struct patcher_verdict *verdict)
{
	struct patcher_diagnosis *found;
	int err;

	found = kzalloc(sizeof(*found), GFP_KERNEL);
	if (!found)
		return patcher_refuse_memory(rescue->name);
	err = look_until_clear(rescue, options, found, verdict);
	if (rescue->phase != PATCHER_QUARANTINED)
		err = patcher_hook_wait(rescue, err);
	kfree(found);
	return err;
}
