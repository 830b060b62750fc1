// SPDX-License-Identifier: GPL-2.0
/*
 * evict: tripwires, which end a task before it runs the target's code again.
 *
 * A tripwire is a kprobe where an occupant would go on in the target: where the function
 * that it sleeps in returns to, or the instruction at which it was interrupted. A condemned
 * task that comes there is made to go on in land_evicted_task() instead, in process context
 * with its stack as it is, and ends there as if killed. Others pass.
 *
 * A kprobe with a post_handler is never replaced by a jump, behind which the changed
 * instruction pointer would be ignored (kernel/kprobes.c). register_kprobe() takes a
 * reference on the target for a moment, which a GOING module refuses, see admit_probes().
 *
 * The target's frames may have linked what they have on the stack: an entry in a wait queue,
 * which is taken off, or a timer or completion that nobody can find. So the stack of
 * whoever was condemned is kept until the target has gone.
 *
 * A workqueue's worker must not end: its pool would wait for it for ever. It is parked,
 * asleep in our text, and this module stays for good.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/kmemleak.h>
#include <linux/kprobes.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>

#include "kernel/arch/arch.h"
#include "kernel/compat.h"
#include "act/evict.h"
#include "kernel/ksym.h"
#include "log.h"
#include "kernel/symbols.h"
#include "look/waits.h"

struct wire {
	struct list_head node;
	struct patcher_eviction *eviction;
	struct kprobe probe;
};

static void __noreturn park_current(void)
{
	for (;;) {
		set_current_state(TASK_IDLE);
		schedule();
	}
}

/*
 * Where a task goes on that has hit a tripwire. The eviction stays until the task is in
 * do_exit() or parked: patcher_evict_remove().
 */
static void land_evicted_task(void *data)
{
	struct wire *wire = data;
	struct patcher_eviction *eviction = wire->eviction;
	struct patcher_condemned *condemned = patcher_evict_find(eviction, current);
	bool parks, unlinked;

	patcher_arch_settle();
	if (eviction->hook)
		eviction->hook();
	unlinked = patcher_wait_unlink();
	patcher_forget_locks();
	parks = current->flags & PF_WQ_WORKER && patcher_occupants_park(current);
	patcher_notice(eviction->name, "%s %s[%d] at %pS, before it could run on; what it had locked stays locked",
		       parks ? "parked" : "evicted", current->comm, task_pid_nr(current),
		       wire->probe.addr);
	if (!unlinked) {
		patcher_warn(eviction->name, "%s[%d] is still on a wait queue; its stack is never freed",
			     current->comm, task_pid_nr(current));
		try_get_task_stack(get_task_struct(current));
		kmemleak_not_leak(current);
	}
	if (parks) {
		atomic_set(&condemned->fate, PATCHER_PARKED);
		park_current();
	}
	patcher_end_task();
}

/* Or is it an interrupt handler, which has come here on top of the task? */
static bool is_task_itself(const struct pt_regs *regs)
{
	unsigned long start = (unsigned long)task_stack_page(current);

	return !in_serving_softirq() && kernel_stack_pointer((struct pt_regs *)regs) - start <
					THREAD_SIZE;
}

NOKPROBE_SYMBOL(is_task_itself);

/* In the breakpoint's exception, whatever it has interrupted: no lock. */
static int tripwire_is_hit(struct kprobe *probe, struct pt_regs *regs)
{
	struct wire *wire = container_of(probe, struct wire, probe);
	struct patcher_condemned *condemned = patcher_evict_find(wire->eviction, current);

	if (!condemned || !is_task_itself(regs) ||
	    atomic_cmpxchg(&condemned->fate, PATCHER_CONDEMNED, PATCHER_HIT) != PATCHER_CONDEMNED)
		return 0;
	patcher_arch_divert(regs, land_evicted_task, wire);
	return 1;
}

NOKPROBE_SYMBOL(tripwire_is_hit);

/* That it is there keeps the kprobe from being replaced by a jump. */
static void tripwire_is_passed(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
}

NOKPROBE_SYMBOL(tripwire_is_passed);

