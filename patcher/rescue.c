// SPDX-License-Identifier: GPL-2.0
/*
 * rescue: one target being worked on: look, judge, act; and undo.
 *
 * The order in which things are changed is the one that can be undone: nothing before
 * all was looked at and judged; then the redirect, which does no harm while nobody can
 * call the exit; then state and count, which let rmmod in.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "kernel/ksym.h"
#include "kernel/loads.h"
#include "log.h"
#include "look/occupants.h"
#include "act/quarantine.h"
#include "act/release.h"
#include "rescue.h"
#include "act/revoke.h"
#include "look/stub.h"
#include "sysfs.h"
#include "watch/watch.h"

/* How often occupants are looked at while they are waited for. */
#define POLL_MS		50
/* So many looks are due however long each takes: the machine may be short of CPUs. */
#define LOOKS_DUE	10u

/* What it protects, and the order of locks: rescue.h. */
DEFINE_MUTEX(patcher_lock);
LIST_HEAD(patcher_rescues);

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

/* Who has the references, and what there is of it without one. */
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
		patcher_info(rescue->name, "%d references: none held by anybody who was found, %d unaccounted for",
			     references, patcher_judge_unaccounted(found));
	if (account->idle_devices)
		patcher_info(rescue->name, "devices of it, which have no reference: %s",
			     account->devices);
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

