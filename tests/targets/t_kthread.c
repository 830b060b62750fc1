// SPDX-License-Identifier: GPL-2.0
/*
 * t_kthread: a kthread, a timer and a delayed work; exit hits a BUG half way.
 *
 * Situation 5b. exit stops the kthread and then hits the BUG; the timer goes on
 * rearming itself and the work requeueing itself, both in the target's text.
 * Seen from outside: state GOING, refcount -1, rmmod dead; parameters/ticks and
 * parameters/works go on counting. rmmod fails without a word, rmmod -f says
 * "Device or resource busy".
 *
 * exit is marked __exit, so it has no ftrace site. Stub: stub_kthread.
 */
#include <linux/err.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "defect.h"
#include "die.h"

#define T_KTHREAD_PERIOD	(HZ / 10)

static unsigned int loops;
module_param(loops, uint, 0444);
MODULE_PARM_DESC(loops, "How often the kthread came round");

static unsigned int ticks;
module_param(ticks, uint, 0444);
MODULE_PARM_DESC(ticks, "How often the timer fired");

static unsigned int works;
module_param(works, uint, 0444);
MODULE_PARM_DESC(works, "How often the work ran");

static struct task_struct *t_kthread_task;
static struct timer_list t_kthread_timer;
static struct delayed_work t_kthread_work;
static DECLARE_WAIT_QUEUE_HEAD(t_kthread_wait);

static int t_kthread_fn(void *data)
{
	while (!kthread_should_stop()) {
		WRITE_ONCE(loops, loops + 1);
		wait_event_interruptible_timeout(t_kthread_wait,
						 kthread_should_stop(),
						 T_KTHREAD_PERIOD);
	}
	return 0;
}

static void t_kthread_tick(struct timer_list *timer)
{
	WRITE_ONCE(ticks, ticks + 1);
	mod_timer(timer, jiffies + T_KTHREAD_PERIOD);
}

static void t_kthread_do_work(struct work_struct *work)
{
	WRITE_ONCE(works, works + 1);
	schedule_delayed_work(to_delayed_work(work), T_KTHREAD_PERIOD);
}

static int __init t_kthread_init(void)
{
	struct task_struct *task;

	t_die_after(0);
	timer_setup(&t_kthread_timer, t_kthread_tick, 0);
	INIT_DELAYED_WORK(&t_kthread_work, t_kthread_do_work);
	t_die_after(1);

	task = kthread_run(t_kthread_fn, NULL, "t_kthread");
	if (IS_ERR(task))
		return PTR_ERR(task);
	t_kthread_task = task;

	mod_timer(&t_kthread_timer, jiffies + T_KTHREAD_PERIOD);
	schedule_delayed_work(&t_kthread_work, T_KTHREAD_PERIOD);
	t_die_after(2);
	return 0;
}

static void __exit t_kthread_exit(void)
{
	kthread_stop(t_kthread_task);
	t_kthread_task = NULL;
	t_defect_bug();
	t_timer_delete_sync(&t_kthread_timer);
	cancel_delayed_work_sync(&t_kthread_work);
}

module_init(t_kthread_init);
module_exit(t_kthread_exit);

MODULE_DESCRIPTION("patcher target: kthread, timer and work; exit hits a BUG half way");
MODULE_LICENSE("GPL");