/**
 * patcher_evict_init - prepare
 * @eviction: zeroed
 * @target: pinned for as long as @eviction is in use
 * @name: its name, likewise
 */
void patcher_evict_init(struct patcher_eviction *eviction, struct module *target,
			const char *name)
{
	eviction->target = target;
	eviction->name = name;
	INIT_LIST_HEAD(&eviction->wires);
}

/**
 * patcher_evict_find - is the task condemned?
 * @eviction: from which target
 * @task: the task
 *
 * Context: any.
 */
struct patcher_condemned *patcher_evict_find(struct patcher_eviction *eviction,
					     const struct task_struct *task)
{
	unsigned int i;

	for (i = 0; i < PATCHER_CONDEMNED_MAX; i++)
		if (atomic_read_acquire(&eviction->condemned[i].fate) != PATCHER_FREE &&
		    eviction->condemned[i].task == task)
			return &eviction->condemned[i];
	return NULL;
}

NOKPROBE_SYMBOL(patcher_evict_find);

static struct patcher_condemned *find_free(struct patcher_eviction *eviction)
{
	unsigned int i;

	for (i = 0; i < PATCHER_CONDEMNED_MAX; i++)
		if (atomic_read(&eviction->condemned[i].fate) == PATCHER_FREE)
			return &eviction->condemned[i];
	return NULL;
}

static int condemn_task(struct patcher_eviction *eviction, struct task_struct *task)
{
	struct patcher_condemned *free = find_free(eviction);

	if (!free)
		return -ENOSPC;
	if (!try_get_task_stack(task))
		return -ESRCH;
	free->task = get_task_struct(task);
	free->woken = 0;
	/* Pairs with patcher_evict_find(). */
	atomic_set_release(&free->fate, PATCHER_CONDEMNED);
	return 0;
}

static void put_condemned_task(struct patcher_condemned *condemned)
{
	patcher_put_task_stack(condemned->task);
	put_task_struct(condemned->task);
}

static bool is_inside(const struct patcher_occupants *inside, const struct task_struct *task)
{
	unsigned int i;

	for (i = 0; i < patcher_occupants_listed(inside); i++)
		if (inside->list[i].task == task)
			return true;
	return false;
}

/**
 * patcher_evict_pardon - whoever has left by itself is not condemned any more
 * @eviction: from which target
 * @inside: who is still inside
 *
 * Context: process context.
 */
void patcher_evict_pardon(struct patcher_eviction *eviction,
			  const struct patcher_occupants *inside)
{
	struct patcher_condemned *condemned = eviction->condemned;
	unsigned int i;

	if (inside->tasks > PATCHER_OCCUPANTS_MAX)
		return;
	for (i = 0; i < PATCHER_CONDEMNED_MAX; i++, condemned++) {
		if (atomic_read(&condemned->fate) != PATCHER_CONDEMNED ||
		    is_inside(inside, condemned->task))
			continue;
		/* If it comes back just now, tripwire_is_hit() is first, or finds nothing. */
		if (atomic_cmpxchg(&condemned->fate, PATCHER_CONDEMNED, PATCHER_FREE) ==
		    PATCHER_CONDEMNED)
			put_condemned_task(condemned);
	}
}

/*
 * register_kprobe() calls try_module_get(), which wants a state other than GOING and a
 * count other than 0 (check_kprobe_address_safe() in kernel/kprobes.c, kernel/module/main.c;
 * 5.10 to 7.3). So a GOING target is COMING for that long, in which state rmmod and insmod
 * leave it alone, with one reference. Whoever takes another one in that time, by opening a
 * file of it say, is a holder: then it is not for us.
 */
static bool admit_probes(struct module *target)
{
	bool going;

	mutex_lock(patcher_ksym.module_mutex);
	going = target->state == MODULE_STATE_GOING;
	if (going) {
		atomic_inc(&target->refcnt);
		WRITE_ONCE(target->state, MODULE_STATE_COMING);
	}
	mutex_unlock(patcher_ksym.module_mutex);
	return going;
}

