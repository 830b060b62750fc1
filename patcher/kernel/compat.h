/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every difference between kernels, each with the commit that made it.
 *
 * The rest of patcher/ is written as for the newest kernel. Where that commit brought a
 * macro, or one came with it, the macro is tested and not the version: stable and
 * vendor kernels have backported some of these commits.
 */
#ifndef PATCHER_COMPAT_H
#define PATCHER_COMPAT_H

#include <linux/blkdev.h>
#include <linux/debug_locks.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/ftrace.h>
#include <linux/kernel.h>
#include <linux/kernfs.h>
#include <linux/kthread.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/stringify.h>
#include <linux/version.h>

/*
 * struct module: the layouts became an array of memory types in 6.4 (ac3b43283923
 * "module: replace module_layout with module_memory").
 */
static inline bool patcher_within_text(const struct module *mod, unsigned long addr)
{
#ifdef for_class_mod_mem_type
	const enum mod_mem_type types[] = { MOD_TEXT, MOD_INIT_TEXT };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		const struct module_memory *mem = &mod->mem[types[i]];

		if (addr - (unsigned long)mem->base < mem->size)
			return true;
	}
	return false;
#else
	const struct module_layout *core = &mod->core_layout;
	const struct module_layout *init = &mod->init_layout;

	return addr - (unsigned long)core->base < core->text_size ||
	       addr - (unsigned long)init->base < init->text_size;
#endif
}

/* Where the part of a module's text ends that an address of its text is in. */
static inline unsigned long patcher_text_end(const struct module *mod, unsigned long addr)
{
#ifdef for_class_mod_mem_type
	const struct module_memory *text = &mod->mem[MOD_TEXT];
	const struct module_memory *init = &mod->mem[MOD_INIT_TEXT];

	if (addr - (unsigned long)text->base < text->size)
		return (unsigned long)text->base + text->size;
	return (unsigned long)init->base + init->size;
#else
	const struct module_layout *core = &mod->core_layout;
	const struct module_layout *init = &mod->init_layout;

	if (addr - (unsigned long)core->base < core->text_size)
		return (unsigned long)core->base + core->text_size;
	return (unsigned long)init->base + init->text_size;
#endif
}

/* How much memory a module has, in bytes, without its per-CPU data. */
static inline unsigned long patcher_module_size(const struct module *mod)
{
#ifdef for_class_mod_mem_type
	unsigned long size = 0;
	unsigned int i;

	for (i = 0; i < MOD_MEM_NUM_TYPES; i++)
		size += mod->mem[i].size;
	return size;
#else
	return mod->core_layout.size + mod->init_layout.size;
#endif
}

/*
 * Is this an address in a part of a module that is mapped read-only? What is marked
 * __ro_after_init becomes so when init has returned. The layouts have their text and
 * read-only data first, up to ro_size.
 */
static inline bool patcher_within_rodata(const struct module *mod, unsigned long addr)
{
	bool init_has_returned = mod->state != MODULE_STATE_COMING;
#ifdef for_class_mod_mem_type
	const enum mod_mem_type types[] = {
		MOD_TEXT, MOD_RODATA, MOD_INIT_TEXT, MOD_INIT_RODATA, MOD_RO_AFTER_INIT,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types) - !init_has_returned; i++) {
		const struct module_memory *mem = &mod->mem[types[i]];

		if (addr - (unsigned long)mem->base < mem->size)
			return true;
	}
	return false;
#else
	const struct module_layout *core = &mod->core_layout;
	const struct module_layout *init = &mod->init_layout;

	return addr - (unsigned long)core->base <
	       (init_has_returned ? core->ro_after_init_size : core->ro_size) ||
	       addr - (unsigned long)init->base < init->ro_size;
#endif
}

/*
 * Calls @visit for each range of memory that a module has. What is for its init only is gone when
 * that has returned, and has no size then.
 */
static inline void patcher_each_range(const struct module *mod,
				      void (*visit)(void *data, unsigned long start,
						    unsigned long size, bool is_fixed),
				      void *data)
{
#ifdef for_class_mod_mem_type
	for_each_mod_mem_type(type)
		visit(data, (unsigned long)mod->mem[type].base, mod->mem[type].size,
		      type == MOD_TEXT || type == MOD_RODATA || type == MOD_INIT_TEXT ||
		      type == MOD_INIT_RODATA);
#else
	const struct module_layout *core = &mod->core_layout;
	const struct module_layout *init = &mod->init_layout;
	unsigned long base = (unsigned long)core->base;

	visit(data, base, core->ro_size, true);
	visit(data, base + core->ro_size, core->size - core->ro_size, false);
	base = (unsigned long)init->base;
	visit(data, base, init->ro_size, true);
	visit(data, base + init->ro_size, init->size - init->ro_size, false);
#endif
}

