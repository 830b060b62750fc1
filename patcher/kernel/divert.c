// SPDX-License-Identifier: GPL-2.0
/*
 * divert: makes one task go on elsewhere, before it returns into a module.
 *
 * While the task stands still, its stack is walked from the innermost frame. The first address in
 * the module's text is where it would go on there: a return address, or the instruction that an
 * interrupt has to go back to. That word, on the task's own stack, is replaced by the address of
 * the landing pad (kernel/arch/), and nothing else. So a task is diverted, or exactly as it was;
 * and as long as it has not landed, putting the word back makes it as it was.
 *
 * What the function that it is in calls before it returns is not kept from it, and may be the
 * module's. A task that sleeps there, further in, is diverted again.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/swait.h>

#include "kernel/arch/arch.h"
#include "kernel/compat.h"
#include "kernel/divert.h"
#include "kernel/ksym.h"

/* How often it is tried to find a task running, or not running, for long enough. */
#define MAX_TRIES	1000
/* How often a step of the trial is, a jiffy apart. */
#define TRIAL_TRIES	1000

/*
 * All that are diverted. Raw, as it is taken in interrupts, and by tasks that land with whatever
 * they have been doing.
 */
static LIST_HEAD(diversions);
static DEFINE_RAW_SPINLOCK(diversions_lock);

static unsigned long pad_address(void)
{
	return (unsigned long)patcher_arch_pad;
}

/* One call of a function while a task stands still. */
struct still {
	struct task_struct *task;
	int (*fn)(struct task_struct *task, void *data);
	void *data;
	int result;
};

static PATCHER_TASK_CALL_RET call_while_pinned(struct task_struct *task, void *data)
{
	struct still *still = data;

	/* Pairs with the release in finish_task() of kernel/sched/core.c. */
	if (!patcher_is_on_cpu(task))
		still->result = patcher_in_softirq(task) ? -EBUSY : still->fn(task, still->data);
	return 0;
}

/* The interrupt is on top of all that the task has on its stack; or on top of another one. */
static void call_in_interrupt(void *data)
{
	struct still *still = data;

	if (current != still->task)
		return;
	if (hardirq_count() > HARDIRQ_OFFSET || in_serving_softirq())
		still->result = -EBUSY;
	else
		still->result = still->fn(current, still->data);
}

/**
 * patcher_stand_still - call a function while a task stands still
 * @task: held, with its stack; not current
 * @fn: the function; with interrupts off, maybe in one, and under locks of the scheduler's. It may
 *	be called again if it returns -EAGAIN
 * @data: for it
 *
 * A task that does not run is pinned by the locks that it would need to be woken, or to get onto a
 * CPU. One that runs is interrupted.
 *
 * Context: any but interrupts; may be under RCU.
 * Return: what @fn returns; -EBUSY if an interrupt handler is on top of the task; -EAGAIN if it
 * came and went too fast.
 */
int patcher_stand_still(struct task_struct *task,
			int (*fn)(struct task_struct *task, void *data), void *data)
{
	struct still still = { .task = task, .fn = fn, .data = data, .result = -EAGAIN };
	unsigned int tries;

	for (tries = 0; tries < MAX_TRIES && still.result == -EAGAIN; tries++) {
		if (patcher_is_on_cpu(task))
			/* An error is a CPU that went offline; the task is elsewhere by now. */
			smp_call_function_single(task_cpu(task), call_in_interrupt, &still, 1);
		else
			patcher_task_call(task, call_while_pinned, &still);
	}
	return still.result;
}

/* In the walk, the first address that matters: the pad, or one in the module's text, if any. */
struct found {
	const struct module *module;
	struct patcher_place place;
	bool found;
};

static int find_place(void *data, unsigned long addr, unsigned long *slot)
{
	struct found *found = data;

	if (found->found)
		return patcher_in_do_exit(addr) ? -ECANCELED : 0;
	if (addr != pad_address() &&
	    !(found->module && patcher_within_text(found->module, addr)))
		return 0;
	found->place = (struct patcher_place){ .slot = slot, .addr = addr };
	found->found = true;
	return 0;
}

static int walk_to_place(struct task_struct *task, const struct module *module,
			 struct patcher_place *place)
{
	struct found found = { .module = module };
	int result = patcher_arch_walk(task, find_place, &found);

	*place = found.place;
	return result ?: found.found ? 0 : -ESRCH;
}

static bool is_on_stack_of(const struct task_struct *task, const unsigned long *slot)
{
	return (unsigned long)slot - (unsigned long)task_stack_page(task) < THREAD_SIZE;
}