static int end_admission(struct module *target, int refcnt)
{
	int left;

	mutex_lock(patcher_ksym.module_mutex);
	WRITE_ONCE(target->state, MODULE_STATE_GOING);
	left = atomic_dec_return(&target->refcnt);
	mutex_unlock(patcher_ksym.module_mutex);
	return left == refcnt ? 0 : -EBUSY;
}

static int set_probe(struct patcher_eviction *eviction, struct kprobe *probe)
{
	unsigned long addr = (unsigned long)probe->addr;
	int refcnt = atomic_read(&eviction->target->refcnt);
	bool going = admit_probes(eviction->target);
	int err = register_kprobe(probe), err_admission = 0;

	if (going)
		err_admission = end_admission(eviction->target, refcnt);
	if (err)
		return err;
	err = err_admission;
	if (!patcher_arch_has_breakpoint(addr))
		err = -EOPNOTSUPP;
	if (err)
		unregister_kprobe(probe);
	return err;
}

/*
 * register_kprobe() asks whether a jump could stand there, and to find out decodes all of
 * the function (can_optimize() in arch/x86/kernel/kprobes/opt.c, 5.10 to 7.3). The last
 * function of a section ends for it where the memory ends, and zeros are instructions of two
 * bytes: with an odd number of them it reads beyond. Seen on 6.12, in .init.text.
 */
static bool can_be_decoded(const struct module *target, unsigned long addr)
{
	unsigned long offset, size, start, real, at;
	char byte;

	if (!patcher_symbol_at(addr, &offset, &size))
		return false;
	start = addr - offset;
	if (!PAGE_ALIGNED(start + size) ||
	    patcher_arch_read(&byte, (void *)(start + size), sizeof(byte)))
		return true;
	real = patcher_symbols_size_at(target, start);
	if (!real || real > size || (size - real) % 2)
		return false;
	for (at = start + real; at < start + size; at++)
		if (!patcher_arch_read(&byte, (void *)at, sizeof(byte)) || byte)
			return false;
	return true;
}

static bool has_wire(const struct patcher_eviction *eviction, unsigned long addr)
{
	const struct wire *wire;

	list_for_each_entry(wire, &eviction->wires, node)
		if ((unsigned long)wire->probe.addr == addr)
			return true;
	return false;
}

static int add_wire(struct patcher_eviction *eviction, unsigned long addr)
{
	struct wire *wire;
	int err;

	if (!can_be_decoded(eviction->target, addr))
		return -EILSEQ;
	wire = kzalloc(sizeof(*wire), GFP_KERNEL);
	if (!wire)
		return -ENOMEM;
	wire->eviction = eviction;
	wire->probe.addr = (kprobe_opcode_t *)addr;
	wire->probe.pre_handler = tripwire_is_hit;
	wire->probe.post_handler = tripwire_is_passed;
	err = set_probe(eviction, &wire->probe);
	if (err) {
		kfree(wire);
		return err;
	}
	list_add(&wire->node, &eviction->wires);
	return 0;
}

/* How far behind an instruction that cannot be probed another one is tried. */
#define NEAR	32

/*
 * Where the task will go on. No kprobe can stand at the call of a static call, say; one that
 * spins comes to the next instruction as well. register_kprobe() knows where one begins.
 */
static int set_wire(struct patcher_eviction *eviction, const struct patcher_occupant *who,
		    bool *fresh)
{
	unsigned long addr = who->addr, end = addr + (who->in_text ? NEAR : 1);
	int err, first = 0;

	for (; addr < end; addr++) {
		if (has_wire(eviction, addr))
			return 0;
		err = add_wire(eviction, addr);
		if (!err) {
			*fresh = true;
			return 0;
		}
		first = first ?: err;
	}
	return first;
}

/**
 * patcher_evict_cover - see to it that a task does not run the target's code again
 * @eviction: from which target
 * @who: which task, and where it is; within reach
 * @fresh: set if something had to be done: it may have moved on before that, and has to be
 *	looked at again
 *
 * Context: process context, may sleep; takes module_mutex for a short time.
 * Return: 0; -ESRCH if it has gone; -ENOSPC for too many tasks; -EOPNOTSUPP if kprobes are
 * switched off; another errno of register_kprobe().
 */
