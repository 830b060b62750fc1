// SPDX-License-Identifier: GPL-2.0
/*
 * quarantine: gives up the target's memory, so that its name and what it has registered are free.
 *
 * For a target in which tasks stay, whatever is done. Each of them is caught: it ends when it
 * would return into the target, and stays caught. The target is renamed, and GOING, in which
 * state neither delete_module() nor try_module_get() succeeds; the stub's cleanup runs at
 * once. Threads are caught after the cleanup, which may want to stop them. When
 * the last task has gone, it is made a module that rmmod can unload under its new name:
 * LIVE, unused, with neither init nor exit.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/kobject.h>
#include <linux/module.h>

#include <patcher/stub.h>

#include "act/call.h"
#include "act/correct.h"
#include "act/evict.h"
#include "act/hook.h"
#include "act/quarantine.h"
#include "kernel/compat.h"
#include "kernel/ksym.h"
#include "kernel/loads.h"
#include "kernel/modules.h"
#include "log.h"
#include "look/occupants.h"
#include "rescue.h"

#define SUFFIX	"_quarantine"

/* For how long the tasks are scanned again if one cannot be caught where it is just now. */
#define CATCH_MS	2000
#define POLL_MS		20

/* Where it is now, can the task be kept from going on, without harm to others? */
static bool can_be_caught(const struct patcher_occupant *who)
{
	if (!who->task || !who->addr || who->spared)
		return false;
	switch (who->kind) {
	case PATCHER_INTERRUPT:
	case PATCHER_UNREADABLE:
		return false;
	case PATCHER_WORKER:
		/* These are parked, as others do their work. No other thread can be missed. */
		return who->task->flags & PF_WQ_WORKER || patcher_is_worker_of_user(who->task);
	default:
		return true;
	}
}

static bool is_left_to_cleanup(const struct patcher_occupant *who)
{
	return who->kind == PATCHER_THREAD || who->kind == PATCHER_WORKER;
}

/*
 * Catches all tasks that are inside, or all but the threads that the cleanup is about to stop.
 * -EAGAIN if one more look is needed.
 */
static int catch_occupants(struct patcher_rescue *rescue, bool threads)
{
	const struct patcher_occupants *found = &rescue->occupants;
	const struct patcher_occupant *who = found->list;
	bool fresh = false;
	unsigned int i;
	int err;

	for (i = 0; i < patcher_occupants_listed(found); i++, who++) {
		if (is_left_to_cleanup(who) && !threads)
			continue;
		if (!can_be_caught(who)) {
			fresh = true;
			continue;
		}
		err = patcher_evict_catch(&rescue->eviction, who, &fresh);
		if (err == -ESRCH || err == -EBUSY || err == -EAGAIN || err == -ECANCELED)
			fresh = true;
		else if (err)
			return err;
	}
	return fresh || found->tasks > PATCHER_OCCUPANTS_MAX ? -EAGAIN : 0;
}

static int catch_until_stable(struct patcher_rescue *rescue, bool threads)
{
	unsigned int tries;
	int err = -EAGAIN;

	for (tries = 0; tries < CATCH_MS / POLL_MS && err == -EAGAIN; tries++) {
		if (READ_ONCE(rescue->left))
			return -EBUSY;
		if (tries)
			msleep(POLL_MS);
		err = patcher_occupants_look(rescue->target, true, &rescue->occupants);
		if (!err)
			err = catch_occupants(rescue, threads);
	}
	return err;
}

/*
 * Our own directory first: as soon as the old name is free, another target may come with it.
 * The new one is free there as well, as all in it are names of modules that are loaded.
 */
static int rename_target(struct patcher_rescue *rescue, const char *name)
{
	int err;

	err = patcher_rescue_rename(rescue, name);
	if (err)
		return err;
	err = patcher_rename(rescue->target, name);
	if (err)
		patcher_rescue_rename(rescue, rescue->name);
	return err;
}

/*
 * From here on neither delete_module() nor try_module_get() may succeed. That takes GOING: in
 * COMING, try_module_get() does.
 */
static void isolate_target(struct module *target, struct patcher_correction *correction)
{
	mutex_lock(patcher_ksym.module_mutex);
	if (target->state != MODULE_STATE_GOING) {
		correction->state_found = target->state;
		correction->state_set = true;
		correction->count_taken = atomic_xchg(&target->refcnt, 0);
		WRITE_ONCE(target->state, MODULE_STATE_GOING);
	}
	mutex_unlock(patcher_ksym.module_mutex);
}

