/* SPDX-License-Identifier: GPL-2.0 */
/*
 * diagnose: reads all there is to know about a target, and changes nothing.
 */
#ifndef PATCHER_DIAGNOSE_H
#define PATCHER_DIAGNOSE_H

#include <linux/module.h>

#include "judge.h"
#include "look/occupants.h"

/**
 * struct patcher_snapshot - what a rescue changes, as it was found
 * @state: mod->state
 * @refcnt: mod->refcnt, the raw value
 * @exit: mod->exit
 */
struct patcher_snapshot {
	enum module_state state;
	int refcnt;
	void (*exit)(void);
};

int patcher_diagnose(struct module *target, const struct module *stub,
		     struct patcher_snapshot *snapshot,
		     struct patcher_occupants *occupants,
		     struct patcher_diagnosis *found);
bool patcher_unchanged(const struct module *target,
		       const struct patcher_snapshot *snapshot);

#endif /* PATCHER_DIAGNOSE_H */
