// SPDX-License-Identifier: GPL-2.0
/*
 * correct: the target's state and reference count, and undo.
 *
 * All of it under module_mutex, as delete_module() decides under it. The count moves
 * by atomic operations all the same, since try_module_get() and module_put() take no
 * lock (kernel/module/main.c).
 */
#include <linux/module.h>

#include "act/correct.h"
#include "kernel/ksym.h"

/**
 * patcher_hold - keep rmmod from beginning
 * @target: pinned
 * @correction: remembers it
 *
 * A LIVE target gets one reference more, so that rmmod says "in use"; in any other
 * state rmmod refuses anyhow. Only rmmod -f may come through.
 *
 * Context: under module_mutex.
 */
void patcher_hold(struct module *target, struct patcher_correction *correction)
{
	lockdep_assert_held(patcher_ksym.module_mutex);
	if (target->state != MODULE_STATE_LIVE)
		return;
	atomic_inc(&target->refcnt);
	correction->held = true;
}

/**
 * patcher_unhold - undo patcher_hold()
 * @target: pinned
 * @correction: what patcher_hold() left
 *
 * Context: under module_mutex.
 */
void patcher_unhold(struct module *target, struct patcher_correction *correction)
{
	lockdep_assert_held(patcher_ksym.module_mutex);
	if (correction->held)
		atomic_dec(&target->refcnt);
	correction->held = false;
}

/**
 * patcher_correct - set state to LIVE and the count to the base count
 * @target: pinned
 * @snapshot: how it was found
 * @correction: what patcher_hold() left; remembers what was changed
 *
 * The hold ends with it.
 *
 * Context: under module_mutex.
 * Return: 0, or -EBUSY if state or count are not those of @snapshot; nothing has
 * changed then.
 */
int patcher_correct(struct module *target, const struct patcher_snapshot *snapshot,
		    struct patcher_correction *correction)
{
	int base = patcher_ksym.base_count;
	int expected = snapshot->refcnt + correction->held;

	lockdep_assert_held(patcher_ksym.module_mutex);
	if (target->state != snapshot->state)
		return -EBUSY;
	if (atomic_cmpxchg(&target->refcnt, expected, base) != expected)
		return -EBUSY;

	correction->held = false;
	correction->count_taken = snapshot->refcnt - base;
	if (target->state != MODULE_STATE_LIVE) {
		correction->state_found = target->state;
		correction->state_set = true;
		WRITE_ONCE(target->state, MODULE_STATE_LIVE);
	}
	return 0;
}

/**
 * patcher_correct_undo - give back what patcher_correct() took
 * @target: pinned, LIVE; its exit is not running
 * @correction: what patcher_correct() left
 *
 * References that were taken or given back in the meantime stay as they are.
 *
 * Context: under module_mutex.
 */
void patcher_correct_undo(struct module *target, struct patcher_correction *correction)
{
	lockdep_assert_held(patcher_ksym.module_mutex);
	if (correction->state_set)
		WRITE_ONCE(target->state, correction->state_found);
	atomic_add(correction->count_taken, &target->refcnt);
	correction->state_set = false;
	correction->count_taken = 0;
}
