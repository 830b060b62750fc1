// SPDX-License-Identifier: GPL-2.0
/*
 * quarantine: gives the target's memory up, so that its name and what it has registered
 * are free.
 *
 * For a target in which tasks stay, whatever is done. The stub's cleanup runs at once; a
 * tripwire stands where each of the tasks would go on, and stays; the target is renamed.
 * It keeps the state that it has, COMING or GOING, in which neither rmmod nor anybody who
 * wants a reference touches it. When the last task has gone, it is made a module that
 * rmmod can unload under its new name: LIVE, unused, with neither init nor exit.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kobject.h>
#include <linux/module.h>

#include "evict.h"
#include "ksym.h"
#include "loads.h"
#include "log.h"
#include "occupants.h"
#include "quarantine.h"
#include "stub.h"

#define SUFFIX	"_quarantine"

/* Everybody who is inside, whoever it is: nobody must run the target's code again. */
static int cover_all(struct patcher_rescue *rescue, bool *fresh)
{
	const struct patcher_occupants *found = &rescue->occupants;
	const struct patcher_occupant *who;
	unsigned int i;
	int err;

	for (i = 0; i < patcher_occupants_listed(found); i++) {
		who = &found->list[i];
		if (!who->task || !who->addr || (who->running && !who->in_text))
			continue;
		err = patcher_evict_cover(&rescue->eviction, who, fresh);
		if (err && err != -ESRCH)
			return err;
	}
	return 0;
}

/* Also those that were seen first just now, and may have moved on since. */
static int cover_until_stable(struct patcher_rescue *rescue)
{
	bool fresh;
	int err;

	do {
		fresh = false;
		err = patcher_occupants_look(rescue->target, true, &rescue->occupants);
		if (!err)
			err = cover_all(rescue, &fresh);
		if (err)
			return patcher_refuse(rescue->name, -EBUSY,
					      "not everybody inside can be kept from going on (%pe), so it cannot be quarantined",
					      ERR_PTR(err));
	} while (fresh);
	return 0;
}

/* NAME_quarantine, NAME_quarantine2 and so on, cut to what a module's name can be. */
static void new_name(char *to, const char *name)
{
	struct kobject *taken = NULL;
	unsigned int number = 1;
	char suffix[24] = SUFFIX;

	do {
		kobject_put(taken);
		if (number > 1)
			snprintf(suffix, sizeof(suffix), SUFFIX "%u", number);
		number++;
		snprintf(to, MODULE_NAME_LEN, "%.*s%s",
			 (int)(MODULE_NAME_LEN - 1 - strlen(suffix)), name, suffix);
		taken = kset_find_obj(THIS_MODULE->mkobj.kobj.kset, to);
	} while (taken);
}

static int rename(struct module *target, const char *name)
{
	int err = kobject_rename(&target->mkobj.kobj, name);

	if (err)
		return err;
	mutex_lock(patcher_ksym.module_mutex);
	strscpy(target->name, name, sizeof(target->name));
	mutex_unlock(patcher_ksym.module_mutex);
	return 0;
}

/**
 * patcher_quarantine - take the target out of use for good
 * @rescue: in PATCHER_ARMING; tasks stay inside, with tripwires; its stub has a cleanup
 *
 * Context: process context, sleeps; no lock held, as the stub's cleanup is called.
 * Return: 0, and the rescue is in PATCHER_QUARANTINED; or a negative errno, and then the
 * log says why; unless the name is to blame, nothing has changed.
 */
int patcher_quarantine(struct patcher_rescue *rescue)
{
	char name[MODULE_NAME_LEN], who[PATCHER_WHO_LEN];
	int err;

	err = cover_until_stable(rescue);
	if (err)
		return err;
	patcher_occupants_text(&rescue->occupants, who, sizeof(who));
	patcher_notice(rescue->name, "%s; it is given up, running the cleanup of %s", who,
		       rescue->stub->owner->name);
	add_taint(TAINT_FORCED_RMMOD, LOCKDEP_STILL_OK);
	rescue->stub->cleanup();

	new_name(name, rescue->name);
	err = rename(rescue->target, name);
	if (err)
		return patcher_refuse(rescue->name, err,
				      "its cleanup has run, but it cannot be renamed to %s", name);
	rescue->phase = PATCHER_QUARANTINED;
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
 * Those who have left their tripwires' reach get new ones. When it is over, the tripwires
 * are off and rmmod works.
 *
 * Context: process context, sleeps; no lock held.
 */
bool patcher_quarantine_is_over(struct patcher_rescue *rescue)
{
	struct module *target = rescue->target;
	bool fresh;

	if (patcher_occupants_look(target, true, &rescue->occupants))
		return false;
	if (rescue->occupants.inside || rescue->occupants.count[PATCHER_LOADER]) {
		cover_all(rescue, &fresh);
		return false;
	}
	patcher_evict_remove(&rescue->eviction);
	make_removable(target);
	patcher_loads_sweep(rescue->name);
	patcher_notice(rescue->name, "nobody is inside %s any more; now: rmmod %s",
		       target->name, target->name);
	return true;
}