/* Says nothing of an error. */
static int look(struct patcher_rescue *rescue, const struct patcher_options *options,
		bool waited, struct patcher_diagnosis *found,
		struct patcher_verdict *verdict)
{
	const struct patcher_stub *stub = rescue->stub;
	const struct patcher_request asked = {
		.has_stub = stub,
		.has_cleanup = stub && stub->cleanup,
		.has_release = stub && stub->release,
		.force = options->force,
		.quarantine = options->quarantine,
		.waited = waited,
		.let_go = rescue->let_go,
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

/* Its own rmmod has run its exit, or its own insmod has seen init fail. */
static int end_as_left(struct patcher_rescue *rescue, enum patcher_state first)
{
	patcher_notice(rescue->name, "%s; nothing is left to do", first == PATCHER_COMING ?
		       "its init has failed, unloaded by its own insmod" :
		       "unloaded by its own rmmod");
	rescue->phase = PATCHER_LEAVING;
	return 0;
}

static int conclude(struct patcher_rescue *rescue, const struct patcher_verdict *verdict)
{
	if (verdict->quarantine)
		return patcher_quarantine(rescue);
	if (verdict->error)
		return patcher_refuse(rescue->name, verdict->error, "%s", verdict->text);
	if (*verdict->text)
		patcher_warn(rescue->name, "%s", verdict->text);
	return 0;
}

static int refuse_interrupted(const struct patcher_rescue *rescue)
{
	return patcher_refuse(rescue->name, -EINTR, "interrupted");
}

static int wait_a_moment(const struct patcher_rescue *rescue)
{
	return msleep_interruptible(POLL_MS) ? refuse_interrupted(rescue) : 0;
}

/* How long occupants are still waited for; @ended of them were at their end when it began. */
struct patience {
	unsigned long deadline;
	unsigned int looks_due;
	unsigned int ended;
};

static struct patience begin_to_wait(const struct patcher_rescue *rescue,
				     const struct patcher_options *options)
{
	return (struct patience){
		.deadline = jiffies + msecs_to_jiffies(options->timeout_ms),
		.looks_due = min(options->timeout_ms / POLL_MS, LOOKS_DUE),
		.ended = patcher_evict_ended(&rescue->eviction),
	};
}

static bool is_over(const struct patience *patience)
{
	return !patience->looks_due && time_after_eq(jiffies, patience->deadline);
}

/* Whoever is just being evicted does not stay. */
static bool is_time_up(const struct patcher_rescue *rescue,
		       const struct patcher_verdict *verdict, const struct patience *patience)
{
	return is_over(patience) &&
	       (verdict->quarantine || !patcher_evict_is_under_way(&rescue->eviction)) &&
	       patcher_evict_ended(&rescue->eviction) == patience->ended;
}

/*
 * Whoever is still inside may have waited for one who has ended. With quarantine he has no
 * more time for that; but one more look, as it may have been the last one.
 */
static void renew(struct patience *patience, const struct patcher_rescue *rescue,
		  const struct patcher_options *options, const struct patcher_verdict *verdict)
{
	unsigned int ended = patcher_evict_ended(&rescue->eviction);

	if (ended == patience->ended)
		return;
	if (!verdict->quarantine)
		*patience = begin_to_wait(rescue, options);
	patience->ended = ended;
}

/*
 * Look and judge; as long as tasks are in the way that may leave, let them go, and look
 * again, up to the timeout, which begins anew when they have been let go, and whenever one of
 * them has ended. That some look fails meanwhile is no reason to give up: who was let go would
 * meet no tripwire.
 */
static int look_until_clear(struct patcher_rescue *rescue,
			    const struct patcher_options *options,
			    struct patcher_diagnosis *found,
			    struct patcher_verdict *verdict)
{
	struct patience patience = begin_to_wait(rescue, options);
	enum patcher_situation logged = PATCHER_HEALTHY;
	enum patcher_state first = PATCHER_LIVE;
	bool waits = false, let_go;
	int err;

	for (;;) {
		err = look(rescue, options, waits, found, verdict);
		if (patience.looks_due)
			patience.looks_due--;
		if (err && waits && !is_time_up(rescue, verdict, &patience)) {
			renew(&patience, rescue, options, verdict);
			err = wait_a_moment(rescue);
			if (err)
				return err;
			continue;
		}
		if (err)
			return patcher_refuse(rescue->name, err,
					      "not all could be looked at; try again");
		if (READ_ONCE(rescue->left))
			return end_as_left(rescue, first);
		if (!waits || logged != verdict->situation) {
			log_found(rescue, found, verdict);
			log_account(rescue, found);
		}
		logged = verdict->situation;
		if (!verdict->wait || is_time_up(rescue, verdict, &patience))
			return conclude(rescue, verdict);
		if (!waits) {
			first = found->state;
			patcher_info(rescue->name, "waiting up to %u ms for them to leave",
				     options->timeout_ms);
		}
		waits = true;
		let_go = rescue->let_go;
		err = patcher_release(rescue, verdict);
		if (err)
			return err;
		if (rescue->let_go != let_go)
			patience = begin_to_wait(rescue, options);
		renew(&patience, rescue, options, verdict);
		err = wait_a_moment(rescue);
		if (err)
			return err;
	}
}

static int look_and_judge(struct patcher_rescue *rescue,
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
		patcher_evict_remove(&rescue->eviction);
	kfree(found);
	return err;
}

static void log_redirect(const struct patcher_rescue *rescue, int ftrace_error)
{
	const struct patcher_redirect *redirect = &rescue->redirect;

	if (redirect->method == PATCHER_FTRACE)
		patcher_notice(rescue->name, "redirected its exit %ps to %ps by ftrace",
			       redirect->from, redirect->to);
	else if (!redirect->from)
		patcher_notice(rescue->name, "gave it the exit %ps by slot", redirect->to);
	else
		patcher_notice(rescue->name, "redirected its exit %ps to %ps by slot, as %s (%pe)",
			       redirect->from, redirect->to, ftrace_error == -EINVAL ?
			       "the function has no ftrace site" :
			       "ftrace cannot redirect the function now",
			       ERR_PTR(ftrace_error));
}

static void log_correction(const struct patcher_rescue *rescue)
{
	const struct patcher_correction *correction = &rescue->correction;
	const struct patcher_snapshot *found = &rescue->snapshot;

	if (correction->state_set)
		patcher_notice(rescue->name, "corrected its state from %s to LIVE",
			       found->state == MODULE_STATE_COMING ? "COMING" : "GOING");
	if (correction->count_taken)
		patcher_notice(rescue->name, "corrected its refcnt from %d to 0",
			       found->refcnt - patcher_ksym.base_count);
}

static int refuse_changed(const struct patcher_rescue *rescue)
{
	return patcher_refuse(rescue->name, -EBUSY,
			      "it changed while it was looked at; try again");
}

/* Caller holds patcher_lock. */
static int act(struct patcher_rescue *rescue, const struct patcher_verdict *verdict)
{
	struct patcher_redirect *redirect = &rescue->redirect;
	struct module *target = rescue->target;
	int ftrace_error = 0, err;
	bool forced_out;

	mutex_lock(patcher_ksym.module_mutex);
	if (!patcher_unchanged(target, &rescue->snapshot)) {
		mutex_unlock(patcher_ksym.module_mutex);
		return refuse_changed(rescue);
	}
	patcher_hold(target, &rescue->correction);
	mutex_unlock(patcher_ksym.module_mutex);

	if (verdict->redirect)
		ftrace_error = patcher_redirect_ftrace(redirect, target,
						       rescue->stub->cleanup);

	mutex_lock(patcher_ksym.module_mutex);
	err = patcher_correct(target, &rescue->snapshot, &rescue->correction);
	if (!err && verdict->redirect && redirect->method == PATCHER_NO_REDIRECT)
		patcher_redirect_slot(redirect, target, rescue->stub->cleanup);
	forced_out = rescue->snapshot.state == MODULE_STATE_LIVE &&
		     target->state == MODULE_STATE_GOING;
	if (forced_out)
		patcher_unhold(target, &rescue->correction);
	mutex_unlock(patcher_ksym.module_mutex);

	/*
	 * If rmmod -f came through meanwhile, the exit may be in the cleanup right
	 * now: the rescue is armed then, and rmmod half done.
	 */
	if (err && !(forced_out && redirect->method == PATCHER_FTRACE)) {
		patcher_redirect_undo_ftrace(redirect);
		mutex_lock(patcher_ksym.module_mutex);
		patcher_unhold(target, &rescue->correction);
		mutex_unlock(patcher_ksym.module_mutex);
		return refuse_changed(rescue);
	}

	rescue->phase = PATCHER_ARMED;
	if (verdict->redirect || verdict->set_state || verdict->set_count)
		add_taint(TAINT_FORCED_RMMOD, LOCKDEP_STILL_OK);
	if (verdict->redirect)
		log_redirect(rescue, ftrace_error);
	log_correction(rescue);
	return 0;
}

static int act_or_give_back(struct patcher_rescue *rescue,
			    const struct patcher_verdict *verdict)
{
	int err;

	mutex_lock(&patcher_lock);
	err = act(rescue, verdict);
	if (!err && rescue->revocation)
		patcher_revoke_done(rescue);
	if (!err)
		patcher_notice(rescue->name, "armed; now: rmmod %s", rescue->name);
	mutex_unlock(&patcher_lock);
	/* Otherwise rmmod may have ended it by now. */
	if (err && rescue->revocation)
		patcher_revoke_undo(rescue);
	return err;
}

/* Takes patcher_lock when those that were put back have ended, which they do soon. */
static int lock_settled(const struct patcher_rescue *rescue)
{
	for (;;) {
		if (patcher_watch_settle())
			return refuse_interrupted(rescue);
		mutex_lock(&patcher_lock);
		if (patcher_watch_is_settled())
			return 0;
		mutex_unlock(&patcher_lock);
	}
}

/* Is the target any other rescue's business? Caller holds patcher_lock. */
static int check_target(const struct patcher_rescue *rescue)
{
	const struct patcher_rescue *other;

	list_for_each_entry(other, &patcher_rescues, node) {
		if (other->target == rescue->target)
			return patcher_refuse(rescue->name, -EBUSY,
					      "there is a rescue of it already; rmmod it, or echo 1 >/sys/kernel/"
					      KBUILD_MODNAME "/%s/disarm", rescue->name);
		/* Its references are ours: they have not leaked. */
		if (other->stub && other->stub->owner == rescue->target)
			return patcher_refuse(rescue->name, -EBUSY,
					      "it is the stub in the rescue of %s; rmmod or disarm that first",
					      other->name);
	}
	return 0;
}

static int put_on_list(struct patcher_rescue *rescue)
{
	int err;

	err = lock_settled(rescue);
	if (err)
		return err;
	err = check_target(rescue);
	if (!err)
		list_add(&rescue->node, &patcher_rescues);
	mutex_unlock(&patcher_lock);
	return err;
}

/*
 * Is the stub any other rescue's business? Its pointers lead to one target's symbols; one
 * that has none may serve many. Caller holds patcher_lock.
 */
static int check_stub(const struct patcher_rescue *rescue, const struct patcher_stub *stub)
{
	bool has_symbols = stub->symbols && stub->symbols->name;
	const struct patcher_rescue *other;

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

static int prepare_stub(struct patcher_rescue *rescue, const char *name)
{
	const struct patcher_stub *stub;
	int err;

	if (!*name)
		return 0;
	err = patcher_stub_get(rescue->name, name, &stub);
	if (err)
		return err;
	err = lock_settled(rescue);
	if (err)
		goto err_put;
	err = check_stub(rescue, stub);
	if (!err)
		err = patcher_stub_bind(stub, rescue->target);
	if (!err)
		rescue->stub = stub;
	mutex_unlock(&patcher_lock);
	if (!err)
		return 0;
err_put:
	/* Not patcher_stub_put(): what is bound is another rescue's. */
	module_put(stub->owner);
	return err;
}

/*
 * If that goes well, the rescue is not ours any more: rmmod of the target, or a write to
 * disarm, may already have ended it.
 */
static int look_judge_act(struct patcher_rescue *rescue,
			  const struct patcher_options *options)
{
	struct patcher_verdict *verdict;
	int err;

	verdict = kzalloc(sizeof(*verdict), GFP_KERNEL);
	if (!verdict)
		return patcher_refuse_memory(rescue->name);
	err = look_and_judge(rescue, options, verdict);
	/* By now it may have been evicted. */
	if (!err && verdict->situation == PATCHER_INIT_DIED && rescue->loads_are_told)
		patcher_loads_sweep(rescue->name, true);
	if (!err && rescue->phase == PATCHER_ARMING) {
		if (verdict->revoke)
			err = patcher_revoke(rescue, verdict->revoke);
		if (!err)
			err = act_or_give_back(rescue, verdict);
	} else if (!err) {
		patcher_watch_begin(rescue);
	}
	kfree(verdict);
	return err;
}

/**
 * patcher_arm - one rescue, up to the point where rmmod can take over
 * @options: what the user asked for
 *
 * Context: process context, may sleep; waits for rescues that were put back to end, and for
 * occupants to leave for as long as @options say; a signal ends that. No lock held.
 * Return: 0 when armed. Otherwise a negative errno, and the log says why; the target is as
 * it was, but for who has left it by then.
 */
int patcher_arm(const struct patcher_options *options)
{
	struct patcher_rescue *rescue;
	int err;

	rescue = kzalloc(sizeof(*rescue), GFP_KERNEL);
	if (!rescue)
		return patcher_refuse_memory(options->target);
	/* At once: modprobe of the stub may meet a dead one. */
	rescue->loads_are_told = patcher_loads_sweep(options->target, false);
	strscpy(rescue->name, options->target, sizeof(rescue->name));
	patcher_watch_init(rescue);

	err = patcher_pin(rescue->name, &rescue->target);
	if (err)
		goto err_free;
	err = put_on_list(rescue);
	if (err)
		goto err_unpin;
	err = prepare_stub(rescue, options->stub);
	if (err)
		goto err_off_list;
	err = patcher_sysfs_add(rescue);
	if (err) {
		patcher_refuse_memory(rescue->name);
		goto err_off_list;
	}
	patcher_evict_init(&rescue->eviction, rescue->target, rescue->name);
	if (rescue->stub)
		rescue->eviction.hook = rescue->stub->evicted;
	err = look_judge_act(rescue, options);
	if (err)
		goto err_off_list;
	return 0;

err_off_list:
	patcher_rescue_end(rescue);
	return err;
err_unpin:
	patcher_unpin(rescue->target);
err_free:
	kfree(rescue);
	return err;
}

/**
 * patcher_rescue_end - let go of everything that a rescue holds, and of itself
 * @rescue: on the list; nothing of its target is changed by it any more
 *
 * Context: process context, may sleep; takes patcher_lock; not in one of its files in
 * sysfs. Whoever frees the target goes on from here.
 */
void patcher_rescue_end(struct patcher_rescue *rescue)
{
	bool gone = rescue->phase == PATCHER_LEAVING || rescue->phase == PATCHER_QUARANTINED;

	patcher_sysfs_remove(rescue);
	patcher_evict_forget(&rescue->eviction, gone);
	patcher_occupants_forget(&rescue->occupants);
	mutex_lock(&patcher_lock);
	list_del(&rescue->node);
	if (rescue->stub)
		patcher_stub_put(rescue->stub);
	patcher_unpin(rescue->target);
	mutex_unlock(&patcher_lock);
	kfree(rescue);
	patcher_watch_ended();
}

/*
 * Everything as it was found. The hold keeps rmmod out while ftrace is taken off, so
 * that nobody is in the cleanup when its stub goes.
 */
static int restore(struct patcher_rescue *rescue)
{
	struct patcher_correction *correction = &rescue->correction;
	struct module *target = rescue->target;
	bool exit_is_ours = true;

	mutex_lock(patcher_ksym.module_mutex);
	if (target->state != MODULE_STATE_LIVE)
		goto busy;
	patcher_hold(target, correction);
	mutex_unlock(patcher_ksym.module_mutex);

	patcher_redirect_undo_ftrace(&rescue->redirect);

	mutex_lock(patcher_ksym.module_mutex);
	patcher_unhold(target, correction);
	if (target->state != MODULE_STATE_LIVE)
		goto busy;
	exit_is_ours = patcher_redirect_undo_slot(&rescue->redirect);
	patcher_correct_undo(target, correction);
	mutex_unlock(patcher_ksym.module_mutex);

	if (!exit_is_ours)
		patcher_warn(rescue->name, "its exit was changed by something else since, and is left as it is");
	patcher_notice(rescue->name, "restored as it was found");
	return 0;
busy:
	mutex_unlock(patcher_ksym.module_mutex);
	return -EBUSY;
}

/*
 * Did the rmmod die in the cleanup? Then the target is GOING, and nobody is unloading it
 * any more: our notifier will never hear of it. Caller holds patcher_lock.
 */
static bool rmmod_has_died(struct patcher_rescue *rescue)
{
	const unsigned int *count = rescue->occupants.count;

	if (READ_ONCE(rescue->target->state) != MODULE_STATE_GOING ||
	    patcher_occupants_look(rescue->target, true, &rescue->occupants))
		return false;
	return !count[PATCHER_LOADER] && !count[PATCHER_UNREADABLE];
}

/*
 * The target stays as its dead rmmod has left it, situation 5b, with the exit that it had.
 * It can be rescued again, with a better stub.
 */
static void abandon(struct patcher_rescue *rescue)
{
	patcher_redirect_undo_ftrace(&rescue->redirect);
	mutex_lock(patcher_ksym.module_mutex);
	patcher_redirect_undo_slot(&rescue->redirect);
	mutex_unlock(patcher_ksym.module_mutex);
	patcher_warn(rescue->name,
		     "its rmmod has died in the cleanup; it is GOING, with the exit that it had, and can be rescued again");
}

/* Puts an armed target back, if that can be done. Caller holds patcher_lock. */
static bool put_back(struct patcher_rescue *rescue)
{
	if (restore(rescue)) {
		if (!rmmod_has_died(rescue))
			return false;
		abandon(rescue);
	}
	rescue->phase = PATCHER_RESTORED;
	return true;
}

/* Caller holds patcher_lock. */
static int disarm(struct patcher_rescue *rescue)
{
	switch (rescue->phase) {
	case PATCHER_ARMING:
		return patcher_refuse(rescue->name, -EBUSY,
				      "it is still being armed; a signal to whoever arms it ends that");
	case PATCHER_QUARANTINED:
		return patcher_refuse(rescue->name, -EBUSY,
				      "it is quarantined, which cannot be undone");
	case PATCHER_RESTORED:
		return 0;
	case PATCHER_ARMED:
		if (put_back(rescue)) {
			patcher_watch_restored(rescue);
			return 0;
		}
		fallthrough;
	default:
		return patcher_refuse(rescue->name, -EBUSY,
				      "its rmmod has begun, and cannot be held up; wait until that has ended");
	}
}

/**
 * patcher_disarm - put a target back as it was found
 * @rescue: whose files in sysfs are there as long as this takes
 *
 * The rescue is over when this returns; it ends, and its files go, soon after.
 *
 * Context: process context, may sleep; takes patcher_lock.
 * Return: 0, or -EBUSY, and then the log says why.
 */
int patcher_disarm(struct patcher_rescue *rescue)
{
	int err;

	mutex_lock(&patcher_lock);
	err = disarm(rescue);
	mutex_unlock(&patcher_lock);
	return err;
}

/**
 * patcher_disarm_all - put every target back as it was found, and end the rescues
 *
 * Leaves those on the list whose rmmod is at work: the watch ends them. Where that rmmod
 * has died, the rescue just ends.
 *
 * Context: process context, may sleep; takes patcher_lock.
 */
void patcher_disarm_all(void)
{
	struct patcher_rescue *rescue, *next;
	LIST_HEAD(ended);

	mutex_lock(&patcher_lock);
	list_for_each_entry_safe(rescue, next, &patcher_rescues, node)
		if (rescue->phase == PATCHER_ARMED && put_back(rescue))
			list_move(&rescue->node, &ended);
	mutex_unlock(&patcher_lock);

	list_for_each_entry_safe(rescue, next, &ended, node)
		patcher_rescue_end(rescue);
}