/*
 * A node's parent is called __parent, and is under RCU, from 6.15 on (633488947ef6 "kernfs: Use
 * RCU to access kernfs_node::parent").
 */
static inline struct kernfs_node *patcher_kernfs_parent(const struct kernfs_node *node)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
	return rcu_access_pointer(node->__parent);
#else
	return READ_ONCE(node->parent);
#endif
}

/*
 * The object of a slab cache at an address is nearest_obj(), up to 5.17, whose second argument
 * then was a page (40f3bf0cb04c "mm: Convert struct page to struct slab in functions used by other
 * subsystems").
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 17, 0)
#include <linux/slub_def.h>
#define PATCHER_HAS_NEAREST_OBJ
#endif

/*
 * Where in a filesystem's type the link to the next is. In 7.3 they are on a list of struct
 * hlist_node, with links back, and 0 stands for none; 6.12 has this link.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
#define PATCHER_NEXT_FILESYSTEM	0
#else
#define PATCHER_NEXT_FILESYSTEM	offsetof(struct file_system_type, next)
#endif

/* A static key that a module's code asks, by number; NULL behind the last. */
static inline struct static_key *patcher_static_key(const struct module *mod, unsigned int i)
{
#ifdef CONFIG_JUMP_LABEL
	return i < mod->num_jump_entries ? jump_entry_key(&mod->jump_entries[i]) : NULL;
#else
	return NULL;
#endif
}

/*
 * Where the list of the modules that ask a static key begins; 0 if there is none. Without jump
 * labels nothing asks it in this way. JUMP_TYPE_LINKED and JUMP_TYPE_MASK, linux/jump_label.h.
 */
static inline unsigned long patcher_static_key_modules(const struct static_key *key)
{
#ifdef CONFIG_JUMP_LABEL
	unsigned long type = READ_ONCE(key->type);

	return type & 2 ? type & ~3UL : 0;
#else
	return 0;
#endif
}

/*
 * Likewise the key of a static call; two bits of a site's are flags (STATIC_CALL_SITE_FLAGS,
 * include/linux/static_call_types.h).
 */
static inline struct static_call_key *patcher_static_call(const struct module *mod,
							  unsigned int i)
{
#ifdef CONFIG_HAVE_STATIC_CALL_INLINE
	const struct static_call_site *site = &mod->static_call_sites[i];

	if (i >= mod->num_static_call_sites)
		return NULL;
	return (void *)(((long)site->key + (long)&site->key) & ~3L);
#else
	return NULL;
#endif
}

/*
 * The class whose owner field this would be. There is none from 6.4 on, which is also where
 * class_create() is no macro any more (1aaba11da9aa "driver core: class: remove module * from
 * class_create()").
 */
static inline const struct class *patcher_class_by_owner(unsigned long owner)
{
#ifdef class_create
	return container_of((struct module **)owner, struct class, owner);
#else
	return NULL;
#endif
}

/* What it is in sysfs: struct subsys_private begins with that (drivers/base/base.h). */
static inline const struct kset *patcher_class_subsystem(const struct class *class)
{
#ifdef class_create
	return (const struct kset *)class->p;
#else
	return NULL;
#endif
}

/*
 * struct module_use, one dependence: since 6.17 it is in kernel/module/internal.h, where
 * modules cannot see it (199d9ffb3165 "module: move 'struct module_use' to internal.h").
 * Its layout is the same on all of 5.10 to 7.3.
 */
struct patcher_module_use {
	struct list_head source_list;
	struct list_head target_list;
	struct module *source;
	struct module *target;
};

/*
 * __KBUILD_MODNAME, of which PATCHER_STUB() makes the name under which it exports the
 * descriptor, came with 5.12 (a8cccdd95473 "init: lto: ensure initcall ordering"). Before,
 * the descriptor is not exported, and found in the stub's own symbol table.
 */
static inline bool patcher_stubs_are_exported(void)
{
#ifdef __KBUILD_MODNAME
	return true;
#else
	return false;
#endif
}

