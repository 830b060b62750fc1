// SPDX-License-Identifier: GPL-2.0
/*
 * occupants: which tasks are inside a target, or have it in their hands.
 *
 * Every task's stack is read. For one that sleeps (or was preempted) the read
 * counts only if the task did not run meanwhile; one that runs is interrupted on its
 * CPU and its stack is read there. So no task is missed for having moved. A stack that
 * cannot be read for certain, even after many tries, counts as one that may be inside.
 *
 * A task inside has a return address or its instruction pointer in the target's text.
 * That leaves out whoever is about to call into the target later: a timer, a work
 * item, an RCU callback. Those are the cleanup's to cancel.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "arch.h"
#include "compat.h"
#include "ksym.h"
#include "occupants.h"

#define MAX_FRAMES	256
#define MAX_TRIES	50
/* So many tasks are looked at before others get the CPU and RCU its turn. */
#define BATCH		128

struct look {
	struct module *mod;
	struct patcher_occupants *found;
	bool loaders;
	/* Whom an interrupt is to look at; NULL: at an idle task, if there is one. */
	struct task_struct *task;
	int result;
	unsigned long frames[MAX_FRAMES];
};

static void note_named(struct look *look, pid_t pid, const char *comm,
		       enum patcher_occupant_kind kind, unsigned long addr, bool running)
{
	struct patcher_occupants *found = look->found;
	unsigned int number = found->tasks++;

	found->count[kind]++;
	if (number >= PATCHER_OCCUPANTS_NAMED)
		return;

	found->named[number] = (struct patcher_occupant){
		.kind = kind,
		.pid = pid,
		.addr = addr,
		.running = running,
	};
	strscpy(found->named[number].comm, comm, TASK_COMM_LEN);
}

static void note(struct look *look, struct task_struct *task,
		 enum patcher_occupant_kind kind, unsigned long addr, bool running)
{
	/* Read without task_lock(): at worst the name is half of an old one. */
	note_named(look, task_pid_nr(task), task->comm, kind, addr, running);
}

/* The innermost address in the target's text, 0 for none. */
static int innermost(struct look *look, struct task_struct *task, unsigned long *addr)
{
	int i, n;

	*addr = 0;
	n = patcher_stack_trace(task, look->frames, MAX_FRAMES);
	for (i = 0; i < n && !*addr; i++)
		if (patcher_within_text(look->mod, look->frames[i]))
			*addr = look->frames[i];
	return n < 0 ? -EAGAIN : 0;
}

/*
 * Does the stack hold a pointer into the target's struct module? load_module() and
 * delete_module() need theirs to the end, so it is in one of their frames or in a
 * register that a function called by them has saved.
 */
static __no_sanitize_address bool stack_points_to(struct look *look,
						  struct task_struct *task,
						  unsigned long from)
{
	unsigned long start = (unsigned long)task_stack_page(task);
	unsigned long *word;

	if (from < start || from >= start + THREAD_SIZE)
		from = start;
	for (word = (unsigned long *)ALIGN(from, sizeof(long));
	     word < (unsigned long *)(start + THREAD_SIZE); word++)
		if (READ_ONCE_NOCHECK(*word) - (unsigned long)look->mod <
		    sizeof(struct module))
			return true;
	return false;
}

/*
 * Is the task loading or unloading the target, and alive to go on with it? One that
 * dies (PF_EXITING) does not return into the module loader.
 */
static bool is_loader(struct look *look, struct task_struct *task, bool running)
{
	bool yes;

	if (!look->loaders || task->flags & (PF_KTHREAD | PF_EXITING))
		return false;
	if (!try_get_task_stack(task))
		return false;
	yes = patcher_arch_in_module_syscall(task) &&
	      stack_points_to(look, task, running ? 0 : patcher_arch_stack_pointer(task));
	patcher_put_task_stack(task);
	return yes;
}

/* What there is to say of a task that stands still. */
static int look_at(struct look *look, struct task_struct *task, bool running,
		   unsigned long *addr, bool *loader)
{
	*loader = is_loader(look, task, running);
	return innermost(look, task, addr);
}

static void conclude(struct look *look, struct task_struct *task, bool running,
		     unsigned long addr, bool loader)
{
	if (addr)
		note(look, task, PATCHER_INSIDE, addr, running);
	else if (loader)
		note(look, task, PATCHER_LOADER, 0, running);

	/* One that is both is named once, and counted as both. */
	if (addr && loader)
		look->found->count[PATCHER_LOADER]++;
}

/*
 * A switch away from the task counts it up before the task is off the CPU (__schedule()
 * in kernel/sched/core.c). So the number is read first and last, and that the task is off
 * the CPU in between: if it ran at any time, it was still on the CPU, or the number differs.
 */
static unsigned long switches(struct task_struct *task)
{
	return READ_ONCE(task->nvcsw) + READ_ONCE(task->nivcsw);
}

static bool is_on_cpu(struct task_struct *task)
{
	/* Pairs with the release in finish_task() of kernel/sched/core.c. */
	return smp_load_acquire(&task->on_cpu);
}

static int look_at_sleeper(struct look *look, struct task_struct *task)
{
	unsigned long before = switches(task), addr;
	bool loader;
	int err;

	/* The number was read before the task is seen off the CPU. */
	smp_rmb();
	if (is_on_cpu(task))
		return -EAGAIN;
	err = look_at(look, task, false, &addr, &loader);
	/* The stack was read before the task is looked at again. */
	smp_rmb();
	if (is_on_cpu(task) || before != switches(task))
		return -EAGAIN;
	if (err)
		return err;
	conclude(look, task, false, addr, loader);
	return 0;
}

