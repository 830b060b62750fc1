/* SPDX-License-Identifier: GPL-2.0 */
/*
 * evict: ends tasks where they would return into the target.
 */
#ifndef PATCHER_EVICT_H
#define PATCHER_EVICT_H

#include <linux/list.h>
#include <linux/module.h>

#include "act/condemned.h"
#include "look/occupants.h"

/**
 * struct patcher_eviction - which tasks are evicted from one target; zeroed before its first use
 * @target: pinned
 * @name: its name, for the log
 * @hook: runs in the context of each task that is evicted; may be NULL
 * @timeout: how long @hook may take before that is logged, in jiffies
 * @condemned: the tasks
 * @number: how many
 */
struct patcher_eviction {
	struct module *target;
	const char *name;
	void (*hook)(void);
	unsigned long timeout;
	struct list_head condemned;
	unsigned int number;
};

void patcher_evict_init(struct patcher_eviction *eviction, struct module *target,
			const char *name);
int patcher_evict_catch(struct patcher_eviction *eviction,
			const struct patcher_occupant *who, bool *fresh);
struct patcher_condemned *patcher_evict_find(struct patcher_eviction *eviction,
					     const struct task_struct *task);
struct patcher_condemned *patcher_evict_first_landing(const struct patcher_eviction *eviction);
unsigned int patcher_evict_ended(const struct patcher_eviction *eviction);
bool patcher_evict_remove(struct patcher_eviction *eviction);

#endif /* PATCHER_EVICT_H */
