/* SPDX-License-Identifier: GPL-2.0 */
/*
 * condemned: which tasks are not to run the target's code again, and what becomes of them.
 */
#ifndef PATCHER_CONDEMNED_H
#define PATCHER_CONDEMNED_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "kernel/divert.h"
#include "look/occupants.h"

struct patcher_abandoned;

#define PATCHER_CONDEMNED_MAX	PATCHER_OCCUPANTS_MAX

enum patcher_fate {
	PATCHER_CONDEMNED,	/* is diverted, and has not come there */
	PATCHER_LANDED,		/* has come there, and may be in the stub's evicted hook */
	PATCHER_ENDING,		/* is about to call what it never returns from */
	PATCHER_ENDED,		/* was seen there */
	PATCHER_PARKED,		/* sleeps for ever instead, in our text */
	PATCHER_LEFT_BEHIND,	/* could not be put back: lands whenever it comes there */
};

/**
 * struct patcher_condemned - a task that is not to run the target's code again
 * @node: in the list of its eviction
 * @diversion: of that task; it is held, and its stack too
 * @abandoned: what is needed to note that it has left a part of its stack
 * @fate: what has become of it; an enum patcher_fate
 * @hook: runs in its context before it ends; may be NULL
 * @timeout: how long @hook may take before that is logged, in jiffies
 * @log_next: when to log that it has not returned, in jiffies; set when the task lands
 * @parks: it is not ended but parked; patcher has one reference more for that
 * @woken: the address of what it was woken from last
 * @pid: its pid
 * @comm: its name, as it can be logged
 * @target: the target's name, likewise
 */
struct patcher_condemned {
	struct list_head node;
	struct patcher_diversion diversion;
	struct patcher_abandoned *abandoned;
	atomic_t fate;
	void (*hook)(void);
	unsigned long timeout;
	unsigned long log_next;
	bool parks;
	unsigned long woken;
	pid_t pid;
	char comm[TASK_COMM_LEN];
	char target[MODULE_NAME_LEN];
};

struct patcher_condemned *patcher_condemned_new(const struct patcher_occupant *who,
						struct module *target, const char *name);
void patcher_condemned_pardon(struct patcher_condemned *condemned);
bool patcher_condemned_has_landed(const struct patcher_condemned *condemned);
bool patcher_condemned_is_landing(struct patcher_condemned *condemned);
void patcher_condemned_free(struct patcher_condemned *condemned);

#endif /* PATCHER_CONDEMNED_H */