/* On the CPU of the task that runs: in the interrupt, above all of its frames. */
static void interrupt(void *data)
{
	struct look *look = data;
	unsigned long addr;
	bool loader;

	if (look->task ? current != look->task : !is_idle_task(current)) {
		look->result = look->task ? -EAGAIN : 0;
		return;
	}
	look->result = look_at(look, current, true, &addr, &loader);
	if (!look->result)
		conclude(look, current, true, addr, loader);
}

static int look_on_cpu(struct look *look, struct task_struct *task, int cpu)
{
	look->task = task;
	look->result = -EAGAIN;
	/* An error is a CPU that went offline; the task is elsewhere by now. */
	smp_call_function_single(cpu, interrupt, look, 1);
	return look->result;
}

static void look_at_task(struct look *look, struct task_struct *task)
{
	int tries, err = -EAGAIN;

	if (task == current)
		return;
	for (tries = 0; err && tries < MAX_TRIES; tries++) {
		if (READ_ONCE(task->on_cpu))
			err = look_on_cpu(look, task, task_cpu(task));
		else
			err = look_at_sleeper(look, task);
	}
	if (err)
		note(look, task, PATCHER_UNREADABLE, 0, READ_ONCE(task->on_cpu));
}

/* An interrupt handler or softirq of the target may run on an otherwise idle CPU. */
static void look_at_idle(struct look *look)
{
	int cpu, tries, err;

	for_each_online_cpu(cpu) {
		err = -EAGAIN;
		for (tries = 0; err && tries < MAX_TRIES && cpu_online(cpu); tries++)
			err = look_on_cpu(look, NULL, cpu);
		if (err && cpu_online(cpu))
			note_named(look, 0, "idle", PATCHER_UNREADABLE, 0, true);
	}
}

/*
 * Lets RCU and others have the CPU. False when the walk cannot go on from where it
 * was, as one of the two has died: kernel/hung_task.c does it the same way.
 */
static bool take_a_break(struct task_struct *process, struct task_struct *thread)
{
	bool alive;

	get_task_struct(process);
	get_task_struct(thread);
	rcu_read_unlock();
	cond_resched();
	rcu_read_lock();
	alive = pid_alive(process) && pid_alive(thread);
	put_task_struct(thread);
	put_task_struct(process);
	return alive;
}

/* One walk over all tasks; -EAGAIN when it lost its place. */
static int look_at_all(struct look *look)
{
	struct task_struct *process, *thread;
	unsigned int batch = BATCH;
	int err = 0;

	memset(look->found, 0, sizeof(*look->found));
	look_at_idle(look);

	rcu_read_lock();
	for_each_process_thread(process, thread) {
		look_at_task(look, thread);
		if (--batch)
			continue;
		batch = BATCH;
		if (!take_a_break(process, thread)) {
			err = -EAGAIN;
			goto unlock;
		}
	}
unlock:
	rcu_read_unlock();
	return err;
}

/**
 * patcher_occupants_look - who is inside the target, and who is loading or unloading it?
 * @mod: the target; the caller makes sure that it is not freed meanwhile
 * @loaders: look also for those who are loading or unloading it
 * @found: out
 *
 * The calling task itself is left out. Changes nothing.
 *
 * Context: process context, may sleep, no lock needed.
 * Return: 0; -ENOMEM; -EAGAIN if tasks came and went so fast that the walk never
 * reached its end.
 */
int patcher_occupants_look(struct module *mod, bool loaders,
			   struct patcher_occupants *found)
{
	struct look *look;
	int tries, err = -EAGAIN;

	look = kzalloc(sizeof(*look), GFP_KERNEL);
	if (!look)
		return -ENOMEM;
	look->mod = mod;
	look->found = found;
	look->loaders = loaders;
	for (tries = 0; err && tries < MAX_TRIES; tries++)
		err = look_at_all(look);
	kfree(look);
	return err;
}

/**
 * patcher_occupants_inside - would freeing the target's text pull it from under a task?
 * @found: what patcher_occupants_look() found
 */
bool patcher_occupants_inside(const struct patcher_occupants *found)
{
	return found->count[PATCHER_INSIDE] || found->count[PATCHER_UNREADABLE];
}

static int one_text(const struct patcher_occupant *who, char *text, size_t size)
{
	const char *how = who->running ? "runs" : "sleeps";

	switch (who->kind) {
	case PATCHER_INSIDE:
		return scnprintf(text, size, "%s[%d] %s inside at %pS", who->comm,
				 who->pid, how, (void *)who->addr);
	case PATCHER_UNREADABLE:
		return scnprintf(text, size, "%s[%d] may be inside, its stack cannot be read",
				 who->comm, who->pid);
	default:
		return scnprintf(text, size, "%s[%d] is loading or unloading it", who->comm,
				 who->pid);
	}
}

/**
 * patcher_occupants_text - name them
 * @found: what patcher_occupants_look() found
 * @text: out; "nobody is inside" when there is no one
 * @size: of @text, in bytes
 *
 * Context: any; the target must not have been freed.
 */
void patcher_occupants_text(const struct patcher_occupants *found, char *text,
			    size_t size)
{
	unsigned int i, named = min_t(unsigned int, found->tasks, PATCHER_OCCUPANTS_NAMED);
	int used = 0;

	if (!found->tasks)
		scnprintf(text, size, "nobody is inside");
	for (i = 0; i < named; i++) {
		if (i)
			used += scnprintf(text + used, size - used, ", ");
		used += one_text(&found->named[i], text + used, size - used);
	}
	if (found->tasks > named)
		scnprintf(text + used, size - used, " and %u more", found->tasks - named);
}
