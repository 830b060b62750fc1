/* SPDX-License-Identifier: GPL-2.0 */
/*
 * evict: tripwires, which end a task before it runs the target's code again.
 */
#ifndef PATCHER_EVICT_H
#define PATCHER_EVICT_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "look/occupants.h"

#define PATCHER_CONDEMNED_MAX	PATCHER_OCCUPANTS_MAX

enum patcher_fate {
	PATCHER_FREE,		/* nobody's */
	PATCHER_CONDEMNED,	/* is not to run the target's code again */
	PATCHER_HIT,		/* has run into a tripwire, and will end */
	PATCHER_PARKED,		/* or sleeps for ever now */
};

/**
 * struct patcher_condemned - a task that is not to run the target's code again
 * @task: held, and its stack too, unless @fate is PATCHER_FREE
 * @fate: what has become of it; an enum patcher_fate, changed atomically
 * @woken: the address of what it was woken from last
 */
struct patcher_condemned {
	struct task_struct *task;
	atomic_t fate;
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
/*
 * Is it known where the task will go on in the target? Not while it runs in a function that
 * the target has called: it may never come back, and would then keep RCU, and with it the
 * removal of a kprobe, waiting.
 */
static inline bool patcher_evict_can_reach(const struct patcher_occupant *who)
{
	return who->task && who->addr && (!who->running || who->in_text);
}

int patcher_evict_cover(struct patcher_eviction *eviction,
			const struct patcher_occupant *who, bool *fresh);
struct patcher_condemned *patcher_evict_find(struct patcher_eviction *eviction,
					     const struct task_struct *task);
void patcher_evict_pardon(struct patcher_eviction *eviction,
			  const struct patcher_occupants *inside);
bool patcher_evict_is_under_way(const struct patcher_eviction *eviction);
unsigned int patcher_evict_ended(const struct patcher_eviction *eviction);
bool patcher_evict_stands(const struct patcher_eviction *eviction);
void patcher_evict_remove(struct patcher_eviction *eviction);
void patcher_evict_forget(struct patcher_eviction *eviction, bool gone);

#endif /* PATCHER_EVICT_H */
