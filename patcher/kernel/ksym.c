// SPDX-License-Identifier: GPL-2.0
/*
 * ksym: the kernel-private symbols, resolved by name and checked before use.
 *
 * Read in Linux 6.1: module_mutex and modules in kernel/module/main.c,
 * stack_trace_save_tsk_reliable() in kernel/stacktrace.c, put_task_stack() in
 * kernel/fork.c, task_call_func() in kernel/sched/core.c (5.10: try_invoke_on_locked_down_task()),
 * do_exit() and do_group_exit() in kernel/exit.c. MODULE_REF_BASE in
 * kernel/module/main.c, modules_disabled too; kallsyms_lookup_size_offset() in
 * kernel/kallsyms.c; super_blocks and sb_lock in fs/super.c, block_class in block/genhd.c.
 * In 5.10 (kernel/module.c), 6.1, 6.12 and 7.3: module_wq in kernel/module/main.c. In 6.12 and
 * 7.3: idem_hash and idem_lock there. In all four: free_module() there.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/static_call.h>

#include "kernel/arch/arch.h"
#include "kernel/compat.h"
#include "kernel/ksym.h"

struct patcher_ksym patcher_ksym;

/*
 * Functions are called directly, by static calls: with IBT (X86_KERNEL_IBT, 5.18 and
 * later) an indirect call to a function whose address the kernel itself never takes
 * faults, as its ENDBR has been removed. Each place where one is made is patched twice while
 * this module loads, and each time interrupts all CPUs: so there is one for each function.
 */
DEFINE_STATIC_CALL_NULL(patcher_size_offset, patcher_size_offset_fn);
DEFINE_STATIC_CALL_NULL(patcher_stack_trace, patcher_stack_trace_fn);
DEFINE_STATIC_CALL_NULL(patcher_put_task_stack, patcher_put_task_stack_fn);
DEFINE_STATIC_CALL_NULL(patcher_task_call, patcher_task_call_fn);
DEFINE_STATIC_CALL_NULL(patcher_group_exit, patcher_group_exit_fn);
DEFINE_STATIC_CALL_NULL(patcher_free_module, patcher_free_module_fn);
DEFINE_STATIC_CALL_NULL(patcher_poke, patcher_poke_fn);
DEFINE_STATIC_CALL_NULL(patcher_poke_sync, patcher_poke_sync_fn);
DEFINE_STATIC_CALL_NULL(patcher_lookup, patcher_lookup_fn);
DEFINE_STATIC_CALL_NULL(patcher_each_symbol, patcher_each_symbol_fn);
static bool has_each_symbol;

/**
 * patcher_stack_trace - stack_trace_save_tsk_reliable(): a task's stack, or an error if it
 * is not certain
 * @task: not running, or current
 * @store: out, return addresses, the innermost first
 * @size: of @store, in addresses
 *
 * Return: how many, or a negative errno.
 */
int patcher_stack_trace(struct task_struct *task, unsigned long *store, unsigned int size)
{
	return static_call(patcher_stack_trace)(task, store, size);
}

/**
 * patcher_put_task_stack - put_task_stack(), the partner of the inline try_get_task_stack()
 * @task: whose stack
 */
void patcher_put_task_stack(struct task_struct *task)
{
	static_call(patcher_put_task_stack)(task);
}

/**
 * patcher_task_call - call a function while a task stands still, if it does not run
 * @task: held
 * @visit: the function; under spinlocks of the scheduler's, with interrupts off. What it
 *	returns is of no matter
 * @data: for it
 *
 * Before 5.16 the task may still be on its way off the CPU: then task->on_cpu is set.
 */
void patcher_task_call(struct task_struct *task, typeof(patcher_task_visit_fn) *visit, void *data)
{
	static_call(patcher_task_call)(task, visit, data);
}

