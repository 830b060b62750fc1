// SPDX-License-Identifier: GPL-2.0
/*
 * evict: tripwires, which end a task before it runs the target's code again.
 *
 * A tripwire is a kprobe where an occupant would go on in the target: where the function
 * that it sleeps in returns to, or the instruction at which it was interrupted. Whoever is
 * condemned and comes there is made to go on in land() instead, in process context with
 * its stack as it is, and ends there as if killed. Others pass.
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
#include <linux/kprobes.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>

#include "arch.h"
#include "compat.h"
#include "evict.h"
#include "ksym.h"
#include "log.h"
#include "waits.h"

struct wire {
	struct list_head node;
	struct patcher_eviction *eviction;
	struct kprobe probe;
};

/* Those that sleep in park(), for ever; a task of ours that is not here ends instead. */
static struct task_struct *parked[16];
static DEFINE_SPINLOCK(parked_lock);

static bool note_parked(void)
{
	bool noted = false;
	unsigned int i;

	spin_lock(&parked_lock);
	for (i = 0; i < ARRAY_SIZE(parked) && !noted; i++)
		if (!parked[i]) {
			WRITE_ONCE(parked[i], current);
			noted = true;
		}
	spin_unlock(&parked_lock);
	return noted;
}

/**
 * patcher_evict_is_parked - does the task sleep in our text for ever?
 * @task: the task; NULL: does any?
 *
 * It will not return to what it has on its stack. It never ends, so that no other task
 * can have its address.
 *
 * Context: any.
 */
bool patcher_evict_is_parked(const struct task_struct *task)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(parked) && READ_ONCE(parked[i]); i++)
		if (!task || READ_ONCE(parked[i]) == task)
			return true;
	return false;
}

static void __noreturn park(void)
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
static void land(void *data)
{
	struct wire *wire = data;
	struct patcher_eviction *eviction = wire->eviction;
	struct patcher_condemned *condemned = patcher_evict_find(eviction, current);
	bool unlinked;

	patcher_arch_settle();
	if (eviction->hook)
		eviction->hook();
	unlinked = patcher_wait_unlink();
	patcher_forget_locks();
	patcher_notice(eviction->name, "%s %s[%d] at %pS, before it could run on; what it had locked stays locked",
		       current->flags & PF_WQ_WORKER ? "parked" : "evicted", current->comm,
		       task_pid_nr(current), wire->probe.addr);
	if (!unlinked) {
		patcher_warn(eviction->name, "%s[%d] is still on a wait queue; its stack is never freed",
			     current->comm, task_pid_nr(current));
		try_get_task_stack(get_task_struct(current));
	}
	if (current->flags & PF_WQ_WORKER && note_parked()) {
		WRITE_ONCE(condemned->parked, true);
		park();
	}
	patcher_end_task();
}

/* In the breakpoint's exception, whatever it has interrupted: no lock. */
static int hit(struct kprobe *probe, struct pt_regs *regs)
{
	struct wire *wire = container_of(probe, struct wire, probe);
	struct patcher_condemned *condemned = patcher_evict_find(wire->eviction, current);

	if (!condemned)
		return 0;
	WRITE_ONCE(condemned->hit, true);
	patcher_arch_divert(regs, land, wire);
	return 1;
}

NOKPROBE_SYMBOL(hit);

/* That it is there keeps the kprobe from being replaced by a jump. */
static void passed(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
}

NOKPROBE_SYMBOL(passed);

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
		if (READ_ONCE(eviction->condemned[i].task) == task)
			return &eviction->condemned[i];
	return NULL;
}

NOKPROBE_SYMBOL(patcher_evict_find);

static int condemn(struct patcher_eviction *eviction, struct task_struct *task)
{
	struct patcher_condemned *free;

	if (patcher_evict_find(eviction, task))
		return 0;
	free = patcher_evict_find(eviction, NULL);
	if (!free)
		return -ENOSPC;
	if (!try_get_task_stack(task))
		return -ESRCH;
	*free = (struct patcher_condemned){};
	WRITE_ONCE(free->task, get_task_struct(task));
	return 0;
}

/*
 * register_kprobe() calls try_module_get(), which wants a state other than GOING and a
 * count other than 0 (check_kprobe_address_safe() in kernel/kprobes.c, kernel/module/main.c;
 * 5.10 to 7.3). So a GOING target is COMING for that long, in which state rmmod and insmod
 * leave it alone, with one reference.
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

static void end_admission(struct module *target)
{
	mutex_lock(patcher_ksym.module_mutex);
	WRITE_ONCE(target->state, MODULE_STATE_GOING);
	atomic_dec(&target->refcnt);
	mutex_unlock(patcher_ksym.module_mutex);
}

static int set_probe(struct patcher_eviction *eviction, struct kprobe *probe)
{
	unsigned long addr = (unsigned long)probe->addr;
	bool going = admit_probes(eviction->target);
	int err = register_kprobe(probe);

	if (going)
		end_admission(eviction->target);
	if (!err && !patcher_arch_has_breakpoint(addr)) {
		unregister_kprobe(probe);
		err = -EOPNOTSUPP;
	}
	return err;
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
	struct wire *wire = kzalloc(sizeof(*wire), GFP_KERNEL);
	int err;

	if (!wire)
		return -ENOMEM;
	wire->eviction = eviction;
	wire->probe.addr = (kprobe_opcode_t *)addr;
	wire->probe.pre_handler = hit;
	wire->probe.post_handler = passed;
	err = set_probe(eviction, &wire->probe);
	if (err) {
		kfree(wire);
		return err;
	}
	list_add(&wire->node, &eviction->wires);
	return 0;
}

/**
 * patcher_evict_cover - see to it that a task does not run the target's code again
 * @eviction: from which target
 * @who: which task, and where it is
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
	int err;

	if (patcher_evict_find(eviction, who->task) && has_wire(eviction, who->addr))
		return 0;
	*fresh = true;
	if (!has_wire(eviction, who->addr)) {
		err = add_wire(eviction, who->addr);
		if (err)
			return err;
	}
	return condemn(eviction, who->task);
}

/* Until whoever has hit a tripwire needs neither our text nor the eviction any more. */
static void wait_for_landed(const struct patcher_eviction *eviction)
{
	const struct patcher_condemned *condemned = eviction->condemned;
	unsigned int i;

	for (i = 0; i < PATCHER_CONDEMNED_MAX; i++)
		while (READ_ONCE(condemned[i].hit) && !READ_ONCE(condemned[i].parked) &&
		       !(READ_ONCE(condemned[i].task->flags) & PF_EXITING))
			msleep(20);
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
	wait_for_landed(eviction);
	list_for_each_entry_safe(wire, next, &eviction->wires, node)
		kfree(wire);
	INIT_LIST_HEAD(&eviction->wires);
}

/**
 * patcher_evict_forget - let go of the stacks of those who were condemned
 * @eviction: without tripwires; its target has gone, or has been put back
 */
void patcher_evict_forget(struct patcher_eviction *eviction)
{
	struct patcher_condemned *condemned = eviction->condemned;
	unsigned int i;

	for (i = 0; i < PATCHER_CONDEMNED_MAX; i++) {
		if (!condemned[i].task)
			continue;
		patcher_put_task_stack(condemned[i].task);
		put_task_struct(condemned[i].task);
		condemned[i].task = NULL;
	}
}
