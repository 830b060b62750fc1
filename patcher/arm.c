// SPDX-License-Identifier: GPL-2.0
/*
 * arm: the order of a rescue: look and judge until nothing is in the way (clear.c), then act.
 *
 * Nothing is changed before all was looked at and judged. Tasks that are let go or evicted in
 * between do not come back; everything else can be put back.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "act/call.h"
#include "act/change.h"
#include "act/revoke.h"
#include "arm.h"
#include "clear.h"
#include "dry_run.h"
#include "kernel/loads.h"
#include "kernel/modules.h"
#include "log.h"
#include "look/stub.h"
#include "request.h"
#include "rescue.h"
#include "watch/gate.h"
#include "watch/keep.h"
#include "watch/watch.h"

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
	err = patcher_clear(rescue, options, verdict);
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
		err = patcher_dry_run(rescue, options);
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
