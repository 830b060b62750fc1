// SPDX-License-Identifier: GPL-2.0
/*
 * release: lets the tasks go that are stuck inside the target.
 *
 * First each task is caught that must not return into the target; then the stub's release routine
 * is called, or, without one, their waits are ended, as far as it is known how. So no task that
 * is released runs more of the target's code than it has to.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>

#include <patcher/stub.h>

#include "act/call.h"
#include "act/evict.h"
#include "act/release.h"
#include "judge.h"
#include "log.h"
#include "look/occupants.h"
#include "look/waits.h"
#include "rescue.h"

static bool is_to_be_evicted(const struct patcher_occupant *who,
			     const struct patcher_verdict *verdict)
{
	switch (who->kind) {
	case PATCHER_LOADER:
		return who->addr && verdict->evict_loaders;
	case PATCHER_USER:
	case PATCHER_THREAD:
		return who->addr && verdict->evict_others;
	default:
		return false;
	}
}

static int refuse_to_catch(const struct patcher_rescue *rescue,
			   const struct patcher_occupant *who, int err)
{
	switch (err) {
	case -ENOMEM:
	case -EINTR:
		return patcher_refuse(rescue->name, err,
				      "there is no memory now to evict %s[%d]; try again",
				      who->comm, who->pid);
	case -EXDEV:
		return patcher_refuse(rescue->name, -EOPNOTSUPP,
				      "%s[%d] cannot be evicted, a tracer has replaced the address at which it would go on, %pS; give a stub with a .release and no .cleanup",
				      who->comm, who->pid, (void *)who->addr);
	default:
		return patcher_refuse(rescue->name, -EOPNOTSUPP,
				      "%s[%d] cannot be evicted, a test has shown that no task can be on this kernel; give a stub with a .release and no .cleanup",
				      who->comm, who->pid);
	}
}

/* One that cannot be caught where it is just now may be elsewhere at the next scan. */
static bool is_caught_later(int err)
{
	return err == -ESRCH || err == -EBUSY || err == -EAGAIN || err == -ECANCELED ||
	       err == -ENOSPC;
}

/* Catches each task that is to be evicted; @all is set if none is left for the next scan. */
static int catch_tasks_to_evict(struct patcher_rescue *rescue,
				const struct patcher_verdict *verdict, bool *all)
{
	const struct patcher_occupants *found = &rescue->occupants;
	const struct patcher_occupant *who;
	bool fresh = false;
	unsigned int i;
	int err;

	*all = true;
	if (!verdict->evict_loaders && !verdict->evict_others)
		return 0;
	/* Below an interrupt there may be a task that is to be evicted. */
	*all = found->tasks <= PATCHER_OCCUPANTS_MAX && !found->count[PATCHER_INTERRUPT] &&
	       !found->count[PATCHER_UNREADABLE];
	for (i = 0; i < patcher_occupants_listed(found); i++) {
		who = &found->list[i];
		if (!is_to_be_evicted(who, verdict))
			continue;
		err = patcher_evict_catch(&rescue->eviction, who, &fresh);
		if (err && !is_caught_later(err))
			return refuse_to_catch(rescue, who, err);
		if (err)
			*all = false;
	}
	/* Another one may have come inside meanwhile. */
	if (fresh)
		*all = false;
	return 0;
}

/* Each wait is ended once. */
static void end_wait_of(struct patcher_rescue *rescue, const struct patcher_occupant *who)
{
	struct patcher_condemned *condemned = patcher_evict_find(&rescue->eviction, who->task);
	unsigned long what = who->wait.object ?: who->wait.function;

	if (!condemned || patcher_condemned_has_landed(condemned) ||
	    condemned->woken == what || !patcher_wait_end(&who->wait, who->task))
		return;
	condemned->woken = what;
	if (who->wait.object)
		patcher_notice(rescue->name, "%s %ps, for which %s[%d] waited",
			       who->wait.kind == PATCHER_WAIT_COMPLETION ? "completed" : "woke",
			       (void *)who->wait.object, who->comm, who->pid);
	else
		patcher_notice(rescue->name, "woke %s[%d], which slept in %ps", who->comm,
			       who->pid, (void *)who->wait.function);
}

static void end_waits_of_all(struct patcher_rescue *rescue)
{
	const struct patcher_occupants *found = &rescue->occupants;
	unsigned int i;

	for (i = 0; i < patcher_occupants_listed(found); i++)
		if (found->list[i].task && !found->list[i].running)
			end_wait_of(rescue, &found->list[i]);
}

/**
 * patcher_release - one step towards a target with no task inside
 * @rescue: in PATCHER_ARMING, just scanned for
 * @verdict: on what was found; its action is PATCHER_WAIT or PATCHER_LET_GO
 *
 * To be called again after each scan, as long as a task is in the way.
 *
 * Context: process context, sleeps; no lock held, as the stub's release routine is called.
 * Return: 0; a negative errno when a task cannot be evicted, or of patcher_call_stub(), and then
 * the log says so. Tasks that were evicted or released before stay so.
 */
int patcher_release(struct patcher_rescue *rescue, const struct patcher_verdict *verdict)
{
	const struct patcher_stub *stub = rescue->stub;
	bool all;
	int err;

	err = catch_tasks_to_evict(rescue, verdict, &all);
	if (err || !all || verdict->action != PATCHER_LET_GO)
		return err;

	if (!stub || !stub->release) {
		end_waits_of_all(rescue);
	} else if (!rescue->let_go) {
		patcher_notice(rescue->name, "calling the .release of %s", stub->owner->name);
		err = patcher_call_stub(rescue, ".release", stub->release);
		if (err)
			return err;
	}
	rescue->let_go = true;
	return 0;
}
