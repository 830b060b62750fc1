/* SPDX-License-Identifier: GPL-2.0 */
/*
 * evict: tripwires, which end a task before it runs the target's code again.
 */
#ifndef PATCHER_EVICT_H
#define PATCHER_EVICT_H

#include <linux/list.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "occupants.h"

#define PATCHER_CONDEMNED_MAX	64

/**
 * struct patcher_condemned - a task that is not to run the target's code again
 * @task: held, and its stack too; NULL: this one is free
 * @hit: it has run into a tripwire
 * @parked: and sleeps for ever now
 * @woken: the address of what it was woken from last
 */
struct patcher_condemned {
	struct task_struct *task;
	bool hit;
	bool parked;
	unsigned long woken;
};

/**
 * struct patcher_eviction - who is evicted from one target; zeroed before its first use
 * @target: pinned
 * @name: its name, for the log
 * @hook: runs in the context of each task that is evicted; may be NULL
 * @wires: the tripwires
 * @condemned: whom they end; the others pass
 */
struct patcher_eviction {
	struct module *target;
	const char *name;
	void (*hook)(void);
	struct list_head wires;
	struct patcher_condemned condemned[PATCHER_CONDEMNED_MAX];
};

void patcher_evict_init(struct patcher_eviction *eviction, struct module *target,
			const char *name);
int patcher_evict_cover(struct patcher_eviction *eviction,
			const struct patcher_occupant *who, bool *fresh);
struct patcher_condemned *patcher_evict_find(struct patcher_eviction *eviction,
					     const struct task_struct *task);
bool patcher_evict_is_parked(const struct task_struct *task);
void patcher_evict_remove(struct patcher_eviction *eviction);
void patcher_evict_forget(struct patcher_eviction *eviction);

#endif /* PATCHER_EVICT_H */