/**
 * patcher_end_task - end the calling task: a kernel thread as if its function had
 * returned, a user's process as if it had been killed
 *
 * It never returns; but objtool believes that of no function of a module that is called from
 * another file, so it is not declared so.
 */
void patcher_end_task(void)
{
	if (current->flags & PF_KTHREAD)
		patcher_end_kthread();
	static_call(patcher_group_exit)(SIGKILL);
	BUG();
}

/**
 * patcher_free_module - free_module(): free a module's memory
 * @mod: GOING, its exit has run and the notifiers have been called
 *
 * Context: process context, sleeps; only if patcher_ksym.free_module is not 0.
 */
void patcher_free_module(struct module *mod)
{
	static_call(patcher_free_module)(mod);
}

/**
 * patcher_can_poke - can patcher_poke() be called on this kernel?
 */
bool patcher_can_poke(void)
{
	return patcher_ksym.can_poke;
}

/**
 * patcher_poke - overwrite text of a module
 * @addr: where; no task runs there, and patcher_poke_sync() comes before one may
 * @code: what
 * @size: its size in bytes
 *
 * Context: process context, sleeps.
 * Return: whether it is there now.
 */
bool patcher_poke(void *addr, const void *code, size_t size)
{
	if (patcher_ksym.text_mutex)
		mutex_lock(patcher_ksym.text_mutex);
	static_call(patcher_poke)(addr, code, size);
	if (patcher_ksym.text_mutex)
		mutex_unlock(patcher_ksym.text_mutex);
	return !memcmp(addr, code, size);
}

/**
 * patcher_poke_sync - let every CPU see what was written
 *
 * Context: process context, sleeps.
 */
void patcher_poke_sync(void)
{
	static_call(patcher_poke_sync)();
}

/*
 * kallsyms_lookup_name() is not exported since 5.7; a kprobe resolves names too, before it is
 * set. This one cannot be set: the function begins with an instruction of four bytes or more
 * (ENDBR, or the call of ftrace), and no kprobe may be set in the middle of one. So it need
 * not be removed. unregister_kprobe() would wait for an RCU grace period, which never ends
 * while a task spins in the target's exit with preemption off.
 */
static struct kprobe lookup_probe = {
	.symbol_name = "kallsyms_lookup_name",
	.offset = 2,
	.flags = KPROBE_FLAG_DISABLED,
};

/* Determine the offset: with IBT the kprobe may be moved behind the function's ENDBR. */
static noinline unsigned long find_lookup(void)
{
	char symbol[KSYM_SYMBOL_LEN];
	unsigned long addr, offset;

	addr = (unsigned long)lookup_probe.addr;
	sprint_symbol(symbol, addr);
	if (sscanf(symbol, "kallsyms_lookup_name+0x%lx/", &offset) != 1) {
		pr_err("a kprobe on kallsyms_lookup_name is at %s instead\n", symbol);
		return 0;
	}
	return addr - offset;
}

/* Is there a symbol of at least that size? */
static bool has_room(const void *symbol, size_t wanted)
{
	unsigned long offset, size;

	return patcher_symbol_at((unsigned long)symbol, &offset, &size) && !offset &&
	       size >= wanted;
}

/* Is the symbol large enough for a wait queue, and does it hold the head of a list? */
static bool wait_queue_is_right(struct wait_queue_head *queue)
{
	unsigned long flags;
	bool right;

	if (!has_room(queue, sizeof(*queue)))
		return false;
	spin_lock_irqsave(&queue->lock, flags);
	right = queue->head.next->prev == &queue->head && queue->head.prev->next == &queue->head;
	spin_unlock_irqrestore(&queue->lock, flags);
	return right;
}

/* More modules than any machine has; without its head in there the list is another one. */
#define MAX_MODULES	100000

/*
 * The list has to be one, and has to have this very module on it. There may be other symbols of
 * such a name, in any driver: so nothing that it leads to is read before the head was found
 * from this module on.
 */
