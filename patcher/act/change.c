// SPDX-License-Identifier: GPL-2.0
/*
 * change: redirect and correct a target, in an order that can be undone; and undo it.
 *
 * First the redirect, which does no harm while no task can call the exit; then state and
 * refcount, which let rmmod in.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>

#include <patcher/stub.h>

#include "act/change.h"
#include "act/correct.h"
#include "act/redirect.h"
#include "judge.h"
#include "kernel/ksym.h"
#include "log.h"
#include "look/diagnose.h"
#include "look/occupants.h"
#include "rescue.h"

static const char *ftrace_problem(int error)
{
	switch (error) {
	case -EINVAL:
		return "the function has no ftrace site";
	case -EOPNOTSUPP:
		return "ftrace does not redirect functions here";
	default:
		return "ftrace cannot redirect the function now";
	}
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
			       redirect->from, redirect->to, ftrace_problem(ftrace_error),
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
			      "its state, refcnt or exit changed between diagnosis and correction; try again");
}

static void warn_redirect_stays(const struct patcher_rescue *rescue, int err)
{
	patcher_warn(rescue->name,
		     "ftrace cannot take the redirect of its exit off (%pe): " KBUILD_MODNAME
		     " and the stub stay loaded; see the ftrace bug above, and reboot when it suits",
		     ERR_PTR(err));
}

/**
 * patcher_change - redirect and correct the target
 * @rescue: in PATCHER_ARMING, diagnosed
 * @verdict: its action is PATCHER_ARM
 *
 * ftrace may wait for long, so this is not under patcher_lock: the rescue belongs to whoever
 * arms it. As soon as it returns 0 rmmod may have begun or, unless the caller holds
 * patcher_lock, have come as far as the notifiers: @rescue->left.
 *
 * Context: process context, sleeps; no lock held.
 * Return: 0; or -EBUSY if the target has changed since it was diagnosed, and then the log
 * says so and nothing was changed, but a redirect may stand that ftrace cannot take off.
 */
int patcher_change(struct patcher_rescue *rescue, const struct patcher_verdict *verdict)
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
	err = ftrace_error && redirect->method == PATCHER_FTRACE ? ftrace_error :
	      patcher_correct(target, &rescue->snapshot, &rescue->correction);
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
		err = patcher_redirect_undo_ftrace(redirect);
		if (err)
			warn_redirect_stays(rescue, err);
		mutex_lock(patcher_ksym.module_mutex);
		patcher_unhold(target, &rescue->correction);
		mutex_unlock(patcher_ksym.module_mutex);
		return refuse_changed(rescue);
	}

	if (verdict->redirect || verdict->set_state || verdict->set_count)
		add_taint(TAINT_FORCED_RMMOD, LOCKDEP_STILL_OK);
	if (verdict->redirect)
		log_redirect(rescue, ftrace_error);
	log_correction(rescue);
	return 0;
}

/**
 * patcher_change_undo - everything as it was found
 * @rescue: in PATCHER_RESTORING
 *
 * The hold keeps rmmod out while ftrace is taken off, so that no task is in the cleanup when
 * its stub goes.
 *
 * Context: process context, sleeps; no lock held.
 * Return: 0; -EBUSY if the rmmod of the target has begun; or another errno if ftrace cannot
 * take the redirect off, and then the log says so and nothing was changed.
 */
int patcher_change_undo(struct patcher_rescue *rescue)
{
	struct patcher_correction *correction = &rescue->correction;
	struct module *target = rescue->target;
	bool exit_is_ours = true;
	int err;

	mutex_lock(patcher_ksym.module_mutex);
	if (target->state != MODULE_STATE_LIVE)
		goto busy;
	patcher_hold(target, correction);
	mutex_unlock(patcher_ksym.module_mutex);

	err = patcher_redirect_undo_ftrace(&rescue->redirect);

	mutex_lock(patcher_ksym.module_mutex);
	patcher_unhold(target, correction);
	if (err) {
		mutex_unlock(patcher_ksym.module_mutex);
		warn_redirect_stays(rescue, err);
		return err == -EBUSY ? -EIO : err;
	}
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

/**
 * patcher_change_rmmod_has_died - did the rmmod of the target die in the cleanup?
 * @rescue: in PATCHER_RESTORING
 *
 * Then the target is GOING, no task is unloading it any more, and no notifier will ever be
 * called for it.
 *
 * Context: process context, sleeps; no lock held.
 */
bool patcher_change_rmmod_has_died(struct patcher_rescue *rescue)
{
	const unsigned int *count = rescue->occupants.count;

	if (READ_ONCE(rescue->target->state) != MODULE_STATE_GOING ||
	    patcher_occupants_look(rescue->target, true, &rescue->occupants))
		return false;
	return !count[PATCHER_LOADER] && !count[PATCHER_UNREADABLE];
}

/**
 * patcher_change_abandon - give the target the exit back that it had
 * @rescue: in PATCHER_RESTORING; its rmmod has died in the cleanup
 *
 * It stays as that rmmod has left it, situation 5b, and can be rescued again with a better
 * stub.
 *
 * Context: process context, sleeps; no lock held.
 * Return: 0; or an errno if ftrace cannot take the redirect off, and then the log says so.
 */
int patcher_change_abandon(struct patcher_rescue *rescue)
{
	int err = patcher_redirect_undo_ftrace(&rescue->redirect);

	if (err) {
		warn_redirect_stays(rescue, err);
		return err;
	}
	mutex_lock(patcher_ksym.module_mutex);
	patcher_redirect_undo_slot(&rescue->redirect);
	mutex_unlock(patcher_ksym.module_mutex);
	patcher_warn(rescue->name,
		     "its rmmod has died in the cleanup; it is GOING, with the exit that it had, and can be rescued again");
	return 0;
}

/**
 * patcher_change_take_off - take the redirect by ftrace off, as the exit has returned
 * @rescue: in PATCHER_LEAVING
 *
 * Context: process context, sleeps; no lock held.
 * Return: 0; or an errno if ftrace cannot, and then the log says so.
 */
int patcher_change_take_off(struct patcher_rescue *rescue)
{
	int err = patcher_redirect_undo_ftrace(&rescue->redirect);

	if (err)
		warn_redirect_stays(rescue, err);
	return err;
}
