/* SPDX-License-Identifier: GPL-2.0 */
/*
 * divert: makes one task go on elsewhere, before it returns into a module.
 */
#ifndef PATCHER_DIVERT_H
#define PATCHER_DIVERT_H

#include <linux/list.h>
#include <linux/module.h>
#include <linux/sched.h>

/* So often a task can be diverted that has entered the module again, further in. */
#define PATCHER_DIVERT_DEPTH	4

/**
 * struct patcher_place - where a task was to go on
 * @slot: the word that has the address; on the task's stack
 * @addr: the address
 */
struct patcher_place {
	unsigned long *slot;
	unsigned long addr;
};

/**
 * struct patcher_diversion - a task that is not to return into a module
 * @node: on the list of all of them
 * @task: held, with its stack
 * @module: from whose text it is kept away
 * @land: called by the task itself, in process context, on top of the frames that it has left
 *	behind; when it returns, the task ends. It may sleep for ever instead
 * @depth: number of @places that are changed
 * @places: the outermost first
 *
 * @depth and @places are changed while the task stands still.
 */
struct patcher_diversion {
	struct list_head node;
	struct task_struct *task;
	struct module *module;
	void (*land)(struct patcher_diversion *diversion);
	unsigned int depth;
	struct patcher_place places[PATCHER_DIVERT_DEPTH];
};

int patcher_stand_still(struct task_struct *task,
			int (*fn)(struct task_struct *task, void *data), void *data);
int patcher_divert_test(void);
int patcher_divert_add(struct patcher_diversion *diversion);
void patcher_divert_del(struct patcher_diversion *diversion);
int patcher_divert(struct patcher_diversion *diversion);
int patcher_divert_undo(struct patcher_diversion *diversion);
bool patcher_divert_is_pad(unsigned long addr);
unsigned long patcher_divert_origin(const struct task_struct *task);
bool patcher_divert_is_at_its_end(struct task_struct *task);
void patcher_divert_init(void);

#endif /* PATCHER_DIVERT_H */
