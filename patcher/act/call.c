// SPDX-License-Identifier: GPL-2.0
/*
 * call: runs a routine of the stub in a task of its own.
 *
 * The stub may have been written in a hurry, and its routine may die of an oops or never
 * return. In the task that arms, insmod of patcher say, that would leave patcher COMING for
 * ever. So a kernel thread runs it, and the task that arms waits for the thread to end. A
 * thread that ends without having said that the routine returned has died in it, whichever
 * way: an oops ends it by make_task_dead() (kernel/exit.c), and never comes back here.
 *
 * The thread has kthreadd's credentials and namespaces, which are root's and the initial ones.
 * It takes SIGKILL, so that a routine that waits interruptibly or killably can be ended.
 *
 * While the thread is there it may be in the stub's text and in ours, and uses the stub's
 * pointers into the target. So whoever does not wait for it any longer has to keep all three.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include <patcher/stub.h>

#include "act/call.h"
#include "kernel/compat.h"
#include "kernel/ksym.h"
#include "log.h"
#include "rescue.h"

#define POLL_MS		5
/* How long a routine has to return after it was interrupted. */
#define GRACE_MS	1000
#define LOG_INTERVAL	(10 * HZ)
#define MAX_FRAMES	32

static int run_routine(void *data)
{
	struct patcher_call *call = data;

	allow_signal(SIGKILL);
	call->routine();
	WRITE_ONCE(call->returned, true);
	/* Before exit_state, which is set later; pairs with patcher_call_end(). */
	smp_mb();
	return 0;
}

static int begin_call(struct patcher_call *call, const char *what, void (*routine)(void))
{
	struct task_struct *task;

	call->what = what;
	call->routine = routine;
	call->returned = false;
	/* what + 1: without the dot */
	task = kthread_create(run_routine, call, KBUILD_MODNAME "/%s", what + 1);
	if (IS_ERR(task))
		return PTR_ERR(task);
	call->pid = task_pid_nr(task);
	call->task = get_task_struct(task);
	wake_up_process(task);
	return 0;
}

/**
 * patcher_call_place - in which function a task sleeps, and which place in the stub has called that
 * @rescue: has a stub
 * @task: held, with its stack; in one of the stub's routines
 * @place: out, in words; of PATCHER_PLACE_LEN bytes
 *
 * Context: process context.
 */
noinline void patcher_call_place(const struct patcher_rescue *rescue, struct task_struct *task,
				 char *place)
{
	unsigned long frames[MAX_FRAMES];
	int i, n = patcher_stack_trace(task, frames, MAX_FRAMES);

	for (i = 0; i < n; i++)
		if (patcher_within_text(rescue->stub->owner, frames[i]))
			break;
	if (n <= 0)
		strscpy(place, "on a CPU", PATCHER_PLACE_LEN);
	else if (i == n || !i)
		snprintf(place, PATCHER_PLACE_LEN, "at %pS", (void *)frames[i % n]);
	else
		snprintf(place, PATCHER_PLACE_LEN, "in %pS, called at %pS", (void *)frames[i - 1],
			 (void *)frames[i]);
}

/**
 * patcher_call_warn - log where the stub's routine is that has not returned
 * @rescue: a call is under way
 *
 * Context: process context.
 */
void patcher_call_warn(const struct patcher_rescue *rescue)
{
	const struct patcher_call *call = &rescue->call;
	char place[PATCHER_PLACE_LEN];

	patcher_call_place(rescue, call->task, place);
	patcher_warn(rescue->name,
		     "the %s of %s has not returned yet: task %d is %s; kill -9 %d ends it if it waits interruptibly",
		     call->what, rescue->stub->owner->name, call->pid, place, call->pid);
}

/**
 * patcher_call_is_under_way - does a thread run a routine of the stub, or did just now?
 * @rescue: which rescue
 *
 * Context: any; patcher_call_end() is to be called if it does.
 */
bool patcher_call_is_under_way(const struct patcher_rescue *rescue)
{
	return rescue->call.task;
}

/**
 * patcher_call_has_ended - has the thread ended that runs the routine?
 * @rescue: a call is under way
 *
 * Then no task is in the stub's text, or ours, on account of it.
 *
 * Context: any.
 */
bool patcher_call_has_ended(const struct patcher_rescue *rescue)
{
	return READ_ONCE(rescue->call.task->exit_state);
}

/**
 * patcher_call_end - the result of a call whose thread has ended
 * @rescue: a call is under way, and has ended
 *
 * Context: process context.
 * Return: 0; or -ECANCELED if the routine has died, and then the log says so.
 */
int patcher_call_end(struct patcher_rescue *rescue)
{
	struct patcher_call *call = &rescue->call;

	put_task_struct(call->task);
	call->task = NULL;
	/* After exit_state; pairs with run_routine(). */
	smp_rmb();
	if (READ_ONCE(call->returned))
		return 0;
	return patcher_refuse(rescue->name, -ECANCELED,
			      "the %s of %s died; see the oops above, and try again with a better stub",
			      call->what, rescue->stub->owner->name);
}

/* A signal has come for the task that waits: it is passed on. */
static int interrupt_call(struct patcher_rescue *rescue)
{
	struct patcher_call *call = &rescue->call;
	char place[PATCHER_PLACE_LEN];
	unsigned int waited;
	int err;

	send_sig(SIGKILL, call->task, 1);
	for (waited = 0; waited < GRACE_MS && !patcher_call_has_ended(rescue); waited += POLL_MS)
		msleep(POLL_MS);
	if (patcher_call_has_ended(rescue)) {
		err = patcher_call_end(rescue);
		return err ?: patcher_refuse(rescue->name, -EINTR, "interrupted");
	}
	patcher_call_place(rescue, call->task, place);
	return patcher_refuse(rescue->name, -EINTR,
			      "interrupted, but the %s of %s has not returned: task %d is %s; until it has, target, stub and "
			      KBUILD_MODNAME " stay in use",
			      call->what, rescue->stub->owner->name, call->pid, place);
}

static int wait_for_call(struct patcher_rescue *rescue)
{
	unsigned long log_next = jiffies + msecs_to_jiffies(rescue->timeout_ms);

	while (!patcher_call_has_ended(rescue)) {
		if (msleep_interruptible(POLL_MS))
			return interrupt_call(rescue);
		if (time_before(jiffies, log_next))
			continue;
		patcher_call_warn(rescue);
		log_next = jiffies + LOG_INTERVAL;
	}
	return patcher_call_end(rescue);
}

/**
 * patcher_call_stub - run a routine of the stub, and wait for it
 * @rescue: in PATCHER_ARMING
 * @what: which routine, with a dot before it
 * @routine: the routine
 *
 * Context: process context, sleeps; no lock held.
 * Return: 0; -ECANCELED if it has died; -EINTR on a signal, and then the call may still be
 * under way; -ENOMEM. The log says so.
 */
int patcher_call_stub(struct patcher_rescue *rescue, const char *what, void (*routine)(void))
{
	int err = begin_call(&rescue->call, what, routine);

	if (err == -EINTR)
		return patcher_refuse(rescue->name, err, "interrupted");
	if (err)
		return patcher_refuse_memory(rescue->name);
	return wait_for_call(rescue);
}
