// SPDX-License-Identifier: GPL-2.0
/*
 * occupants: which tasks are inside a target, or have it in their hands.
 *
 * Every task's stack is read. If the task sleeps or was preempted, the read counts only if the
 * task did not run meanwhile; if it runs, it is interrupted on its CPU and its stack is read
 * there. So no task is missed because it moved. A task whose stack cannot be read reliably,
 * even after many tries, counts as one that may be inside.
 *
 * A task inside has a return address or its instruction pointer in the target's text.
 * A dying task never returns to the frames below do_exit() on its stack. What will call
 * into the target later is not found: a timer, a work item, an RCU callback. The cleanup has
 * to cancel those.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "kernel/arch/arch.h"
#include "kernel/compat.h"
#include "kernel/divert.h"
#include "kernel/ksym.h"
#include "look/occupants.h"
#include "look/waits.h"

#define MAX_FRAMES	256
#define MAX_TRIES	50
/* The number of tasks that are scanned before the CPU and RCU are released. */
#define BATCH		32

struct look {
	struct module *mod;
	struct patcher_occupants *found;
	bool loaders;
	/* The task that an interrupt is to scan; NULL: the idle task, if that is running. */
	struct task_struct *task;
	int result;
	/* Zeros behind the last one. */
	unsigned long frames[MAX_FRAMES];
};

static void note_occupant(struct look *look, const struct patcher_occupant *seen)
{
	struct patcher_occupants *found = look->found;
	unsigned int number = found->tasks++;

	found->count[seen->kind]++;
	if (seen->addr || seen->kind == PATCHER_UNREADABLE)
		found->inside++;
	if (number >= PATCHER_OCCUPANTS_MAX)
		return;

	found->list[number] = *seen;
	if (seen->task)
		get_task_struct(seen->task);
}

/* A thread is the target's own if the function that it was started for is. */
static enum patcher_occupant_kind occupant_kind_of(struct look *look, struct task_struct *task)
{
	if (patcher_is_worker_of_user(task))
		return PATCHER_WORKER;
	if (!(task->flags & PF_KTHREAD))
		return PATCHER_USER;
	return patcher_within_text(look->mod, (unsigned long)kthread_func(task)) ?
		PATCHER_THREAD : PATCHER_WORKER;
}

/*
 * Why the task must not be ended, in words; NULL if it may be. One that is in do_exit() already
 * does not get there a second time, which find_inside() may find out as well.
 */
static const char *reason_to_spare(struct task_struct *task)
{
	struct pid *process;

	if (READ_ONCE(task->flags) & PF_EXITING)
		return "is ending already";
	if (is_global_init(task))
		return "is PID 1, which must never end";
	process = task_tgid(task);
	if (process && is_child_reaper(process))
		return "is the init of a PID namespace";
	return NULL;
}

/* What the last stack has left, which is little: this is done for each task. */
static void forget_frames(struct look *look)
{
	unsigned int i;

	for (i = 0; i < MAX_FRAMES && look->frames[i]; i++)
		look->frames[i] = 0;
}

/*
 * A task that is evicted, and has not come to its end, has the landing pad on its stack instead of
 * the address in its target: 0 if that is not known any more, as it was put back just now.
 */
static unsigned long original_address(struct task_struct *task, unsigned long addr)
{
	return patcher_divert_is_pad(addr) ? patcher_divert_origin(task) : addr;
}

/*
 * Fills in where in the target the task is: the innermost address there. What a dying
 * task has before do_exit() on its stack is left out, and need not be readable.
 */
static int find_inside(struct look *look, struct task_struct *task,
		       struct patcher_occupant *seen)
{
	bool dies = READ_ONCE(task->flags) & PF_EXITING;
	unsigned long addr;
	bool hidden = false;
	int i, n;

