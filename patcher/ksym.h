/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel-private symbols, all resolved in one place.
 */
#ifndef PATCHER_KSYM_H
#define PATCHER_KSYM_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

/**
 * struct patcher_ksym - what is not exported, and needed
 * @module_mutex: protects the list of modules, module_use links and, as
 *	delete_module() takes it around, changes of a module's state to GOING
 * @modules: the list of modules
 * @stack_trace_save_tsk_reliable: a task's stack, or an error if it is not certain
 * @put_task_stack: the partner of try_get_task_stack(), which is inline
 * @idem_hash: the table of loads in progress, since 6.5; NULL if there is none
 * @idem_lock: protects it
 * @base_count: the raw reference count of a module that nobody uses
 *
 * All but those that may be NULL are set when patcher_ksym_init() returned 0.
 */
struct patcher_ksym {
	struct mutex *module_mutex;	/* the kernel's own */
	struct list_head *modules;
	int (*stack_trace_save_tsk_reliable)(struct task_struct *task,
					     unsigned long *store, unsigned int size);
	void (*put_task_stack)(struct task_struct *task);
	struct hlist_head *idem_hash;
	spinlock_t *idem_lock;		/* the kernel's own */
	int base_count;
};

extern struct patcher_ksym patcher_ksym;

int patcher_ksym_init(void);

#endif /* PATCHER_KSYM_H */
