// SPDX-License-Identifier: GPL-2.0
/*
 * stub_kthread: stops a kthread, a timer and a delayed work.
 *
 * For tests/targets/t_kthread.c, whose exit dies after it has stopped the kthread;
 * the kthread may as well be alive. Order: what may start another one goes
 * first. Here they are independent, as with most drivers: the thread first, as it
 * may arm the timer, the timer next, as it may queue the work.
 */
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <patcher/stub.h>

#include "compat.h"

static int (*thread_fn)(void *data);
static struct timer_list *timer;
static struct delayed_work *work;

static const struct patcher_symbol symbols[] = {
	PATCHER_FUNCTION(thread_fn, "t_kthread_fn"),
	PATCHER_SYMBOL(timer, "t_kthread_timer"),
	PATCHER_SYMBOL(work, "t_kthread_work"),
	{ }
};

/*
 * The thread that runs the target's function, with a reference; NULL if there is
 * none. The target's own pointer is no good witness: kthread_stop() leaves it
 * pointing at a task that is gone, and the compiler may drop a store of NULL that
 * only a BUG() follows.
 */
static struct task_struct *find_thread(void)
{
	struct task_struct *task;

	rcu_read_lock();
	for_each_process(task) {
		if (task->flags & PF_KTHREAD && kthread_func(task) == thread_fn) {
			get_task_struct(task);
			rcu_read_unlock();
			return task;
		}
	}
	rcu_read_unlock();
	return NULL;
}

static void kthread_cleanup(void)
{
	struct task_struct *task = find_thread();

	if (task) {
		kthread_stop(task);
		put_task_struct(task);
	}

	/*
	 * timer_setup() sets function. From then on deleting is harmless, pending
	 * or not, and waits for a handler that runs, also for one that rearms
	 * itself (kernel/time/timer.c).
	 */
	if (timer->function)
		stub_timer_delete_sync(timer);

	/*
	 * INIT_DELAYED_WORK() sets func. From then on cancelling is harmless,
	 * queued or not, and keeps a work that requeues itself from doing so
	 * (kernel/workqueue.c).
	 */
	if (work->work.func)
		cancel_delayed_work_sync(work);
}

PATCHER_STUB(
	.cleanup = kthread_cleanup,
	.symbols = symbols,
);

MODULE_DESCRIPTION("patcher stub: a kthread, a timer and a delayed work");
MODULE_LICENSE("GPL");
