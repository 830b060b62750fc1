/* SPDX-License-Identifier: GPL-2.0 */
/*
 * occupants: which tasks are inside a target, or have it in their hands.
 */
#ifndef PATCHER_OCCUPANTS_H
#define PATCHER_OCCUPANTS_H

#include <linux/module.h>
#include <linux/sched.h>

#include "look/waits.h"

/* How many are listed, and how many of those are named; all are counted. */
#define PATCHER_OCCUPANTS_MAX	128
#define PATCHER_OCCUPANTS_NAMED	4

enum patcher_occupant_kind {
	PATCHER_LOADER,		/* is loading or unloading the target, inside it or not */
	PATCHER_USER,		/* another user task, inside */
	PATCHER_THREAD,		/* a kernel thread of the target's own, inside */
	PATCHER_WORKER,		/* one of the kernel's, inside: a workqueue's worker, say */
	PATCHER_INTERRUPT,	/* an interrupt handler inside, whomever it interrupts */
	PATCHER_UNREADABLE,	/* its stack could not be read for certain */
	PATCHER_OCCUPANT_KINDS,
};

/**
 * struct patcher_occupant - one of them
 * @kind: in which way
 * @task: held, see patcher_occupants_forget(); NULL for the idle task of a CPU
 * @pid: its pid, 0 for the idle task
 * @comm: its name
 * @state: its state as ps shows it, D say
 * @addr: the innermost address in the target's text; 0 if it is not inside
 * @spared: why it must not be ended, in words; NULL if it may be
 * @unread: of PATCHER_UNREADABLE: the last address on its stack that could be read
 * @running: it was running on a CPU
 * @in_text: it was interrupted in the target's text itself, at @addr; otherwise @addr is
 *	where a function that it has called returns to
 * @wait: what it waits for, if it sleeps inside
 */
struct patcher_occupant {
	enum patcher_occupant_kind kind;
	struct task_struct *task;
	pid_t pid;
	char comm[TASK_COMM_LEN];
	char state;
	unsigned long addr;
	const char *spared;
	unsigned long unread;
	bool running;
	bool in_text;
	struct patcher_wait wait;
};

/**
 * struct patcher_occupants - all of them; zeroed before its first use
 * @tasks: how many tasks
 * @inside: how many of them with a frame in the target's text, or maybe
 * @count: how many by kind
 * @list: the first of @tasks
 */
struct patcher_occupants {
	unsigned int tasks;
	unsigned int inside;
	unsigned int count[PATCHER_OCCUPANT_KINDS];
	struct patcher_occupant list[PATCHER_OCCUPANTS_MAX];
};

/* Does it run, rather than sleep? It may be off the CPU just now. */
static inline bool patcher_occupant_runs(const struct patcher_occupant *who)
{
	return who->running || who->in_text;
}

int patcher_occupants_look(struct module *mod, bool loaders,
			   struct patcher_occupants *found);
void patcher_occupants_forget(struct patcher_occupants *found);
unsigned int patcher_occupants_listed(const struct patcher_occupants *found);
void patcher_occupants_spared(const struct patcher_occupants *found, char *text,
			      size_t size);
void patcher_occupants_text(const struct patcher_occupants *found, char *text,
			    size_t size);

#endif /* PATCHER_OCCUPANTS_H */