/*
 * __KBUILD_MODNAME is the module's name with the prefix kmod_, and since 6.19 without
 * (6717e8f91db7 "kbuild: Remove 'kmod_' prefix from __KBUILD_MODNAME"). All modules of one
 * kernel share the same prefix, so it is derived from patcher's own.
 */
#define PATCHER_TOKEN	__stringify(__KBUILD_MODNAME)

static inline int patcher_token_prefix_len(void)
{
	return strlen(PATCHER_TOKEN) - strlen(KBUILD_MODNAME);
}

/*
 * kallsyms_lookup_name() compared with one name after the other until they were sorted, in
 * 6.2 (60443c88f3a8 "kallsyms: Improve the performance of kallsyms_lookup_name()"), which
 * stable 6.1 has as well. If a kernel differs from this, it only takes longer. Before,
 * kallsyms_on_each_symbol() passes the module as well, up to 6.4 (3703bd54cd37 "kallsyms:
 * Delete an unused parameter related to {module_}kallsyms_on_each_symbol()").
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
#define PATCHER_EACH_SYMBOL_HAS_MODULE
typedef int patcher_symbol_fn(void *data, const char *name, struct module *mod,
			      unsigned long addr);
#else
typedef int patcher_symbol_fn(void *data, const char *name, unsigned long addr);
#endif

static inline bool patcher_names_are_sorted(void)
{
	return LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 0);
}

/*
 * The table of loads in progress came with 6.5 (9b9879fc0327 "modules: catch concurrent
 * module loads, treat them as idempotent"). Where an older kernel has it all the same, its
 * symbols are found.
 */
static inline bool patcher_has_load_table(void)
{
	return LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0);
}

/*
 * With PREEMPT_RT the headers tell sparse that spin_trylock() acquires the lock, but not that
 * spin_unlock() releases it (include/linux/spinlock_rt.h, 6.1).
 */
#ifdef CONFIG_PREEMPT_RT
#define patcher_spin_trylock(lock) rt_spin_trylock(lock)
#else
#define patcher_spin_trylock(lock) spin_trylock(lock)
#endif

/*
 * The argument of an ftrace handler became struct ftrace_regs in 5.11 (d19ad0775dcd
 * "ftrace: Have the callbacks receive a struct ftrace_regs instead of pt_regs"). Its setter
 * came with 2860cd8a2353 ("livepatch: Use the default ftrace_ops instead of REGS when ARGS
 * is available"), and was renamed in 6.2 (0ef86097f127 "ftrace: rename
 * ftrace_instruction_pointer_set() -> ftrace_regs_set_instruction_pointer()"). On x86 both
 * are macros. The kernel has one for every architecture (include/linux/ftrace.h), but it
 * does nothing where the architecture has no HAVE_DYNAMIC_FTRACE_WITH_ARGS, as arm64 before
 * 6.2: so that is asked for.
 */
#if defined(ftrace_regs_set_instruction_pointer) || defined(ftrace_instruction_pointer_set)
#define patcher_ftrace_regs ftrace_regs
#else
#define patcher_ftrace_regs pt_regs
#endif

static inline void patcher_ftrace_set_ip(struct patcher_ftrace_regs *regs, unsigned long ip)
{
#if defined(PATCHER_WITHOUT_SETTER)	/* a build that shows that this is noticed */
#elif defined(ftrace_regs_set_instruction_pointer)
	ftrace_regs_set_instruction_pointer(regs, ip);
#elif defined(ftrace_instruction_pointer_set)
	ftrace_instruction_pointer_set(regs, ip);
#elif defined(CONFIG_X86)
	regs->ip = ip;
#endif
}

/* Is that known to do what it says? If not, nothing is redirected by ftrace. */
static inline bool patcher_ftrace_can_set_ip(void)
{
#if defined(ftrace_regs_set_instruction_pointer) || defined(ftrace_instruction_pointer_set)
	return IS_ENABLED(CONFIG_DYNAMIC_FTRACE_WITH_ARGS) ||
	       IS_ENABLED(CONFIG_HAVE_DYNAMIC_FTRACE_WITH_ARGS);
#else
	return IS_ENABLED(CONFIG_X86);
#endif
}

/*
 * Which flags let a handler set the instruction pointer, as kernel/livepatch/patch.c
 * of each version has them. Since 5.11 all registers need not be saved for it where
 * the architecture has DYNAMIC_FTRACE_WITH_ARGS (2860cd8a2353 "livepatch: Use the
 * default ftrace_ops instead of REGS when ARGS is available").
 */
