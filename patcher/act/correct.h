/* SPDX-License-Identifier: GPL-2.0 */
/*
 * correct: the target's state and reference count, and undo.
 */
#ifndef PATCHER_CORRECT_H
#define PATCHER_CORRECT_H

#include <linux/module.h>

#include "look/diagnose.h"

/**
 * struct patcher_correction - one correction; zeroed before its first use
 * @held: a reference of ours keeps rmmod from beginning
 * @state_set: the state was changed
 * @state_found: from this
 * @count_taken: so many were taken off the reference count (negative: were added)
 */
struct patcher_correction {
	bool held;
	bool state_set;
	enum module_state state_found;
	int count_taken;
};

void patcher_hold(struct module *target, struct patcher_correction *correction);
void patcher_unhold(struct module *target, struct patcher_correction *correction);
int patcher_correct(struct module *target, const struct patcher_snapshot *snapshot,
		    struct patcher_correction *correction);
void patcher_correct_undo(struct module *target, struct patcher_correction *correction);

#endif /* PATCHER_CORRECT_H */
