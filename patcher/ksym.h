/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel-private symbols, all resolved in one place.
 */
#ifndef PATCHER_KSYM_H
#define PATCHER_KSYM_H

#include <linux/device.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/signal.h>
#include <linux/spinlock.h>
#include <linux/static_call.h>

/**
 * struct patcher_ksym - what is not exported, and needed
 * @module_mutex: protects the list of modules, module_use links and, as
 *	delete_module() takes it around, changes of a module's state to GOING
 * @modules: the list of modules
 * @idem_hash: the table of loads in progress, since 6.5; NULL if there is none
 * @idem_lock: protects it
 * @super_blocks: the list of superblocks; NULL if there is none of that name
 * @sb_lock: protects it, likewise
 * @block_class: the class of block devices, likewise
 * @base_count: the raw reference count of a module that nobody uses
 * @do_exit: what a task never returns from
 * @do_exit_size: its size in bytes
 *
 * All but those that may be NULL are set when patcher_ksym_init() returned 0.
 */
struct patcher_ksym {
	struct mutex *module_mutex;	/* the kernel's own */
	struct list_head *modules;
	struct hlist_head *idem_hash;
	spinlock_t *idem_lock;		/* the kernel's own */
	struct list_head *super_blocks;
	spinlock_t *sb_lock;		/* the kernel's own */
	struct class *block_class;
	int base_count;
	unsigned long do_exit;
	unsigned long do_exit_size;
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
void patcher_exit_fn(long code);
void patcher_group_exit_fn(int code);

DECLARE_STATIC_CALL(patcher_stack_trace, patcher_stack_trace_fn);
DECLARE_STATIC_CALL(patcher_put_task_stack, patcher_put_task_stack_fn);
DECLARE_STATIC_CALL(patcher_exit, patcher_exit_fn);
DECLARE_STATIC_CALL(patcher_group_exit, patcher_group_exit_fn);

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

/**
 * patcher_get_syscall_stack - hold the stack of a task that may be in a system call
 * @task: under rcu_read_lock(), or held
 *
 * One that dies does not go on with its system call any more.
 *
 * Return: false if it is not one; otherwise patcher_put_task_stack() is to be called.
 */
static inline bool patcher_get_syscall_stack(struct task_struct *task)
{
	return !(task->flags & (PF_KTHREAD | PF_EXITING)) && try_get_task_stack(task);
}

/**
 * patcher_end_task - end the calling task: a kernel thread as if its function had
 * returned, a user's process as if it had been killed
 */
static inline void __noreturn patcher_end_task(void)
{
	if (current->flags & PF_KTHREAD)
		static_call(patcher_exit)(0);
	else
		static_call(patcher_group_exit)(SIGKILL);
	BUG();
}

int patcher_ksym_init(void);
void patcher_ksym_exit(void);
bool patcher_symbol_at(unsigned long addr, unsigned long *offset, unsigned long *size);
bool patcher_in_do_exit(unsigned long addr);
bool patcher_is_interrupt_entry(unsigned long addr);

#endif /* PATCHER_KSYM_H */
