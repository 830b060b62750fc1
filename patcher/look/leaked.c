// SPDX-License-Identifier: GPL-2.0
/*
 * leaked: are the references of which no holder was found really lost?
 *
 * The list of what may hold a module is never whole. So before such references are taken for lost,
 * memory is asked for whatever may have one (candidates.c). Only the user can overrule that.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "judge.h"
#include "log.h"
#include "look/leaked.h"
#include "look/sweep.h"
#include "rescue.h"

static int refuse_number(const char *name, int unaccounted, int said)
{
	return patcher_refuse(name, -EINVAL,
			      "leaked=%d was given, but %d references are unaccounted for; look again, and give that number only if you know that all of them are lost",
			      said, unaccounted);
}

static int refuse_thread(const char *name, int unaccounted, const char *who)
{
	return patcher_refuse(name, -EBUSY,
			      "%d references are unaccounted for, and a thread of its own may have them: %s; end that first, or leaked=%d if you know that they are lost",
			      unaccounted, who, unaccounted);
}

static int refuse_candidates(const char *name, int unaccounted,
			     const struct patcher_sweep *sweep)
{
	unsigned int i;

	for (i = 0; i < sweep->named; i++)
		patcher_warn(name, "may have a reference on it: %s", sweep->lines[i]);
	if (sweep->named == PATCHER_SWEEP_LINES && sweep->found > sweep->named)
		patcher_warn(name, "may have a reference on it: and %u more",
			     sweep->found - sweep->named);
	return patcher_refuse(name, -EBUSY,
			      "%d references are unaccounted for, and something may have them, see above; let that go first, or leaked=%d if you know that they are lost",
			      unaccounted, unaccounted);
}

static int refuse_unknown(const char *name, int unaccounted, int err)
{
	return patcher_refuse(name, err == -EINTR ? err : -EBUSY,
			      "%d references are unaccounted for, and it could not be determined whether something in memory has them (%pe); leaked=%d if you know that they are lost",
			      unaccounted, ERR_PTR(err), unaccounted);
}

static int ask_memory(struct module *target, const char *name, int unaccounted)
{
	struct patcher_sweep *sweep = kvzalloc(sizeof(*sweep), GFP_KERNEL);
	int err;

	if (!sweep)
		return patcher_refuse_memory(name);
	sweep->is_live = true;
	err = patcher_sweep(target, sweep);
	if (err)
		err = refuse_unknown(name, unaccounted, err);
	else if (sweep->found)
		err = refuse_candidates(name, unaccounted, sweep);
	kvfree(sweep);
	return err;
}

/**
 * patcher_leaked_check - may the references of which no holder was found be taken for lost?
 * @target: pinned
 * @name: its name
 * @found: what is known of it
 * @said: how many the user says are lost, or PATCHER_LEAKED_UNSAID
 *
 * Context: process context, sleeps, for a second maybe; no lock held.
 * Return: 0 if there are none, or they may; otherwise a negative errno, and the log says why.
 */
int patcher_leaked_check(struct module *target, const char *name,
			 const struct patcher_diagnosis *found, int said)
{
	int unaccounted = patcher_judge_unaccounted(found);

	if (said != PATCHER_LEAKED_UNSAID)
		return said == unaccounted ? 0 : refuse_number(name, unaccounted, said);
	if (!unaccounted)
		return 0;
	if (found->threads)
		return refuse_thread(name, unaccounted, found->who);
	return ask_memory(target, name, unaccounted);
}
