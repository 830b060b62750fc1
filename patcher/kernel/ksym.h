/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel-private symbols, all resolved in one place.
 */
#ifndef PATCHER_KSYM_H
#define PATCHER_KSYM_H

#include <linux/bits.h>
#include <linux/device.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "kernel/compat.h"

/* IDEM_HASH_BITS of kernel/module/main.c, 6.5 to 7.3 */
#define PATCHER_LOAD_CHAINS_BITS	8
#define PATCHER_LOAD_CHAINS		BIT(PATCHER_LOAD_CHAINS_BITS)

/* None of the trampolines is larger, in bytes. */
#define PATCHER_TRAMPOLINE_SIZE	512

/**
 * struct patcher_ksym - the addresses of what patcher needs and the kernel does not export
 * @module_mutex: protects the list of modules, module_use links and, as
 *	delete_module() takes it around, changes of a module's state to GOING
 * @modules: the list of modules
 * @idem_hash: the hash table of loads in progress, since 6.5; NULL if there is none
 * @idem_lock: protects it
 * @super_blocks: the list of superblocks; NULL if there is none of that name
 * @sb_lock: protects it, likewise
 * @block_class: the class of block devices, likewise
 * @module_wq: on which a load waits for another load of the same name, or of a module that it
 *	uses, to end; likewise
 * @modules_disabled: the sysctl kernel.modules_disabled, likewise
 * @free_module: what frees a module's memory, in whatever way; 0 if there is none of that name
 * @text_mutex: protects kernel text, where writing to it does not take it by itself; else NULL
 * @can_poke: text of a module can be written
 * @base_count: the raw refcount of a module that is not in use
 * @do_exit: the function that a task never returns from
 * @do_exit_size: its size in bytes
 * @trampolines: what tracers put in the place of a return address; 0 where there is none
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
	struct wait_queue_head *module_wq;	/* the kernel's own */
	int *modules_disabled;
	unsigned long free_module;
	struct mutex *text_mutex;	/* the kernel's own */
	bool can_poke;
	int base_count;
	unsigned long do_exit;
	unsigned long do_exit_size;
	unsigned long trampolines[4];
};

extern struct patcher_ksym patcher_ksym;

/**
 * struct patcher_wanted - one symbol to be looked up
 * @name: NULL after the last one
 * @addr: out, its address; zeroed before
 * @optional: a kernel may be without it
 */
struct patcher_wanted {
	const char *name;
	unsigned long *addr;
	bool optional;
};

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

/* No functions: the types of those that ksym.c calls by address. */
unsigned long patcher_lookup_fn(const char *name);
int patcher_each_symbol_fn(patcher_symbol_fn *visit, void *data);
int patcher_size_offset_fn(unsigned long addr, unsigned long *size, unsigned long *offset);
int patcher_stack_trace_fn(struct task_struct *task, unsigned long *store,
			   unsigned int size);
void patcher_put_task_stack_fn(struct task_struct *task);
PATCHER_TASK_CALL_RET patcher_task_visit_fn(struct task_struct *task, void *data);
PATCHER_TASK_CALL_RET patcher_task_call_fn(struct task_struct *task,
					   typeof(patcher_task_visit_fn) *visit, void *data);
void patcher_group_exit_fn(int code);
void patcher_free_module_fn(struct module *mod);
void *patcher_poke_fn(void *addr, const void *code, size_t size);
void patcher_poke_sync_fn(void);

int patcher_ksym_init(void);
void patcher_each_symbol(patcher_symbol_fn *visit, void *data);
const char *patcher_resolve(const struct patcher_wanted *wanted);
int patcher_stack_trace(struct task_struct *task, unsigned long *store, unsigned int size);
void patcher_put_task_stack(struct task_struct *task);
void patcher_task_call(struct task_struct *task, typeof(patcher_task_visit_fn) *visit, void *data);
void patcher_end_task(void);
void patcher_free_module(struct module *mod);
bool patcher_can_poke(void);
bool patcher_poke(void *addr, const void *code, size_t size);
void patcher_poke_sync(void);
bool patcher_symbol_at(unsigned long addr, unsigned long *offset, unsigned long *size);
bool patcher_in_do_exit(unsigned long addr);
bool patcher_is_trampoline(unsigned long addr);
bool patcher_is_interrupt_entry(unsigned long addr);

#endif /* PATCHER_KSYM_H */