static bool modules_list_is_right(void)
{
	const struct list_head *node = &THIS_MODULE->list;
	unsigned int i;
	bool sound;

	if (!has_room(patcher_ksym.module_mutex, sizeof(*patcher_ksym.module_mutex)) ||
	    !has_room(patcher_ksym.modules, sizeof(*patcher_ksym.modules)))
		return false;
	mutex_lock(patcher_ksym.module_mutex);
	for (i = 0, sound = true; sound && node != patcher_ksym.modules; i++) {
		sound = i < MAX_MODULES && node->next->prev == node;
		node = node->next;
	}
	mutex_unlock(patcher_ksym.module_mutex);
	return sound;
}

/*
 * MODULE_REF_BASE is private to kernel/module/main.c: 1, from 3.19 to 7.3. It is what
 * module_refcount() takes off the raw count; that of this module does not change while its init
 * runs.
 */
static int base_count(void)
{
	return atomic_read(&THIS_MODULE->refcnt) - module_refcount(THIS_MODULE);
}

/**
 * patcher_symbol_at - find the symbol at an address
 * @addr: the address
 * @offset: out, how far behind the beginning of its symbol it is, in bytes
 * @size: out, how long that symbol is, in bytes, as kallsyms has it
 *
 * Context: any.
 * Return: false if there is none.
 */
bool patcher_symbol_at(unsigned long addr, unsigned long *offset, unsigned long *size)
{
	return static_call(patcher_size_offset)(addr, size, offset);
}

/**
 * patcher_in_do_exit - is this an address in do_exit()?
 * @addr: a return address
 */
bool patcher_in_do_exit(unsigned long addr)
{
	return addr - patcher_ksym.do_exit < patcher_ksym.do_exit_size;
}

/**
 * patcher_is_trampoline - is this what tracers put in the place of a return address?
 * @addr: a word found on a stack
 *
 * The functions are return_to_handler (function graph, arch/x86/kernel/ftrace_64.S),
 * arch_rethook_trampoline (arch/x86/kernel/rethook.c, 5.18) and __kretprobe_trampoline
 * (arch/x86/kernel/kprobes/core.c; kretprobe_trampoline until 5.16).
 */
bool patcher_is_trampoline(unsigned long addr)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(patcher_ksym.trampolines); i++)
		if (addr - patcher_ksym.trampolines[i] < PATCHER_TRAMPOLINE_SIZE)
			return patcher_ksym.trampolines[i];
	return false;
}

/**
 * patcher_is_interrupt_entry - does this return address lead back to an interrupted
 * instruction?
 * @addr: the return address
 */
bool patcher_is_interrupt_entry(unsigned long addr)
{
	char symbol[KSYM_SYMBOL_LEN];

	sprint_symbol(symbol, addr);
	return patcher_arch_is_interrupt_entry(symbol);
}

static void compare_with_wanted(const struct patcher_wanted *wanted, const char *name,
				unsigned long addr)
{
	for (; wanted->name; wanted++)
		if (*name == *wanted->name && !*wanted->addr && !strcmp(name, wanted->name))
			*wanted->addr = addr;
	cond_resched();
}

/* One step of the walk below, which comes to modules last, if at all. */
#ifdef PATCHER_EACH_SYMBOL_HAS_MODULE
static int visit_symbol(void *data, const char *name, struct module *mod, unsigned long addr)
{
	if (mod)
		return 1;
	compare_with_wanted(data, name, addr);
	return 0;
}
#else
static int visit_symbol(void *data, const char *name, unsigned long addr)
{
	compare_with_wanted(data, name, addr);
	return 0;
}
#endif

/**
 * patcher_each_symbol - kallsyms_on_each_symbol(), where the kernel has it
 * @visit: called for each
 * @data: for it
 *
 * It is in kernel/kallsyms.c, where livepatches are.
 * Context: may sleep; takes milliseconds.
 */
void patcher_each_symbol(patcher_symbol_fn *visit, void *data)
{
	if (has_each_symbol)
		static_call(patcher_each_symbol)(visit, data);
}