int patcher_evict_cover(struct patcher_eviction *eviction,
			const struct patcher_occupant *who, bool *fresh)
{
	struct patcher_condemned *condemned = patcher_evict_find(eviction, who->task);
	int err;

	/* It ends, on top of the target's frames; with an evicted hook, that may take long. */
	if (condemned && atomic_read(&condemned->fate) != PATCHER_CONDEMNED)
		return 0;
	err = set_wire(eviction, who, fresh);
	if (err || condemned)
		return err;
	*fresh = true;
	return condemn_task(eviction, who->task);
}

/**
 * patcher_evict_stands - do all tripwires stand?
 * @eviction: from which target
 *
 * Kprobes can be switched off for the whole machine (arm_all_kprobes() and
 * disarm_all_kprobes() in kernel/kprobes.c), and nobody is asked.
 *
 * Context: process context.
 */
bool patcher_evict_stands(const struct patcher_eviction *eviction)
{
	const struct wire *wire;

	list_for_each_entry(wire, &eviction->wires, node)
		if (!patcher_arch_has_breakpoint((unsigned long)wire->probe.addr))
			return false;
	return true;
}

/* It has hit a tripwire, and still needs our text and the eviction. */
static bool is_landing(const struct patcher_condemned *condemned)
{
	return atomic_read(&condemned->fate) == PATCHER_HIT &&
	       !(READ_ONCE(condemned->task->flags) & PF_EXITING);
}

/**
 * patcher_evict_is_under_way - has somebody hit a tripwire who is not at his end yet?
 * @eviction: from which target
 *
 * He may be in the stub's evicted hook.
 *
 * Context: any.
 */
bool patcher_evict_is_under_way(const struct patcher_eviction *eviction)
{
	unsigned int i;

	for (i = 0; i < PATCHER_CONDEMNED_MAX; i++)
		if (is_landing(&eviction->condemned[i]))
			return true;
	return false;
}

/**
 * patcher_evict_ended - how many have hit a tripwire and are at their end?
 * @eviction: from which target
 *
 * Whoever ends may have dropped in the stub's evicted hook what another one waits for.
 *
 * Context: any.
 */
unsigned int patcher_evict_ended(const struct patcher_eviction *eviction)
{
	const struct patcher_condemned *condemned = eviction->condemned;
	unsigned int i, ended = 0;
	int fate;

	for (i = 0; i < PATCHER_CONDEMNED_MAX; i++, condemned++) {
		fate = atomic_read(&condemned->fate);
		if ((fate == PATCHER_HIT || fate == PATCHER_PARKED) && !is_landing(condemned))
			ended++;
	}
	return ended;
}

/**
 * patcher_evict_remove - take the tripwires off; who is inside may go on
 * @eviction: from which target
 *
 * Context: process context, sleeps, also until those who have hit one are at their end.
 */
void patcher_evict_remove(struct patcher_eviction *eviction)
{
	struct wire *wire, *next;

	list_for_each_entry(wire, &eviction->wires, node)
		unregister_kprobe(&wire->probe);
	while (patcher_evict_is_under_way(eviction))
		msleep(20);
	list_for_each_entry_safe(wire, next, &eviction->wires, node)
		kfree(wire);
	INIT_LIST_HEAD(&eviction->wires);
}

/**
 * patcher_evict_forget - let go of those who were condemned, and of their stacks
 * @eviction: without tripwires
 * @gone: nobody can run the target's code any more
 *
 * As long as somebody can, whoever was evicted is kept, for good: the target may have a
 * pointer to its thread, for kthread_stop(), or to something on the stack.
 */
void patcher_evict_forget(struct patcher_eviction *eviction, bool gone)
{
	struct patcher_condemned *condemned = eviction->condemned;
	unsigned int i;
	int fate;

	for (i = 0; i < PATCHER_CONDEMNED_MAX; i++, condemned++) {
		fate = atomic_read(&condemned->fate);
		if (fate == PATCHER_CONDEMNED || (fate != PATCHER_FREE && gone))
			put_condemned_task(condemned);
		else if (fate != PATCHER_FREE)
			kmemleak_not_leak(condemned->task);
		atomic_set(&condemned->fate, PATCHER_FREE);
	}
}