	forget_frames(look);
	n = patcher_stack_trace(task, look->frames, MAX_FRAMES);
	for (i = 0; i < MAX_FRAMES && look->frames[i]; i++) {
		if (dies && patcher_in_do_exit(look->frames[i]))
			return 0;
		/* What is further out is hidden, and returned to if this is put back. */
		hidden |= patcher_divert_is_pad(look->frames[i]);
		addr = original_address(task, look->frames[i]);
		if (!addr)
			return -EAGAIN;
		if (!patcher_within_text(look->mod, addr))
			continue;
		seen->addr = addr;
		seen->in_text = i && patcher_is_interrupt_entry(look->frames[i - 1]);
		if (!seen->running && !seen->in_text)
			patcher_wait_find(&seen->wait, task, look->mod, look->frames, i);
		break;
	}
	/* From where do_exit() begins to where it sets PF_EXITING, a task may wait for long. */
	for (; i < MAX_FRAMES && look->frames[i]; i++)
		if (patcher_in_do_exit(look->frames[i]))
			seen->spared = "is ending already";
	return n < 0 || (hidden && !seen->addr) ? -EAGAIN : 0;
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
 * A load that waits on module_wq for another one to end may have seen that one's struct
 * module, and have a pointer to it left on its stack (add_unformed_module() and
 * module_patient_check_exists(), resolve_symbol_wait() in kernel/module/main.c). A task that
 * loads or unloads a target in state COMING or GOING does not wait there.
 */
static bool waits_for_another(struct task_struct *task)
{
	return patcher_ksym.module_wq && patcher_wait_is_on(patcher_ksym.module_wq, task);
}

/*
 * Is the task loading or unloading the target, and alive to go on with it? One that runs is
 * looked at in an interrupt.
 */
static bool is_loader(struct look *look, struct task_struct *task, bool running)
{
	bool yes;

	if (!look->loaders || !patcher_get_syscall_stack(task))
		return false;
	yes = patcher_arch_in_module_syscall(task) &&
	      stack_points_to(look, task, running ? 0 : patcher_arch_stack_pointer(task)) &&
	      (running || !waits_for_another(task));
	patcher_put_task_stack(task);
	return yes;
}

/*
 * Read without task_lock(): at worst it is half of an old one. A user's task may have anything in
 * its name, a line of the log's as well.
 */
static void copy_name(char *comm, const struct task_struct *task)
{
	strscpy(comm, task->comm, TASK_COMM_LEN);
	for (; *comm; comm++)
		if (!isprint(*comm))
			*comm = '?';
}

/* What there is to say of a task that stands still. */
static int examine_task(struct look *look, struct task_struct *task,
			struct patcher_occupant *seen)
{
	seen->task = task;
	seen->kind = is_loader(look, task, seen->running) ? PATCHER_LOADER :
		     occupant_kind_of(look, task);
	seen->pid = task_pid_nr(task);
	seen->state = task_state_to_char(task);
	seen->spared = reason_to_spare(task);
	copy_name(seen->comm, task);
	return find_inside(look, task, seen);
}

static void note_if_inside(struct look *look, const struct patcher_occupant *seen)
{
	if (seen->addr || seen->kind == PATCHER_LOADER)
		note_occupant(look, seen);
}

/*
 * A switch away from the task counts it up before the task is off the CPU (__schedule()
 * in kernel/sched/core.c). So the number is read first and last, and that the task is off
 * the CPU in between: if it ran at any time, it was still on the CPU, or the number differs.
 */
static unsigned long context_switches(struct task_struct *task)
{
	return READ_ONCE(task->nvcsw) + READ_ONCE(task->nivcsw);
}

static int scan_sleeper(struct look *look, struct task_struct *task)
{
	struct patcher_occupant seen = {};
	unsigned long before = context_switches(task);
	int err;

	/* The number was read before the task is seen off the CPU. */
	smp_rmb();
	if (patcher_is_on_cpu(task))
		return -EAGAIN;
	err = examine_task(look, task, &seen);
	/* The stack was read before the task is looked at again. */
	smp_rmb();
	if (patcher_is_on_cpu(task) || before != context_switches(task))
		return -EAGAIN;
	if (err)
		return err;
	note_if_inside(look, &seen);
	return 0;
}

/* On the CPU of the task that runs: in the interrupt, above all of its frames. */
static void scan_in_interrupt(void *data)
{
	struct patcher_occupant seen = { .running = true };
	struct look *look = data;

	if (look->task ? current != look->task : !is_idle_task(current)) {
		look->result = look->task ? -EAGAIN : 0;
		return;
	}
	look->result = examine_task(look, current, &seen);
	if (look->result)
		return;
	if (seen.addr && (is_idle_task(current) || in_serving_softirq()))
		seen.kind = PATCHER_INTERRUPT;
	if (is_idle_task(current))
		seen.task = NULL;
	note_if_inside(look, &seen);
}

static int scan_on_cpu(struct look *look, struct task_struct *task, int cpu)
{
	look->task = task;
	look->result = -EAGAIN;
	/* An error is a CPU that went offline; the task is elsewhere by now. */
	smp_call_function_single(cpu, scan_in_interrupt, look, 1);
	return look->result;
}

/* In which function the stack could not be read any further: what was read last. */
static unsigned long last_frame(const struct look *look)
{
	unsigned int i = 0;

	while (i < MAX_FRAMES && look->frames[i])
		i++;
	return i ? look->frames[i - 1] : 0;
}

static void note_unreadable(struct look *look, struct task_struct *task)
{
	struct patcher_occupant seen = {
		.kind = PATCHER_UNREADABLE,
		.comm = "idle",
		.unread = last_frame(look),
	};

	if (task) {
		seen.task = task;
		seen.pid = task_pid_nr(task);
		seen.running = patcher_is_on_cpu(task);
		copy_name(seen.comm, task);
	}
	note_occupant(look, &seen);
}

/*
 * Whatever leads back into the target is a word of it that is its address: so with no such word on
 * all of the stack that is in use, the task is not inside. But the address may be elsewhere,
 * where a tracer has a trampoline in its place.
 */
static __no_sanitize_address int find_word_inside(struct task_struct *task, void *data)
{
	unsigned long start = (unsigned long)task_stack_page(task), from = start;
	struct look *look = data;
	unsigned long *word, value;

	if (task != current)
		from = patcher_arch_stack_pointer(task);
	if (from - start >= THREAD_SIZE)
		return 1;
	for (word = (unsigned long *)ALIGN(from, sizeof(long));
	     word < (unsigned long *)(start + THREAD_SIZE); word++) {
		value = original_address(task, READ_ONCE_NOCHECK(*word));
		if (patcher_within_text(look->mod, value) || patcher_is_trampoline(value))
			return 1;
	}
	return 0;
}

/* A second opinion on a task whose stack cannot be read frame by frame. */
static bool is_certainly_outside(struct look *look, struct task_struct *task)
{
	bool outside;

	if (!try_get_task_stack(task))
		return true;
	outside = !patcher_stand_still(task, find_word_inside, look);
	patcher_put_task_stack(task);
	return outside;
}

static void scan_task(struct look *look, struct task_struct *task)
{
	int tries, err = -EAGAIN;

	if (task == current)
		return;
	for (tries = 0; err && tries < MAX_TRIES; tries++) {
		if (patcher_is_on_cpu(task))
			err = scan_on_cpu(look, task, task_cpu(task));
		else
			err = scan_sleeper(look, task);
	}
	if (err && !is_certainly_outside(look, task))
		note_unreadable(look, task);
}

/* An interrupt handler or softirq of the target may run on an otherwise idle CPU. */
static void scan_idle_tasks(struct look *look)
{
	int cpu, tries, err;

	for_each_online_cpu(cpu) {
		err = -EAGAIN;
		for (tries = 0; err && tries < MAX_TRIES && cpu_online(cpu); tries++)
			err = scan_on_cpu(look, NULL, cpu);
		if (err && cpu_online(cpu))
			note_unreadable(look, NULL);
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
static int scan_all_tasks(struct look *look)
{
	struct task_struct *process, *thread;
	unsigned int batch = BATCH;
	int err = 0;

	patcher_occupants_forget(look->found);
	scan_idle_tasks(look);

	rcu_read_lock();
	for_each_process_thread(process, thread) {
		scan_task(look, thread);
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
 * patcher_occupants_look - find the tasks inside the target, or loading or unloading it
 * @mod: the target; the caller makes sure that it is not freed meanwhile
 * @loaders: look also for tasks that are loading or unloading it
 * @found: out
 *
 * The calling task itself is left out. Changes nothing. What @found had before is
 * forgotten, and patcher_occupants_forget() is to be called in the end.
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
		err = scan_all_tasks(look);
	kfree(look);
	return err;
}

/**
 * patcher_occupants_listed - how many of them are on the list
 * @found: what patcher_occupants_look() found
 */
unsigned int patcher_occupants_listed(const struct patcher_occupants *found)
{
	return min_t(unsigned int, found->tasks, PATCHER_OCCUPANTS_MAX);
}

/**
 * patcher_occupants_forget - let go of the tasks on the list, and empty it
 * @found: what patcher_occupants_look() found
 *
 * Context: any but interrupts.
 */
void patcher_occupants_forget(struct patcher_occupants *found)
{
	unsigned int i;

	for (i = 0; i < patcher_occupants_listed(found); i++)
		if (found->list[i].task)
			put_task_struct(found->list[i].task);
	memset(found, 0, sizeof(*found));
}

/* " and 4294967295 more" */
#define MORE_LEN 21

static int one_text(const struct patcher_occupant *who, char *text, size_t size)
{
	int used = scnprintf(text, size, "%s[%d] ", who->comm, who->pid);

	if (who->kind == PATCHER_UNREADABLE)
		return used + scnprintf(text + used, size - used,
					"may be inside, its stack cannot be read beyond %pS",
					(void *)who->unread);
	if (!who->addr)
		return used + scnprintf(text + used, size - used,
					"is loading or unloading it");
	used += scnprintf(text + used, size - used, "%s inside at %pS",
			  who->kind == PATCHER_INTERRUPT ? "has an interrupt" :
			  patcher_occupant_runs(who) ? "runs" : "sleeps", (void *)who->addr);
	used += patcher_wait_text(&who->wait, text + used, size - used);
	return used + scnprintf(text + used, size - used, " (%c)", who->state);
}

/**
 * patcher_occupants_text - name them, or the first of them
 * @found: what patcher_occupants_look() found
 * @text: out; "nobody is inside" if there is none
 * @size: of @text, in bytes
 *
 * Context: any; the target must not have been freed.
 */
void patcher_occupants_text(const struct patcher_occupants *found, char *text,
			    size_t size)
{
	unsigned int i, named = min_t(unsigned int, found->tasks, PATCHER_OCCUPANTS_NAMED);
	size_t used = 0, fits = 0;

	if (!found->tasks)
		scnprintf(text, size, "nobody is inside");
	for (i = 0; i < named; i++) {
		if (i)
			used += scnprintf(text + used, size - used, ", ");
		used += one_text(&found->list[i], text + used, size - used);
		if (i && used + MORE_LEN > size)
			break;
		fits = used;
	}
	if (found->tasks > i)
		scnprintf(text + fits, size - fits, " and %u more", found->tasks - i);
}

/**
 * patcher_occupants_spared - name the first that must not be ended, and say why
 * @found: what patcher_occupants_look() found
 * @text: out; "" if there is none. Workers are not among them, nor is what is not inside
 * @size: of @text, in bytes
 *
 * Context: any.
 */
void patcher_occupants_spared(const struct patcher_occupants *found, char *text, size_t size)
{
	const struct patcher_occupant *who = found->list;
	unsigned int i;

	*text = 0;
	for (i = 0; i < patcher_occupants_listed(found); i++, who++)
		if (who->spared && who->addr && who->kind <= PATCHER_THREAD) {
			scnprintf(text, size, "%s[%d] %s", who->comm, who->pid, who->spared);
			return;
		}
}