/*
 * Where looking up one name means going through all of them, all names are looked up in one
 * walk: each takes milliseconds, in which the CPU does nothing else.
 */
static bool found_in_one_walk(const struct patcher_wanted *wanted)
{
	if (patcher_names_are_sorted() || !has_each_symbol)
		return false;
	patcher_each_symbol(visit_symbol, (void *)wanted);
	return true;
}

/**
 * patcher_resolve - look up symbols that are the kernel's own
 * @wanted: which; ends with one that has no name
 *
 * Context: may sleep; patcher_ksym_init() has found out how to look up.
 * Return: the name of the first that is not optional and is not there; NULL if there is none.
 */
const char *patcher_resolve(const struct patcher_wanted *wanted)
{
	bool found = found_in_one_walk(wanted);
	const char *missing = NULL;

	for (; wanted->name; wanted++) {
		if (!found)
			*wanted->addr = static_call(patcher_lookup)(wanted->name);
		if (!*wanted->addr && !wanted->optional && !missing)
			missing = wanted->name;
	}
	return missing;
}

/* What of them there is, depends on the version; only together are they of any use. */
struct poke_symbols {
	unsigned long copy, poke, text_mutex;
	unsigned long sync, sync_renamed;
};

/*
 * text_poke_copy() takes text_mutex, and came with 5.18; before, there is text_poke(), which is to
 * be called under it. text_poke_sync() became smp_text_poke_sync_each_cpu() in 6.16
 * (arch/x86/kernel/alternative.c; read in 5.10, 6.1, 6.12 and 7.3).
 */
static void use_poke_symbols(const struct poke_symbols *symbols)
{
	unsigned long poke = symbols->copy ?: symbols->poke;
	unsigned long sync = symbols->sync ?: symbols->sync_renamed;

	if (!poke || !sync || (!symbols->copy && !symbols->text_mutex))
		return;
	static_call_update(patcher_poke, (typeof(patcher_poke_fn) *)poke);
	static_call_update(patcher_poke_sync, (typeof(patcher_poke_sync_fn) *)sync);
	if (!symbols->copy)
		patcher_ksym.text_mutex = (struct mutex *)symbols->text_mutex;
	patcher_ksym.can_poke = true;
}