static inline unsigned long patcher_ftrace_flags(void)
{
	unsigned long flags = FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT;

	if (!IS_ENABLED(CONFIG_DYNAMIC_FTRACE_WITH_ARGS) &&
	    !IS_ENABLED(CONFIG_HAVE_DYNAMIC_FTRACE_WITH_ARGS))
		flags |= FTRACE_OPS_FL_SAVE_REGS;
	return flags;
}

/*
 * Is a task on a CPU? Without SMP no on_cpu was kept for long. Pairs with the release in
 * finish_task() of kernel/sched/core.c.
 */
static inline bool patcher_is_on_cpu(struct task_struct *task)
{
#ifdef CONFIG_SMP
	/* Pairs with the release in finish_task() of kernel/sched/core.c. */
	return smp_load_acquire(&task->on_cpu);
#else
	return task == current;
#endif
}

/* The disk behind an open block device's file; without CONFIG_BLOCK there is none. */
static inline struct gendisk *patcher_disk_of_file(const struct file *file)
{
#ifdef CONFIG_BLOCK
	return READ_ONCE(I_BDEV(file->f_mapping->host)->bd_disk);
#else
	return NULL;
#endif
}

/*
 * The first argument of the function that an ftrace handler was called for.
 * ftrace_regs_get_argument() came with 6.2 (94d095ffa0e1 "ftrace: abstract
 * DYNAMIC_FTRACE_WITH_ARGS accesses"); before, struct ftrace_regs is a struct pt_regs.
 */
static inline unsigned long patcher_ftrace_first_argument(struct patcher_ftrace_regs *regs)
{
#if defined(ftrace_regs_get_argument)
	return ftrace_regs_get_argument(regs, 0);
#elif defined(ftrace_instruction_pointer_set)
	return regs_get_kernel_argument(&regs->regs, 0);
#else
	return regs_get_kernel_argument(regs, 0);
#endif
}

#ifdef CONFIG_BLOCK
static inline bool patcher_is_partition(const struct device *dev)
{
	return dev->type && dev->type->name && !strcmp(dev->type->name, "partition");
}

/* The disk that a device of class block is, or is a part of. */
static inline struct gendisk *patcher_disk_of(struct device *dev)
{
	return dev_to_disk(patcher_is_partition(dev) ? dev->parent : dev);
}

/*
 * How often a device of class block is open; a disk also once for each part that is. In
 * 5.10 a struct block_device is found by number; since 5.11 the device is in it
 * (0d02129e76ed "block: merge struct block_device and struct hd_struct"). The number is an
 * int, and since 5.19 an atomic_t (9acf381f3e8f "block: turn bdev->bd_openers into an
 * atomic_t").
 */
static inline unsigned int patcher_openers_of(struct device *dev)
{
#ifdef dev_to_bdev
	BUILD_BUG_ON(sizeof_field(struct block_device, bd_openers) != sizeof(int));
	return READ_ONCE(*(int *)&dev_to_bdev(dev)->bd_openers);
#else
	int partno = patcher_is_partition(dev) ? dev_to_part(dev)->partno : 0;
	struct block_device *bdev = bdget_disk(patcher_disk_of(dev), partno);
	unsigned int openers = 0;

	if (bdev) {
		openers = READ_ONCE(bdev->bd_openers);
		bdput(bdev);
	}
	return openers;
#endif
}

/*
 * How many references on the module of its operations a device of class block has, whose
 * number of openers is known: one in 5.10, where the first opener takes it; since 5.11
 * one for each opener (22ae8ce8b892 "block: simplify bdev/disk lookup in blkdev_get"), but
 * none for the opening of the disk that goes with that of a part. Only the first opener of a
 * part opens the disk, since 6.5 each does (9d1c92872e70 "block: also call ->open for
 * incremental partition opens"; BLK_OPEN_READ came in the same series, 05bdb9965305 "block:
 * replace fmode_t with a block-specific type for block open flags"); what that adds to the
 * disk is taken off where the part is counted.
 */
static inline int patcher_disk_references(unsigned int openers, bool is_partition)
{
#if defined(BLK_OPEN_READ)
	return is_partition ? 0 : openers;
#elif defined(dev_to_bdev)
	return openers - (is_partition && openers);
#else
	return openers > 0;
#endif
}
#endif /* CONFIG_BLOCK */

/*
 * Is a file watched by epoll? The list of its watches became one that is there only if
 * there are any in 5.11 (319c15174757 "epoll: take epitem list out of struct file"). On a
 * kernel that is not what its version says, this does not compile.
 */
