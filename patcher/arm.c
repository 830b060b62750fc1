// SPDX-License-Identifier: GPL-2.0
/*
 * arm: the order of a rescue: look and judge until nothing is in the way, then act; and back.
 *
 * Nothing is changed before all was looked at and judged. Tasks that are let go or evicted in
 * between do not come back; everything else can be put back.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "act/call.h"
#include "act/change.h"
#include "act/hook.h"
#include "act/quarantine.h"
#include "act/release.h"
#include "act/revoke.h"
#include "arm.h"
#include "kernel/loads.h"
#include "kernel/modules.h"
#include "log.h"
#include "look/leaked.h"
#include "look/stub.h"
#include "rescue.h"
#include "watch/gate.h"
#include "watch/keep.h"
#include "watch/watch.h"

/* The pause between two scans while tasks are waited for. */
#define SCAN_PAUSE_MS	50
/* At least so many scans are made however long each takes: the machine may be short of CPUs. */
#define MIN_SCANS	10u
/* How often it is logged what rmmod of patcher waits for. */
#define LOG_INTERVAL	(10 * HZ)

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

/**
 * struct wait_state - the wait for tasks in the way
 * @deadline: when the time is up, in jiffies
 * @scans_due: number of scans that are made whatever the time is
 * @ended: number of evicted tasks that had ended at the last scan
 * @begun: a scan has found something in the way that may go
 * @is_over: the time was up before the last scan began
 * @quarantine_next: of the last verdict
 * @logged: the situation that was logged last
 * @first_state: the target's state when the wait began
 */
struct wait_state {
	unsigned long deadline;
	unsigned int scans_due;
	unsigned int ended;
	bool begun;
	bool is_over;
	bool quarantine_next;
	enum patcher_situation logged;
	enum patcher_state first_state;
};

static void restart_wait(struct wait_state *wait, const struct patcher_options *options)
{
	wait->deadline = jiffies + msecs_to_jiffies(options->timeout_ms);
	wait->scans_due = min(options->timeout_ms / SCAN_PAUSE_MS, MIN_SCANS);
}

/*
 * Before each scan: is the time up? When an evicted task has ended, others may have waited
 * for just that, and the time starts anew. If quarantine comes next, it only allows one more
 * scan.
 */