static __no_sanitize_address int divert_now(struct task_struct *task, void *data)
{
	struct patcher_diversion *diversion = data;
	struct patcher_place place;
	int err = walk_to_place(task, diversion->module, &place);

	if (err)
		return err;
	if (place.addr == pad_address())
		return -EALREADY;
	if (task->flags & PF_EXITING)
		return -ECANCELED;
	if (!is_on_stack_of(task, place.slot))
		return -EBUSY;
	if (READ_ONCE_NOCHECK(*place.slot) != place.addr)
		return -EXDEV;
	if (diversion->depth == PATCHER_DIVERT_DEPTH)
		return -ENOSPC;
	diversion->places[diversion->depth++] = place;
	/* Who finds the pad on the stack finds the place. Pairs with the lock in origin. */
	smp_wmb();
	WRITE_ONCE(*place.slot, pad_address());
	return 0;
}

static __no_sanitize_address int undo_now(struct task_struct *task, void *data)
{
	struct patcher_diversion *diversion = data;
	struct patcher_place place;
	int err;

	if (!diversion->depth)
		return 0;
	/* It may be in the module again, further in, and is not kept from that. */
	err = walk_to_place(task, NULL, &place);
	if (err)
		return err;
	if (place.slot != diversion->places[diversion->depth - 1].slot)
		return -ESRCH;
	/* The task is inside of all of them. */
	while (diversion->depth) {
		place = diversion->places[--diversion->depth];
		WRITE_ONCE(*place.slot, place.addr);
	}
	return 0;
}

/**
 * patcher_divert_add - put a diversion on the list; it changes nothing yet
 * @diversion: its @task, @module and @land are set, all else is zero
 *
 * Return: 0; or -EBUSY if there is one of that task.
 */
int patcher_divert_add(struct patcher_diversion *diversion)
{
	struct patcher_diversion *other;
	unsigned long flags;
	int err = 0;

	raw_spin_lock_irqsave(&diversions_lock, flags);
	list_for_each_entry(other, &diversions, node)
		if (other->task == diversion->task)
			err = -EBUSY;
	if (!err)
		list_add(&diversion->node, &diversions);
	raw_spin_unlock_irqrestore(&diversions_lock, flags);
	return err;
}

/**
 * patcher_divert_del - take a diversion off the list
 * @diversion: on it; undone, or its task is at its end, or sleeps for ever
 */
void patcher_divert_del(struct patcher_diversion *diversion)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&diversions_lock, flags);
	list_del(&diversion->node);
	raw_spin_unlock_irqrestore(&diversions_lock, flags);
}

/* Caller holds diversions_lock. */
static struct patcher_diversion *find_diversion(const struct task_struct *task)
{
	struct patcher_diversion *diversion;

	list_for_each_entry(diversion, &diversions, node)
		if (diversion->task == task)
			return diversion;
	return NULL;
}

/**
 * patcher_divert - divert a task where it would return into the module
 * @diversion: on the list
 *
 * Context: process context.
 * Return: 0; -EALREADY if it was diverted there before; -ESRCH if it was not inside; -EBUSY or
 * -EAGAIN if that cannot be done just now; -ECANCELED if it is in do_exit(), to which it would not
 * get a second time; -EXDEV if something else has replaced that address, for tracing; -ENOSPC if it
 * has entered the module too often. Unless 0, nothing has changed.
 */
int patcher_divert(struct patcher_diversion *diversion)
{
	return patcher_stand_still(diversion->task, divert_now, diversion);
}

/**
 * patcher_divert_undo - make a task that was diverted as it was before
 * @diversion: on the list
 *
 * Context: process context.
 * Return: 0; -ESRCH if the task has landed, or is about to; -EBUSY or -EAGAIN if that cannot be
 * done just now. Unless 0, nothing has changed.
 */
int patcher_divert_undo(struct patcher_diversion *diversion)
{
	return patcher_stand_still(diversion->task, undo_now, diversion);
}

/**
 * patcher_divert_is_pad - is this address the landing pad's?
 * @addr: found on a stack
 */
bool patcher_divert_is_pad(unsigned long addr)
{
	return addr == pad_address();
}

/**
 * patcher_divert_origin - which address had the pad's place on the stack of a task?
 * @task: has the pad on its stack
 *
 * Context: any.
 * Return: the innermost one; 0 if it is not known any more, as it was put back just now.
 */
unsigned long patcher_divert_origin(const struct task_struct *task)
{
	struct patcher_diversion *diversion;
	unsigned long flags, addr = 0;
	unsigned int depth;

	raw_spin_lock_irqsave(&diversions_lock, flags);
	diversion = find_diversion(task);
	depth = diversion ? READ_ONCE(diversion->depth) : 0;
	if (depth)
		addr = diversion->places[depth - 1].addr;
	raw_spin_unlock_irqrestore(&diversions_lock, flags);
	return addr;
}