static inline bool patcher_has_epoll(const struct file *file)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0)
	return READ_ONCE(file->f_ep);
#else
	return !list_empty(&file->f_ep_links);
#endif
}

/*
 * patcher_forget_locks - tell lockdep that the calling task holds no lock any more
 *
 * For a task that ends without giving its locks back; where there is no lockdep, nobody
 * keeps count. Lockdep switches itself off at its first report, at an oops, and at any time; from
 * then on lock_release() does nothing. A lock held several times is given back as often.
 */
static inline void patcher_forget_locks(void)
{
#ifdef CONFIG_LOCKDEP
	unsigned int left = 10000;

	while (debug_locks && current->lockdep_depth > 0 && left--)
		lock_release(current->held_locks[current->lockdep_depth - 1].instance,
			     _RET_IP_);
#endif
}

/*
 * patcher_enable_migration - undo each migrate_disable() of the calling task
 *
 * Until 5.11 it is the same as preempt_disable() (af449901b84c "sched: Add
 * migrate_disable()").
 */
static inline void patcher_enable_migration(void)
{
#if defined(CONFIG_SMP) && LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0)
	while (current->migration_disabled)
		migrate_enable();
#endif
}

/*
 * patcher_in_softirq - does this task run a softirq, other than in an interrupt on top of it?
 *
 * With PREEMPT_RT softirqs are run by tasks, on their own stacks, and may be preempted.
 */
static inline bool patcher_in_softirq(const struct task_struct *task)
{
#ifdef CONFIG_PREEMPT_RT
	return task->softirq_disable_cnt & SOFTIRQ_MASK & SOFTIRQ_OFFSET;
#else
	return false;
#endif
}

/*
 * patcher_end_kthread - end the calling kernel thread as if its function had returned
 *
 * do_exit() alone is not enough from 5.17 on (bbda86e988d4 "exit: Implement kthread_exit"), and
 * leaves a dead thread on a list from 6.14 to 6.18. kthread_exit() itself is not exported by 6.1.
 */
static inline void __noreturn patcher_end_kthread(void)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 17, 0)
	kthread_complete_and_exit(NULL, 0);
#else
	complete_and_exit(NULL, 0);
#endif
}

/*
 * patcher_is_worker_of_user - is it a thread that the kernel has started in a user's process, to
 * work for it: one of io_uring, or of vhost?
 *
 * Since 5.12 those of io_uring are no kernel threads (3bfe6106693b "io-wq: fork worker threads
 * from original task"). The flag for others came with 6.4 (54e6842d0775 "fork/vm: Move common
 * PF_IO_WORKER behavior to new flag").
 */
static inline bool patcher_is_worker_of_user(const struct task_struct *task)
{
#ifdef PF_USER_WORKER
	return task->flags & (PF_IO_WORKER | PF_USER_WORKER);
#else
	return task->flags & PF_IO_WORKER;
#endif
}

/*
 * patcher_task_call - call a function while a task stands still, if it does not run
 *
 * 5.16 has made one function of another (9b3c4ab3045e "sched,rcu: Rework
 * try_invoke_on_locked_down_task()"). The old one does not wait until a task that is about to
 * sleep has left its CPU, so @fn has to look at that.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 16, 0)
#define PATCHER_TASK_CALL	"task_call_func"
#define PATCHER_TASK_CALL_RET	int
#else
#define PATCHER_TASK_CALL	"try_invoke_on_locked_down_task"
#define PATCHER_TASK_CALL_RET	bool
#endif

/*
 * The functions that these operations of ftrace's are for: a struct ftrace_hash, which is private.
 * Without CONFIG_DYNAMIC_FTRACE there is none.
 */
#ifdef CONFIG_DYNAMIC_FTRACE
static inline const void *patcher_filter_of(const struct ftrace_ops *ops)
{
	return ops->func_hash ? (__force const void *)READ_ONCE(ops->func_hash->filter_hash) : NULL;
}
#else
static inline const void *patcher_filter_of(const void *ops)
{
	return NULL;
}
#endif

/* Where the function graph tracer notes which functions a task is in; NULL if it never did. */
#ifdef CONFIG_FUNCTION_GRAPH_TRACER
static inline const void *patcher_return_stack(const struct task_struct *task)
{
	return READ_ONCE(task->ret_stack);
}
#else
static inline const void *patcher_return_stack(const struct task_struct *task)
{
	return NULL;
}
#endif

#endif /* PATCHER_COMPAT_H */