/**
 * patcher_quarantine_undo - the target as it was found, as its cleanup has died
 * @rescue: its target is renamed and isolated
 *
 * Context: process context, sleeps; no lock held.
 */
void patcher_quarantine_undo(struct patcher_rescue *rescue)
{
	struct module *target = rescue->target;

	mutex_lock(patcher_ksym.module_mutex);
	patcher_correct_undo(target, &rescue->correction);
	mutex_unlock(patcher_ksym.module_mutex);
	/* In this short time another module may have come with its name. */
	if (rename_target(rescue, rescue->name))
		patcher_warn(rescue->name, "its name is taken by now, so that it stays %s",
			     target->name);
}

/**
 * patcher_quarantine - take the target out of use for good
 * @rescue: in PATCHER_ARMING; tasks stay inside; its stub has a cleanup
 *
 * Context: process context, sleeps; no lock held, as the stub's cleanup is called.
 * Return: 0, and the rescue is in PATCHER_QUARANTINED, with the cleanup still under way if a
 * signal came; or a negative errno, and then the log says why, and nothing has changed.
 */
int patcher_quarantine(struct patcher_rescue *rescue)
{
	char name[MODULE_NAME_LEN], who[PATCHER_WHO_LEN];
	int err;

	err = catch_until_stable(rescue, false);
	if (err)
		return patcher_refuse(rescue->name, -EBUSY,
				      "not every task inside can be kept from going on (%pe), so it cannot be quarantined",
				      ERR_PTR(err));
	patcher_free_name(name, rescue->name, SUFFIX);
	err = rename_target(rescue, name);
	if (err)
		return patcher_refuse(rescue->name, err, "it cannot be renamed to %s", name);
	isolate_target(rescue->target, &rescue->correction);
	add_taint(TAINT_FORCED_RMMOD, LOCKDEP_STILL_OK);

	patcher_occupants_text(&rescue->occupants, who, sizeof(who));
	patcher_notice(rescue->name, "%s; it is given up, running the cleanup of %s", who,
		       rescue->stub->owner->name);
	err = patcher_call_stub(rescue, ".cleanup", rescue->stub->cleanup);
	if (err && !patcher_call_is_under_way(rescue)) {
		patcher_quarantine_undo(rescue);
		return err;
	}
	/* What this does not catch now, the watch will. */
	if (!err)
		catch_until_stable(rescue, true);

	mutex_lock(&patcher_lock);
	rescue->phase = PATCHER_QUARANTINED;
	mutex_unlock(&patcher_lock);
	patcher_notice(rescue->name, "quarantined as %s: its name is free; patcher stays until nobody is inside",
		       name);
	return 0;
}

static void make_removable(struct module *target)
{
	mutex_lock(patcher_ksym.module_mutex);
	target->init = NULL;
	WRITE_ONCE(target->exit, NULL);
	atomic_set(&target->refcnt, patcher_ksym.base_count);
	WRITE_ONCE(target->state, MODULE_STATE_LIVE);
	mutex_unlock(patcher_ksym.module_mutex);
}

/**
 * patcher_quarantine_is_over - has the last task left a quarantined target?
 * @rescue: in PATCHER_QUARANTINED
 *
 * Tasks that have come into it since are caught, too. When it is over, rmmod works.
 *
 * Context: process context, sleeps; no lock held.
 */
bool patcher_quarantine_is_over(struct patcher_rescue *rescue)
{
	struct module *target = rescue->target;

	if (patcher_occupants_look(target, true, &rescue->occupants))
		return false;
	if (rescue->occupants.inside || rescue->occupants.count[PATCHER_LOADER]) {
		catch_occupants(rescue, true);
		return false;
	}
	if (!patcher_evict_remove(&rescue->eviction)) {
		patcher_hook_warn(rescue);
		return false;
	}
	make_removable(target);
	patcher_loads_sweep(rescue->name, rescue->snapshot.state == MODULE_STATE_COMING);
	patcher_notice(rescue->name, "nobody is inside %s any more; now: rmmod %s",
		       target->name, target->name);
	return true;
}