/* In the walk: what comes first, do_exit() or our own text? */
static int find_exit(void *data, unsigned long addr, unsigned long *slot)
{
	if (patcher_in_do_exit(addr))
		return 1;
	return patcher_within_text(THIS_MODULE, addr) ? 2 : 0;
}

static int look_for_exit(struct task_struct *task, void *data)
{
	return patcher_arch_walk(task, find_exit, NULL);
}

/**
 * patcher_divert_is_at_its_end - has a task that has called patcher_end_task() left our text?
 * @task: held, with its stack; it has done so, or is about to
 *
 * It is in do_exit() then, which may take long before it sets PF_EXITING.
 *
 * Context: process context.
 */
bool patcher_divert_is_at_its_end(struct task_struct *task)
{
	return READ_ONCE(task->flags) & PF_EXITING ||
	       patcher_stand_still(task, look_for_exit, NULL) == 1;
}

/* The task itself, from the pad. */
static void land_current_task(void)
{
	struct patcher_diversion *diversion;
	unsigned long flags;

	raw_spin_lock_irqsave(&diversions_lock, flags);
	diversion = find_diversion(current);
	raw_spin_unlock_irqrestore(&diversions_lock, flags);
	if (!WARN_ON(!diversion))
		diversion->land(diversion);
	patcher_end_task();
}

/* A thread of our own, to be diverted. */
struct tried {
	struct patcher_diversion diversion;
	struct completion go;
	bool landed, returned;
};

static int wait_to_be_diverted(void *data)
{
	struct tried *tried = data;

	wait_for_completion(&tried->go);
	WRITE_ONCE(tried->returned, true);
	return 0;
}

static void land_when_tried(struct patcher_diversion *diversion)
{
	struct tried *tried = container_of(diversion, struct tried, diversion);

	WRITE_ONCE(tried->landed, true);
}

/* An interrupt may be on top of it, or it may come and go: then it is tried again. */
static int try_step(int (*step)(struct patcher_diversion *diversion),
		    struct patcher_diversion *diversion)
{
	unsigned int tries = 0;
	int err;

	do {
		err = step(diversion);
		if (err != -EBUSY && err != -EAGAIN)
			break;
		schedule_timeout_uninterruptible(1);
	} while (++tries < TRIAL_TRIES);
	return err;
}

/* Diverts the thread, puts it back and diverts it again; then it goes on, and has to land. */
static int try_on_thread(struct tried *tried)
{
	struct patcher_diversion *diversion = &tried->diversion;
	int err;

	while (!swait_active(&tried->go.wait) || patcher_is_on_cpu(diversion->task))
		schedule_timeout_uninterruptible(1);
	err = patcher_divert_add(diversion) ?: try_step(patcher_divert, diversion) ?:
	      try_step(patcher_divert_undo, diversion) ?: try_step(patcher_divert, diversion);
	if (!err && try_step(patcher_divert, diversion) != -EALREADY)
		err = -EINVAL;
	complete(&tried->go);
	kthread_stop(diversion->task);
	patcher_divert_del(diversion);
	if (!err && (!tried->landed || tried->returned))
		err = -EINVAL;
	return err;
}

static int try_divert(void)
{
	struct tried tried = {
		.diversion = { .module = THIS_MODULE, .land = land_when_tried },
	};
	struct task_struct *task;
	int err = -EINVAL;

	init_completion(&tried.go);
	task = kthread_create(wait_to_be_diverted, &tried, KBUILD_MODNAME "_test");
	if (IS_ERR(task))
		return PTR_ERR(task);
	tried.diversion.task = get_task_struct(task);
	if (try_get_task_stack(task)) {
		wake_up_process(task);
		err = try_on_thread(&tried);
		patcher_put_task_stack(task);
	}
	put_task_struct(task);
	return err;
}

static bool is_transient(int err)
{
	return err == -ENOMEM || err == -EINTR || err == -EBUSY || err == -EAGAIN;
}

/**
 * patcher_divert_test - can tasks be diverted on this kernel?
 *
 * The first time, that is tried on a thread of our own.
 *
 * Context: process context, sleeps.
 * Return: 0; -ENOMEM, -EINTR, -EBUSY or -EAGAIN, and then it is tried again the next time; or
 * the negative errno of the trial.
 */
int patcher_divert_test(void)
{
	static DEFINE_MUTEX(lock);
	static bool tried;
	static int result;
	int err;

	mutex_lock(&lock);
	if (!tried) {
		result = try_divert();
		tried = !is_transient(result);
	}
	err = result;
	mutex_unlock(&lock);
	return err;
}

/**
 * patcher_divert_init - to be called once, before all else
 */
void patcher_divert_init(void)
{
	patcher_arch_set_landing(land_current_task);
}
