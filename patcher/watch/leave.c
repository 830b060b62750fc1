// SPDX-License-Identifier: GPL-2.0
/*
 * leave: what becomes of a module at the gate: freed, or kept.
 *
 * In the task that unloads it, in place of free_module(), with no lock held. It is freed if
 * nobody is inside and nothing points into it any more. A signal ends both the waiting and the
 * sweep, and then it is kept: so rmmod returns in every case.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched/signal.h>

#include "act/change.h"
#include "log.h"
#include "look/occupants.h"
#include "look/sweep.h"
#include "rescue.h"
#include "watch/gate.h"
#include "watch/keep.h"
#include "watch/leave.h"
#include "watch/watch.h"

#define SCAN_INTERVAL_MS	250

/* Whether nobody is inside; false only if a signal came. */
static bool wait_until_empty(struct patcher_kept *leaving, struct module *mod)
{
	unsigned long next_word = jiffies;

	while (!patcher_watch_is_empty(mod, mod->name, &leaving->occupants, &next_word))
		if (msleep_interruptible(SCAN_INTERVAL_MS) || signal_pending(current))
			return patcher_kept_look(leaving, mod);
	return true;
}

/* Returns whether patcher's text may go once this task has left: not if ftrace still has it. */
static bool end_rescue(struct patcher_rescue *rescue)
{
	bool stranded;

	if (!rescue->stranded && patcher_change_take_off(rescue))
		rescue->stranded = true;
	stranded = rescue->stranded;
	patcher_watch_end(rescue);
	return !stranded;
}

/*
 * The rescue ends before the sweep, as much of it points into the target: the filter of the
 * redirect, the stub's pointers, the tasks that were seen inside. Returns what end_rescue() does.
 */
static bool free_or_keep(struct module *mod, struct patcher_kept *leaving,
			 struct patcher_rescue *rescue)
{
	bool is_empty = wait_until_empty(leaving, mod);
	bool may_go = !rescue || end_rescue(rescue);

	if (is_empty && patcher_kept_sweep(leaving, mod, false)) {
		if (rescue)
			patcher_notice(mod->name, "its exit has run and nobody is inside; rmmod frees it now");
		patcher_gate_free(mod);
		patcher_kept_free(leaving);
	} else {
		patcher_keep(leaving, mod);
	}
	return may_go;
}

/* Is there a rescue of it that the watch ends? Then the target is pinned, and waited for. */
static bool belongs_to_watch(const struct module *mod)
{
	return patcher_rescue_of(mod);
}

/* Called in place of free_module(). */
static void decide_at_gate(struct module *mod)
{
	struct patcher_kept *leaving = patcher_kept_alloc(mod);
	struct patcher_rescue *rescue = NULL;
	bool pins_patcher = false;

	if (leaving)
		rescue = patcher_watch_hand_over(mod);
	if (rescue)
		pins_patcher = rescue->pins_patcher;
	else if (leaving && patcher_gate_is_guard() && !belongs_to_watch(mod))
		pins_patcher = try_module_get(THIS_MODULE);
	else
		goto pass_by;

	if (free_or_keep(mod, leaving, rescue) && pins_patcher)
		module_put(THIS_MODULE);
	return;

pass_by:
	patcher_gate_free(mod);
	if (leaving)
		patcher_kept_free(leaving);
}

/**
 * patcher_leave_start - from now on the gate knows what to do
 *
 * Context: this module's init.
 * Return: 0 or -ENOMEM.
 */
int patcher_leave_start(void)
{
	int err;

	err = patcher_sweep_init();
	if (err)
		return err;
	err = patcher_keep_start();
	if (err)
		patcher_sweep_exit();
	else
		patcher_gate_init(decide_at_gate);
	return err;
}

/**
 * patcher_leave_stop - no module leaves through the gate any more
 *
 * What is kept stays so.
 *
 * Context: this module's exit, or its init that has failed; there is no rescue any more.
 */
void patcher_leave_stop(void)
{
	patcher_gate_close();
	patcher_keep_stop();
	patcher_gate_remove();
	patcher_sweep_exit();
}
