/* SPDX-License-Identifier: GPL-2.0 */
/*
 * occupants: which tasks are inside a target, or have it in their hands.
 */
#ifndef PATCHER_OCCUPANTS_H
#define PATCHER_OCCUPANTS_H

#include <linux/module.h>
#include <linux/sched.h>

/* How many are named; all are counted. */
#define PATCHER_OCCUPANTS_NAMED	4

enum patcher_occupant_kind {
	PATCHER_INSIDE,		/* has a frame in the target's text */
	PATCHER_UNREADABLE,	/* its stack could not be read for certain */
	PATCHER_LOADER,		/* is loading or unloading the target */
	PATCHER_OCCUPANT_KINDS,
};

/**
 * struct patcher_occupant - one of them
 * @kind: in which way
 * @pid: its pid, 0 for the idle task of a CPU (an interrupt handler then)
 * @comm: its name
 * @addr: the innermost address in the target's text; 0 unless @kind is PATCHER_INSIDE
 * @running: it was running on a CPU
 */
struct patcher_occupant {
	enum patcher_occupant_kind kind;
	pid_t pid;
	char comm[TASK_COMM_LEN];
	unsigned long addr;
	bool running;
};

/**
 * struct patcher_occupants - all of them
 * @tasks: how many tasks
 * @count: how many by kind; a loader may be inside as well
 * @named: the first of @tasks
 */
struct patcher_occupants {
	unsigned int tasks;
	unsigned int count[PATCHER_OCCUPANT_KINDS];
	struct patcher_occupant named[PATCHER_OCCUPANTS_NAMED];
};

int patcher_occupants_look(struct module *mod, bool loaders,
			   struct patcher_occupants *found);
bool patcher_occupants_inside(const struct patcher_occupants *found);
void patcher_occupants_text(const struct patcher_occupants *found, char *text,
			    size_t size);

#endif /* PATCHER_OCCUPANTS_H */