static int resolve_all(void)
{
	static unsigned long module_mutex, modules, stack_trace, put_task_stack;
	static unsigned long do_exit, do_group_exit, idem_hash, idem_lock;
	static unsigned long super_blocks, sb_lock, block_class, module_wq;
	static unsigned long modules_disabled, size_offset, free_module, task_call;
	static struct poke_symbols pokes;
	/* Not on the stack, of which they would take a large part. */
	static const struct patcher_wanted wanted[] = {
		{ "module_mutex", &module_mutex },
		{ "modules", &modules },
		{ "kallsyms_lookup_size_offset", &size_offset },
		{ "stack_trace_save_tsk_reliable", &stack_trace },
		{ "put_task_stack", &put_task_stack },
		{ PATCHER_TASK_CALL, &task_call },
		{ "do_exit", &do_exit },
		{ "do_group_exit", &do_group_exit },
		{ "idem_hash", &idem_hash, true },
		{ "idem_lock", &idem_lock, true },
		{ "super_blocks", &super_blocks, true },
		{ "sb_lock", &sb_lock, true },
		{ "block_class", &block_class, true },
		{ "module_wq", &module_wq, true },
		{ "modules_disabled", &modules_disabled, true },
		{ "free_module", &free_module, true },
		{ "text_poke_copy", &pokes.copy, true },
		{ "text_poke", &pokes.poke, true },
		{ "text_mutex", &pokes.text_mutex, true },
		{ "text_poke_sync", &pokes.sync, true },
		{ "smp_text_poke_sync_each_cpu", &pokes.sync_renamed, true },
		{ "return_to_handler", &patcher_ksym.trampolines[0], true },
		{ "arch_rethook_trampoline", &patcher_ksym.trampolines[1], true },
		{ "__kretprobe_trampoline", &patcher_ksym.trampolines[2], true },
		{ "kretprobe_trampoline", &patcher_ksym.trampolines[3], true },
		{ }
	};
	unsigned long lookup = find_lookup(), each_symbol, offset;
	const char *missing;

	if (!lookup)
		return -EOPNOTSUPP;
	static_call_update(patcher_lookup, (typeof(patcher_lookup_fn) *)lookup);
	each_symbol = static_call(patcher_lookup)("kallsyms_on_each_symbol");
	has_each_symbol = each_symbol;
	if (each_symbol)
		static_call_update(patcher_each_symbol,
				   (typeof(patcher_each_symbol_fn) *)each_symbol);
	missing = patcher_resolve(wanted);
	if (missing) {
		pr_err("this kernel has no %s, nothing can be rescued\n", missing);
		return -EOPNOTSUPP;
	}

	static_call_update(patcher_size_offset,
			   (typeof(patcher_size_offset_fn) *)size_offset);
	static_call_update(patcher_stack_trace,
			   (typeof(patcher_stack_trace_fn) *)stack_trace);
	static_call_update(patcher_put_task_stack,
			   (typeof(patcher_put_task_stack_fn) *)put_task_stack);
	static_call_update(patcher_task_call, (typeof(patcher_task_call_fn) *)task_call);
	static_call_update(patcher_group_exit, (typeof(patcher_group_exit_fn) *)do_group_exit);
	if (free_module)
		static_call_update(patcher_free_module,
				   (typeof(patcher_free_module_fn) *)free_module);
	patcher_ksym.free_module = free_module;
	use_poke_symbols(&pokes);
	patcher_ksym.do_exit = do_exit;
	if (!patcher_symbol_at(do_exit, &offset, &patcher_ksym.do_exit_size))
		patcher_ksym.do_exit_size = 0;
	patcher_ksym.module_mutex = (struct mutex *)module_mutex;
	patcher_ksym.modules = (struct list_head *)modules;
	patcher_ksym.idem_hash = (struct hlist_head *)idem_hash;
	patcher_ksym.idem_lock = (spinlock_t *)idem_lock;
	patcher_ksym.super_blocks = (struct list_head *)super_blocks;
	patcher_ksym.sb_lock = (spinlock_t *)sb_lock;
	patcher_ksym.block_class = (struct class *)block_class;
	patcher_ksym.module_wq = (struct wait_queue_head *)module_wq;
	patcher_ksym.modules_disabled = (int *)modules_disabled;

	if (!modules_list_is_right()) {
		pr_err("the list of modules is not as expected, nothing can be rescued\n");
		return -EOPNOTSUPP;
	}
	if (module_wq && !wait_queue_is_right(patcher_ksym.module_wq))
		patcher_ksym.module_wq = NULL;
	if (idem_hash && !has_room(patcher_ksym.idem_hash,
				   PATCHER_LOAD_CHAINS * sizeof(*patcher_ksym.idem_hash)))
		patcher_ksym.idem_hash = NULL;
	patcher_ksym.base_count = base_count();
	return 0;
}

/**
 * patcher_ksym_init - resolve all of them, and check them
 *
 * Context: this module's init; may sleep.
 * Return: 0; or -EOPNOTSUPP when this kernel lacks one, or -ENOMEM, and then the log says
 * so.
 */
int patcher_ksym_init(void)
{
	int err = register_kprobe(&lookup_probe);

	if (!err)
		unregister_kprobe(&lookup_probe);
	if (!lookup_probe.addr) {
		pr_err("no kprobe on kallsyms_lookup_name (%pe)\n", ERR_PTR(err));
		return err == -ENOMEM ? err : -EOPNOTSUPP;
	}
	return resolve_all();
}
