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
#include <linux/static_call.h>

/**
 * struct patcher_ksym - what is not exported, and needed
 * @module_mutex: protects the list of modules, module_use links and, as
 *	delete_module() takes it around, changes of a module's state to GOING
 * @modules: the list of modules
 * @idem_hash: the table of loads in progress, since 6.5; NULL if there is none
 * @idem_lock: protects it
 * @base_count: the raw reference count of a module that nobody uses
 *
 * All but those that may be NULL are set when patcher_ksym_init() returned 0.
 */
struct patcher_ksym {
	struct mutex *module_mutex;	/* the kernel's own */
	struct list_head *modules;
	struct hlist_head *idem_hash;
	spinlock_t *idem_lock;		/* the kernel's own */
	int base_count;
};

extern struct patcher_ksym patcher_ksym;

/*
 * Functions are called directly, by static calls: with IBT (X86_KERNEL_IBT, 5.18 and
 * later) an indirect call to a function whose address the kernel itself never takes
 * faults, as its ENDBR has been removed.
 */
unsigned long patcher_lookup_fn(const char *name);
int patcher_stack_trace_fn(struct task_struct *task, unsigned long *store,
			   unsigned int size);
void patcher_put_task_stack_fn(struct task_struct *task);

DECLARE_STATIC_CALL(patcher_stack_trace, patcher_stack_trace_fn);
DECLARE_STATIC_CALL(patcher_put_task_stack, patcher_put_task_stack_fn);

/**
 * patcher_stack_trace - stack_trace_save_tsk_reliable(): a task's stack, or an error if it
 * is not certain
 * @task: not running, or current
 * @store: out, return addresses, the innermost first
 * @size: of @store, in addresses
 *
 * Return: how many, or a negative errno.
 */
static inline int patcher_stack_trace(struct task_struct *task, unsigned long *store,
				      unsigned int size)
{
	return static_call(patcher_stack_trace)(task, store, size);
}

/**
 * patcher_put_task_stack - put_task_stack(), the partner of the inline try_get_task_stack()
 * @task: whose stack
 */
static inline void patcher_put_task_stack(struct task_struct *task)
{
	static_call(patcher_put_task_stack)(task);
}

int patcher_ksym_init(void);

#endif /* PATCHER_KSYM_H */