static void update_wait(struct wait_state *wait, const struct patcher_rescue *rescue,
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

/* Logs no error. */
static int look_and_judge(struct patcher_rescue *rescue, const struct patcher_options *options,
			  const struct wait_state *wait, struct patcher_diagnosis *found,
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

static void log_scan(const struct patcher_rescue *rescue, struct wait_state *wait,
		     const struct patcher_diagnosis *found,
		     const struct patcher_verdict *verdict)
{
	if (!wait->begun || wait->logged != verdict->situation) {
		log_found(rescue, found, verdict);
		log_account(rescue, found);
	}
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
		   struct wait_state *wait, const struct patcher_diagnosis *found,
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
	struct wait_state wait = {};
	int err;

	restart_wait(&wait, options);
	for (;;) {
		update_wait(&wait, rescue, options);
		err = look_and_judge(rescue, options, &wait, found, verdict);
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

static int look_and_let_go(struct patcher_rescue *rescue,
			   const struct patcher_options *options,
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

static int change_or_give_back(struct patcher_rescue *rescue,
			       const struct patcher_verdict *verdict)
{
	int err = patcher_change(rescue, verdict);
	bool left;

	if (err) {
		if (rescue->revocation)
			patcher_revoke_undo(rescue);
		return err;
	}
	mutex_lock(&patcher_lock);
	if (rescue->revocation)
		patcher_revoke_done(rescue);
	left = rescue->left;
	rescue->phase = left ? PATCHER_LEAVING : PATCHER_ARMED;
	if (!left)
		patcher_notice(rescue->name, "armed; now: rmmod %s", rescue->name);
	else
		patcher_watch_begin(rescue);
	mutex_unlock(&patcher_lock);
	/* rmmod may have ended the rescue by now. */
	return 0;
}

/* Before anything is changed, and not under patcher_lock: ftrace may have to wait. */
static void add_to_gate(struct patcher_rescue *rescue)
{
	int err = patcher_gate_add(rescue->target);

	rescue->gated = !err;
	if (err)
		patcher_info(rescue->name,
			     "free_module() cannot be redirected (%pe): memory is not swept before it is freed",
			     ERR_PTR(err));
}

/*
 * If that goes well, the rescue does not belong to the caller any more: rmmod of the target,
 * or a write to disarm, may already have ended it.
 */
static int look_and_act(struct patcher_rescue *rescue, const struct patcher_options *options)
{
	struct patcher_verdict *verdict;
	int err;

	verdict = kzalloc(sizeof(*verdict), GFP_KERNEL);
	if (!verdict)
		return patcher_refuse_memory(rescue->name);
	err = look_and_let_go(rescue, options, verdict);
	/* The insmod may have been evicted just now. */
	if (!err && verdict->situation == PATCHER_INIT_DIED && rescue->loads_are_known)
		patcher_loads_sweep(rescue->name, true);
	if (!err && rescue->phase == PATCHER_ARMING) {
		if (verdict->revoke)
			err = patcher_revoke(rescue, verdict->revoke);
		if (!err) {
			add_to_gate(rescue);
			err = change_or_give_back(rescue, verdict);
		}
	} else if (!err) {
		patcher_watch_begin(rescue);
	}
	kfree(verdict);
	return err;
}

/* Of PATCHER_ARM. */
static void log_change_planned(const struct patcher_rescue *rescue,
			       const struct patcher_verdict *verdict)
{
	if (verdict->revoke)
		patcher_notice(rescue->name,
			       "dry run: %u references would be taken, with the open files that hold them",
			       verdict->revoke);
	if (verdict->redirect)
		patcher_notice(rescue->name, "dry run: its exit %ps would lead to %ps",
			       rescue->snapshot.exit, rescue->stub->cleanup);
	if (verdict->set_state)
		patcher_notice(rescue->name, "dry run: its state would become LIVE");
	if (verdict->set_count)
		patcher_notice(rescue->name, "dry run: its refcnt would become 0");
	if (*verdict->text)
		patcher_warn(rescue->name, "dry run: %s", verdict->text);
	patcher_notice(rescue->name, "dry run: it would be armed");
}

static void log_plan(const struct patcher_rescue *rescue, const struct patcher_options *options,
		     const struct patcher_diagnosis *found, const struct patcher_verdict *verdict)
{
	bool may_change = verdict->action == PATCHER_QUARANTINE ||
			  verdict->action == PATCHER_ARM;

	if (may_change &&
	    patcher_leaked_check(rescue->target, rescue->name, found, options->leaked)) {
		patcher_notice(rescue->name, "dry run: it would be refused, see above");
		patcher_notice(rescue->name, "dry run: nothing was changed");
		return;
	}
	switch (verdict->action) {
	case PATCHER_REFUSE:
		patcher_notice(rescue->name, "dry run: it would be refused: %s (%pe)",
			       verdict->text, ERR_PTR(verdict->error));
		break;
	case PATCHER_WAIT:
		patcher_notice(rescue->name, "dry run: it would wait up to %u ms: %s",
			       options->timeout_ms, verdict->text);
		break;
	case PATCHER_LET_GO:
		patcher_notice(rescue->name, "dry run: tasks would be released or evicted: %s",
			       verdict->text);
		break;
	case PATCHER_QUARANTINE:
		patcher_notice(rescue->name, "dry run: it would be quarantined");
		break;
	case PATCHER_ARM:
		log_change_planned(rescue, verdict);
		break;
	}
	patcher_notice(rescue->name, "dry run: nothing was changed");
}

/* Looks and judges once. Nothing is waited for: that it is in the way is what is asked for. */
static int look_and_tell(struct patcher_rescue *rescue, const struct patcher_options *options)
{
	struct patcher_verdict *verdict = kzalloc(sizeof(*verdict), GFP_KERNEL);
	struct patcher_diagnosis *found = kzalloc(sizeof(*found), GFP_KERNEL);
	struct wait_state wait = {};
	int err = -ENOMEM;

	if (verdict && found)
		err = look_and_judge(rescue, options, &wait, found, verdict);
	if (!err) {
		log_found(rescue, found, verdict);
		log_account(rescue, found);
		log_plan(rescue, options, found, verdict);
	} else {
		patcher_refuse(rescue->name, err, "dry run: it could not be examined; try again");
	}
	kfree(found);
	kfree(verdict);
	return err;
}

static int prepare_stub(struct patcher_rescue *rescue, const char *name)
{
	const struct patcher_stub *stub;
	int err;

	if (!*name)
		return 0;
	err = patcher_stub_get(rescue->name, name, &stub);
	if (err)
		return err;
	err = patcher_rescue_lock_settled(rescue);
	if (err)
		goto err_put;
	err = patcher_rescue_check_stub(rescue, stub);
	if (!err)
		err = patcher_stub_bind(stub, rescue->target);
	if (!err)
		rescue->stub = stub;
	mutex_unlock(&patcher_lock);
	if (!err)
		return 0;
err_put:
	/* Not patcher_stub_put(): its pointers may be bound for another rescue. */
	module_put(stub->owner);
	return err;
}

/* A signal has come while a routine of the stub runs: the watch ends the rescue, after that. */
static void give_up_waiting(struct patcher_rescue *rescue)
{
	mutex_lock(&patcher_lock);
	rescue->phase = PATCHER_CALLING;
	mutex_unlock(&patcher_lock);
	patcher_watch_begin(rescue);
}

/* Not armed, but ftrace cannot take the redirect off: to disarm can be tried again. */
static void keep_redirect(struct patcher_rescue *rescue)
{
	mutex_lock(&patcher_lock);
	rescue->phase = PATCHER_ARMED;
	patcher_watch_keep(rescue);
	mutex_unlock(&patcher_lock);
}

static int refuse_kept(const struct patcher_rescue *rescue)
{
	if (patcher_keep_is_leaving(rescue->target))
		return patcher_refuse(rescue->name, -EBUSY,
				      "its exit has run, and it is determined now whether anything still points into it; its rmmod ends in a moment");
	if (!patcher_keep_has(rescue->target))
		return 0;
	return patcher_refuse(rescue->name, -EBUSY,
			      "it is kept, its exit has run; it is freed when nothing points into it any more, or stays until the machine boots");
}

/**
 * patcher_arm - one rescue, up to the point where rmmod can take over
 * @options: what the user asked for
 *
 * Context: process context, may sleep; waits for rescues that were put back to end, and for
 * occupants to leave for as long as @options say, and for the stub's routines to return; a
 * signal ends that. No lock held.
 * Return: 0 when armed, or after a dry run. Otherwise a negative errno, and the log says why; the
 * target is as it was, but for the tasks that have left it by then. After -EINTR a rescue may be
 * left on the list, as a routine of its stub still runs.
 */
int patcher_arm(const struct patcher_options *options)
{
	struct patcher_rescue *rescue;
	int err;

	rescue = patcher_rescue_alloc();
	if (!rescue)
		return patcher_refuse_memory(options->target);
	/* At once: modprobe of the stub may meet the record of a dead insmod. */
	rescue->timeout_ms = options->timeout_ms;
	if (!options->dry_run)
		rescue->loads_are_known = patcher_loads_sweep(options->target, false);
	strscpy(rescue->name, options->target, sizeof(rescue->name));
	patcher_watch_init(rescue);

	err = patcher_pin(rescue->name, &rescue->target);
	if (err)
		goto err_free;
	err = refuse_kept(rescue);
	if (err)
		goto err_unpin;
	err = patcher_rescue_add(rescue);
	if (err)
		goto err_unpin;
	err = prepare_stub(rescue, options->stub);
	if (err)
		goto err_end;
	err = patcher_rescue_show(rescue);
	if (err) {
		patcher_refuse_memory(rescue->name);
		goto err_end;
	}
	patcher_evict_init(&rescue->eviction, rescue->target, rescue->name);
	if (rescue->stub)
		rescue->eviction.hook = rescue->stub->evicted;
	rescue->eviction.timeout = msecs_to_jiffies(rescue->timeout_ms);
	if (options->dry_run) {
		err = look_and_tell(rescue, options);
		goto err_end;
	}
	err = look_and_act(rescue, options);
	if (err && (patcher_call_is_under_way(rescue) || rescue->eviction.number)) {
		give_up_waiting(rescue);
		return err;
	}
	if (err && rescue->redirect.method == PATCHER_FTRACE) {
		keep_redirect(rescue);
		return err;
	}
	if (err)
		goto err_end;
	return 0;

err_end:
	patcher_watch_end(rescue);
	return err;
err_unpin:
	patcher_unpin(rescue->target);
err_free:
	patcher_rescue_discard(rescue);
	return err;
}

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
