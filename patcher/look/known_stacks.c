// SPDX-License-Identifier: GPL-2.0
/*
 * known_stacks: words on stacks that no task comes to any more, and in what tasks have run.
 *
 * Read in Linux 6.1 unless a rule says otherwise.
 */
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "kernel/arch/arch.h"
#include "kernel/compat.h"
#include "kernel/ksym.h"
#include "kernel/memory.h"
#include "look/place.h"
#include "look/residue.h"
#include "look/word.h"

/*
 * What a worker has last run, which only the scheduler compares, for PSI: struct worker's
 * last_func (kernel/workqueue_internal.h, 5.10 to 7.3). The other function in there is the one that
 * runs now, current_func, which is the fourth word. So a word behind it that has the value of
 * last_func is that.
 */
static bool is_last_work(const struct patcher_word *word)
{
	struct task_struct *process, *task;
	bool found = false;

	if (word->hit->place != PATCHER_PLACE_SLAB)
		return false;
	rcu_read_lock();
	for_each_process_thread(process, task) {
		if (!(task->flags & PF_WQ_WORKER) || !word_in_object(word, kthread_data(task)))
			continue;
		found = word->hit->at - word->hit->object > 3 * sizeof(long) &&
			(unsigned long)patcher_memory_last_work(task) == word->value;
	}
	rcu_read_unlock();
	return found;
}

/*
 * A return address that the unwinder does not come to, or on the stack of a task that has ended:
 * the caller knows for certain that no task has a frame of the target's. A function's address is
 * the beginning of a symbol.
 */
static bool is_inside_function(unsigned long value)
{
	unsigned long offset, size;

	return patcher_symbol_at(value, &offset, &size) && offset;
}

/* Of a task that sleeps, what is below its stack pointer is dead. */
static bool is_dead_part(const struct patcher_word *word, struct task_struct *task)
{
	unsigned long before = READ_ONCE(task->nvcsw) + READ_ONCE(task->nivcsw);
	unsigned long pointer;

	/* As in scan_sleeper() of occupants.c: the count, then that it is off the CPU. */
	smp_rmb();
	/* Pairs with the release in finish_task() of kernel/sched/core.c. */
	if (smp_load_acquire(&task->on_cpu))
		return false;
	pointer = patcher_arch_stack_pointer(task);
	/* The stack pointer was read before the count is looked at again. */
	smp_rmb();
	return word->hit->virt < pointer &&
	       before == READ_ONCE(task->nvcsw) + READ_ONCE(task->nivcsw);
}

/*
 * Stacks that are kept for the next task, which gets them zeroed: each CPU has two
 * (cached_stacks, kernel/fork.c, 4.14 to 7.3).
 */
#define CACHED_STACKS	2

static bool is_cached_stack(const struct patcher_word *word)
{
	struct vm_struct *area, **cached;
	int cpu, i;

	area = patcher_known.cached_stacks ? patcher_memory_find_area(word->hit->virt) : NULL;
	if (!area)
		return false;
	for_each_possible_cpu(cpu) {
		cached = (struct vm_struct **)(patcher_known.cached_stacks + per_cpu_offset(cpu));
		for (i = 0; i < CACHED_STACKS; i++)
			if (READ_ONCE(cached[i]) == area)
				return true;
	}
	return false;
}

static bool is_dead_stack(const struct patcher_word *word)
{
	struct task_struct *task;
	bool dead;

	if (!patcher_place_is_stack(word->hit))
		return false;
	if (patcher_within_text(word_target(word), word->value) && is_inside_function(word->value))
		return true;
	rcu_read_lock();
	task = patcher_place_task(word->hit);
	dead = task ? is_dead_part(word, task) : is_cached_stack(word);
	rcu_read_unlock();
	return dead;
}

/*
 * The stacks of interrupts: if a grace period has passed since the target's exit, every CPU has
 * been outside of all interrupts since.
 */
static bool is_interrupt_stack(const struct patcher_word *word)
{
	static const char *const names[] = { "irq_stack_backing_store", "exception_stacks" };
	unsigned long offset;
	unsigned int i;
	char name[48];

	if (!word->sweep->has_settled || word->hit->place != PATCHER_PLACE_RESERVED ||
	    !patcher_place_percpu(word->hit->at, name, sizeof(name), &offset))
		return false;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static bool is_listed_task(const struct task_struct *task)
{
	struct task_struct *process, *thread;
	bool found = false;

	rcu_read_lock();
	for_each_process_thread(process, thread)
		found = found || thread == task;
	rcu_read_unlock();
	return found;
}

/*
 * What a task has for itself. When it has ended, do_exit() has let go of all that others may come
 * to, and what is left, as its stack and its struct kthread, is only freed with it. One that was
 * parked does not come back to what it has left of its stack. The cache is task_struct_cachep,
 * kernel/fork.c, which is not merged, as a part of it may be copied to users.
 */
static bool is_own_of_task(const struct patcher_word *word)
{
	const struct task_struct *task = (struct task_struct *)word->hit->object;

	return word_in_cache(word, "task_struct") &&
	       (patcher_is_within(word->value, READ_ONCE(task->stack), THREAD_SIZE) ||
		!is_listed_task(task));
}

/*
 * What the function graph tracer has noted of functions that a task has been in: the caller knows
 * that no task is in one of the target's (task_struct.ret_stack, kernel/trace/fgraph.c, 5.10 to
 * 7.3).
 */
static bool is_return_stack(const struct patcher_word *word)
{
	struct task_struct *process, *task;
	bool found = false;

	if (word->hit->place != PATCHER_PLACE_SLAB)
		return false;
	rcu_read_lock();
	for_each_process_thread(process, task)
		found = found || word_in_object(word, patcher_return_stack(task));
	rcu_read_unlock();
	return found;
}

static const patcher_rule_fn stack_rules[] = {
	is_return_stack,
	is_own_of_task,
	is_dead_stack,
	is_last_work,
	is_interrupt_stack,
};

/**
 * patcher_known_on_stack - is it on a dead part of a stack, or what a task has run before?
 * @word: points into what was looked for; no task is inside the target
 *
 * Context: may sleep.
 */
bool patcher_known_on_stack(const struct patcher_word *word)
{
	return word_matches(word, stack_rules, ARRAY_SIZE(stack_rules));
}
