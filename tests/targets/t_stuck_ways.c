// SPDX-License-Identifier: GPL-2.0
/*
 * t_stuck_ways: the ways to get stuck, a table of them at the end.
 *
 * Each is a function of its own that blocks until it is let go, and then goes on
 * properly. None is inlined, none ends in a tail call: whoever is stuck has its frame.
 */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/etherdevice.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/preempt.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/semaphore.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "t_stuck.h"

/* Asleep until a completion, a wait queue, a semaphore. */

static DECLARE_COMPLETION(t_stuck_done);

static noinline __used void t_stuck_completion(void)
{
	wait_for_completion(&t_stuck_done);
	t_stuck_passed(&t_stuck_after);
}

static void t_stuck_completion_go(void)
{
	complete_all(&t_stuck_done);
}

static noinline __used void t_stuck_deeper(void)
{
	t_stuck_completion();
	t_stuck_passed(&t_stuck_after);
}

static noinline __used void t_stuck_deep(void)
{
	t_stuck_deeper();
	t_stuck_passed(&t_stuck_after);
}

static void (*t_stuck_pointed)(void) = t_stuck_completion;

static noinline __used void t_stuck_pointer(void)
{
	READ_ONCE(t_stuck_pointed)();
	t_stuck_passed(&t_stuck_after);
}

/* The same return address several times on the stack. */
static noinline __used void t_stuck_recurse(unsigned int depth)
{
	if (depth)
		t_stuck_recurse(depth - 1);
	else
		wait_for_completion(&t_stuck_done);
	t_stuck_passed(&t_stuck_after);
}

static noinline __used void t_stuck_recursive(void)
{
	t_stuck_recurse(3);
	t_stuck_passed(&t_stuck_after);
}

static struct completion *t_stuck_object;

static int t_stuck_kmalloc_prepare(void)
{
	t_stuck_object = kmalloc(sizeof(*t_stuck_object), GFP_KERNEL);
	if (!t_stuck_object)
		return -ENOMEM;
	init_completion(t_stuck_object);
	return 0;
}

static noinline __used void t_stuck_kmalloc(void)
{
	wait_for_completion(t_stuck_object);
	t_stuck_passed(&t_stuck_after);
}

static void t_stuck_kmalloc_go(void)
{
	complete_all(t_stuck_object);
}

static void t_stuck_kmalloc_undo(void)
{
	kfree(t_stuck_object);
}

/*
 * Each time that it wakes, the kernel's code looks at the object before that of the module
 * runs. Should the object be free by then, what the allocators write into one that is, at
 * its beginning, middle and end, is not where the lock is.
 */
static struct {
	char unused[2048];
	struct completion done;
	char rest[8192 - 2048 - sizeof(struct completion)];
} *t_stuck_polled;

static int t_stuck_timeout_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%#lx\n", (unsigned long)t_stuck_polled);
}

static const struct kernel_param_ops t_stuck_timeout_ops = {
	.get = t_stuck_timeout_get,
};

module_param_cb(polled, &t_stuck_timeout_ops, NULL, 0400);
MODULE_PARM_DESC(polled, "With how=timeout, the address of what was allocated");

static int t_stuck_timeout_prepare(void)
{
	t_stuck_polled = kmalloc(sizeof(*t_stuck_polled), GFP_KERNEL);
	if (!t_stuck_polled)
		return -ENOMEM;
	init_completion(&t_stuck_polled->done);
	return 0;
}

static noinline __used void t_stuck_timeout(void)
{
	while (!wait_for_completion_timeout(&t_stuck_polled->done, HZ / 5))
		;
	t_stuck_passed(&t_stuck_after);
}

static DECLARE_WAIT_QUEUE_HEAD(t_stuck_wait);
static bool t_stuck_flag;
module_param_named(flag, t_stuck_flag, bool, 0644);
MODULE_PARM_DESC(flag, "It was let go; to be set to 0 for the next one");

static noinline __used void t_stuck_wait_event(void)
{
	wait_event(t_stuck_wait, READ_ONCE(t_stuck_flag));
	t_stuck_passed(&t_stuck_after);
}

/* Also what ends the loops below. */
static void t_stuck_wait_event_go(void)
{
	WRITE_ONCE(t_stuck_flag, true);
	wake_up_all(&t_stuck_wait);
}

static struct semaphore t_stuck_semaphore = __SEMAPHORE_INITIALIZER(t_stuck_semaphore, 0);

static noinline __used void t_stuck_down(void)
{
	down(&t_stuck_semaphore);
	t_stuck_passed(&t_stuck_after);
}

static void t_stuck_down_go(void)
{
	up(&t_stuck_semaphore);
}

/* RTNL stays locked meanwhile. */
static noinline __used void t_stuck_rtnl(void)
{
	rtnl_lock();
	wait_for_completion(&t_stuck_done);
	t_stuck_passed(&t_stuck_after);
	rtnl_unlock();
}

/* Polling and spinning. */

static noinline __used void t_stuck_msleep(void)
{
	while (!READ_ONCE(t_stuck_flag))
		msleep(20);
	t_stuck_passed(&t_stuck_after);
}

static noinline __used void t_stuck_spin_resched(void)
{
	while (!READ_ONCE(t_stuck_flag))
		cond_resched();
	t_stuck_passed(&t_stuck_after);
}

static noinline __used void t_stuck_spin(void)
{
	while (!READ_ONCE(t_stuck_flag))
		cpu_relax();
	t_stuck_passed(&t_stuck_after);
}

static noinline __used void t_stuck_spin_nopreempt(void)
{
	preempt_disable();
	while (!READ_ONCE(t_stuck_flag))
		cpu_relax();
	t_stuck_passed(&t_stuck_after);
	preempt_enable();
}

/*
 * Waiting for a thread or a work of the module's own, which is stuck itself. The
 * thread does not look at kthread_should_stop(). As it may end before it is stopped, a
 * reference on it is held.
 */

static struct task_struct *t_stuck_task;
static DECLARE_COMPLETION(t_stuck_thread_done);

static noinline __used int t_stuck_deaf(void *unused)
{
	wait_for_completion(&t_stuck_thread_done);
	t_stuck_passed(&t_stuck_others);
	return 0;
}

static int t_stuck_start(int (*fn)(void *unused))
{
	struct task_struct *task = kthread_create(fn, NULL, "t_stuck");

	if (IS_ERR(task))
		return PTR_ERR(task);
	get_task_struct(task);
	t_stuck_task = task;
	wake_up_process(task);
	return 0;
}

static int t_stuck_thread_prepare(void)
{
	return t_stuck_start(t_stuck_deaf);
}

static void t_stuck_thread_go(void)
{
	complete_all(&t_stuck_thread_done);
}

static noinline __used void t_stuck_kthread_stop(void)
{
	kthread_stop(t_stuck_task);
	t_stuck_passed(&t_stuck_after);
}

static void t_stuck_thread_put(void)
{
	put_task_struct(t_stuck_task);
	t_stuck_task = NULL;
}

static void t_stuck_thread_undo(void)
{
	kthread_stop(t_stuck_task);
	t_stuck_thread_put();
}

/* Exit waits by itself, while a thread is stuck. */
static void t_stuck_two_go(void)
{
	t_stuck_completion_go();
	t_stuck_thread_go();
}

static DEFINE_MUTEX(t_stuck_mutex);
static DECLARE_COMPLETION(t_stuck_locked);

static noinline __used int t_stuck_owner(void *unused)
{
	mutex_lock(&t_stuck_mutex);
	complete(&t_stuck_locked);
	wait_for_completion(&t_stuck_thread_done);
	t_stuck_passed(&t_stuck_others);
	mutex_unlock(&t_stuck_mutex);
	return 0;
}

static int t_stuck_mutex_prepare(void)
{
	int err = t_stuck_start(t_stuck_owner);

	if (!err)
		wait_for_completion(&t_stuck_locked);
	return err;
}

static noinline __used void t_stuck_mutex_lock(void)
{
	mutex_lock(&t_stuck_mutex);
	t_stuck_passed(&t_stuck_after);
	mutex_unlock(&t_stuck_mutex);
}

static DECLARE_COMPLETION(t_stuck_work_done);

static noinline __used void t_stuck_work_fn(struct work_struct *work)
{
	wait_for_completion(&t_stuck_work_done);
	t_stuck_passed(&t_stuck_others);
}

static DECLARE_WORK(t_stuck_work, t_stuck_work_fn);

static int t_stuck_work_prepare(void)
{
	schedule_work(&t_stuck_work);
	return 0;
}

static noinline __used void t_stuck_flush_work(void)
{
	flush_work(&t_stuck_work);
	t_stuck_passed(&t_stuck_after);
}

static void t_stuck_work_go(void)
{
	complete_all(&t_stuck_work_done);
}

/* Exit waits by itself, while a work is stuck that no stub knows of. */

static DECLARE_COMPLETION(t_stuck_stray_done);

static noinline __used void t_stuck_stray_fn(struct work_struct *work)
{
	wait_for_completion(&t_stuck_stray_done);
	t_stuck_passed(&t_stuck_others);
}

static DECLARE_WORK(t_stuck_stray_work, t_stuck_stray_fn);

static int t_stuck_stray_prepare(void)
{
	schedule_work(&t_stuck_stray_work);
	return 0;
}

static void t_stuck_stray_go(void)
{
	complete_all(&t_stuck_stray_done);
	t_stuck_completion_go();
}

static void t_stuck_stray_undo(void)
{
	flush_work(&t_stuck_stray_work);
}

/* The same with as many works as patcher could park once, and one. */

static struct workqueue_struct *t_stuck_queue;
static struct work_struct t_stuck_works[17];

static int t_stuck_works_prepare(void)
{
	unsigned int i;

	t_stuck_queue = alloc_workqueue("t_stuck", WQ_UNBOUND, 32);
	if (!t_stuck_queue)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(t_stuck_works); i++) {
		INIT_WORK(&t_stuck_works[i], t_stuck_stray_fn);
		queue_work(t_stuck_queue, &t_stuck_works[i]);
	}
	return 0;
}

static void t_stuck_works_undo(void)
{
	destroy_workqueue(t_stuck_queue);
}

/* Starts threads, each of which gets stuck as well: all at once, or one after the other. */

static unsigned int t_stuck_crowd_size = 100;
module_param_named(children, t_stuck_crowd_size, uint, 0444);
MODULE_PARM_DESC(children, "How many threads to start at most");

static atomic_t t_stuck_children;

static noinline __used int t_stuck_child(void *unused)
{
	wait_event(t_stuck_wait, READ_ONCE(t_stuck_flag));
	t_stuck_passed(&t_stuck_others);
	atomic_dec(&t_stuck_children);
	return 0;
}

static void t_stuck_bear(void)
{
	if (atomic_inc_return(&t_stuck_children) > t_stuck_crowd_size ||
	    IS_ERR(kthread_run(t_stuck_child, NULL, "t_stuck")))
		atomic_dec(&t_stuck_children);
}

static noinline __used void t_stuck_fork(void)
{
	while (!READ_ONCE(t_stuck_flag)) {
		t_stuck_bear();
		msleep(100);
	}
	t_stuck_passed(&t_stuck_after);
}

static noinline __used void t_stuck_crowd(void)
{
	unsigned int i;

	for (i = 0; i < t_stuck_crowd_size; i++)
		t_stuck_bear();
	wait_event(t_stuck_wait, READ_ONCE(t_stuck_flag));
	t_stuck_passed(&t_stuck_after);
}

static void t_stuck_fork_undo(void)
{
	while (atomic_read(&t_stuck_children))
		msleep(20);
}

/* A network device on which a reference was leaked. */

static struct net_device *t_stuck_dev;
static bool t_stuck_leaked;

static netdev_tx_t t_stuck_start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	dev_kfree_skb(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops t_stuck_netdev_ops = {
	.ndo_start_xmit = t_stuck_start_xmit,
};

/* Called by the kernel when the device goes, before unregister_netdev() returns. */
static void t_stuck_destructor(struct net_device *dev)
{
	t_stuck_passed(&t_stuck_others);
}

static void t_stuck_netdev_setup(struct net_device *dev)
{
	ether_setup(dev);
	eth_hw_addr_random(dev);
	dev->netdev_ops = &t_stuck_netdev_ops;
}

static int t_stuck_netdev_prepare(void)
{
	int err;

	t_stuck_dev = alloc_netdev(0, "tstuck%d", NET_NAME_ENUM, t_stuck_netdev_setup);
	if (!t_stuck_dev)
		return -ENOMEM;
	err = register_netdev(t_stuck_dev);
	if (err) {
		free_netdev(t_stuck_dev);
		return err;
	}
	dev_hold(t_stuck_dev);
	t_stuck_leaked = true;
	return 0;
}

static int t_stuck_destructor_prepare(void)
{
	int err = t_stuck_netdev_prepare();

	if (!err)
		t_stuck_dev->priv_destructor = t_stuck_destructor;
	return err;
}

static noinline __used void t_stuck_netdev(void)
{
	unregister_netdev(t_stuck_dev);
	t_stuck_passed(&t_stuck_after);
}

static void t_stuck_netdev_go(void)
{
	if (xchg(&t_stuck_leaked, false))
		dev_put(t_stuck_dev);
}

static void t_stuck_netdev_undo(void)
{
	free_netdev(t_stuck_dev);
}

/* Exit is healthy; a task that reads, closes or polls the device file is stuck. */

static noinline __used void t_stuck_reader(void)
{
	wait_event(t_stuck_wait, READ_ONCE(t_stuck_flag));
	t_stuck_passed(&t_stuck_after);
}

static enum t_stuck_file t_stuck_file;

static int t_stuck_read_prepare(void)
{
	t_stuck_file = T_STUCK_READ;
	return 0;
}

static int t_stuck_close_prepare(void)
{
	t_stuck_file = T_STUCK_CLOSE;
	return 0;
}

static int t_stuck_poll_prepare(void)
{
	t_stuck_file = T_STUCK_POLL;
	return 0;
}

void t_stuck_in_file(enum t_stuck_file where)
{
	if (where != t_stuck_file)
		return;
	t_stuck_reader();
	t_stuck_passed(&t_stuck_after);
}

static const struct t_stuck_way t_stuck_ways[] = {
	{
		.name = "",
	}, {
		.name = "completion",
		.block = t_stuck_completion,
		.go = t_stuck_completion_go,
	}, {
		.name = "deep",
		.block = t_stuck_deep,
		.go = t_stuck_completion_go,
	}, {
		.name = "pointer",
		.block = t_stuck_pointer,
		.go = t_stuck_completion_go,
	}, {
		.name = "recursive",
		.block = t_stuck_recursive,
		.go = t_stuck_completion_go,
	}, {
		.name = "kmalloc",
		.prepare = t_stuck_kmalloc_prepare,
		.block = t_stuck_kmalloc,
		.go = t_stuck_kmalloc_go,
		.undo = t_stuck_kmalloc_undo,
	}, {
		.name = "timeout",	/* for stuck-ignored: no stub knows of it */
		.prepare = t_stuck_timeout_prepare,
		.block = t_stuck_timeout,
	}, {
		.name = "wait_event",
		.block = t_stuck_wait_event,
		.go = t_stuck_wait_event_go,
	}, {
		.name = "down",
		.block = t_stuck_down,
		.go = t_stuck_down_go,
	}, {
		.name = "rtnl",
		.block = t_stuck_rtnl,
		.go = t_stuck_completion_go,
	}, {
		.name = "msleep",
		.block = t_stuck_msleep,
		.go = t_stuck_wait_event_go,
	}, {
		.name = "fork",
		.block = t_stuck_fork,
		.go = t_stuck_wait_event_go,
		.undo = t_stuck_fork_undo,
	}, {
		.name = "crowd",
		.block = t_stuck_crowd,
		.go = t_stuck_wait_event_go,
		.undo = t_stuck_fork_undo,
	}, {
		.name = "spin_resched",
		.block = t_stuck_spin_resched,
		.go = t_stuck_wait_event_go,
	}, {
		.name = "spin",
		.block = t_stuck_spin,
		.go = t_stuck_wait_event_go,
	}, {
		.name = "spin_nopreempt",
		.block = t_stuck_spin_nopreempt,
		.go = t_stuck_wait_event_go,
	}, {
		.name = "kthread_stop",
		.prepare = t_stuck_thread_prepare,
		.block = t_stuck_kthread_stop,
		.go = t_stuck_thread_go,
		.undo = t_stuck_thread_put,
	}, {
		.name = "thread",	/* the same, to be looked at while LIVE */
		.prepare = t_stuck_thread_prepare,
		.block = t_stuck_kthread_stop,
		.go = t_stuck_thread_go,
		.undo = t_stuck_thread_put,
	}, {
		.name = "two",
		.prepare = t_stuck_thread_prepare,
		.block = t_stuck_completion,
		.go = t_stuck_two_go,
		.undo = t_stuck_thread_undo,
	}, {
		.name = "mutex",
		.prepare = t_stuck_mutex_prepare,
		.block = t_stuck_mutex_lock,
		.go = t_stuck_thread_go,
		.undo = t_stuck_thread_undo,
	}, {
		.name = "flush_work",
		.prepare = t_stuck_work_prepare,
		.block = t_stuck_flush_work,
		.go = t_stuck_work_go,
	}, {
		.name = "stray",
		.prepare = t_stuck_stray_prepare,
		.block = t_stuck_completion,
		.go = t_stuck_stray_go,
		.undo = t_stuck_stray_undo,
	}, {
		.name = "works",
		.prepare = t_stuck_works_prepare,
		.block = t_stuck_completion,
		.go = t_stuck_stray_go,
		.undo = t_stuck_works_undo,
	}, {
		.name = "destructor",
		.prepare = t_stuck_destructor_prepare,
		.block = t_stuck_netdev,
		.go = t_stuck_netdev_go,
		.undo = t_stuck_netdev_undo,
	}, {
		.name = "netdev",
		.prepare = t_stuck_netdev_prepare,
		.block = t_stuck_netdev,
		.go = t_stuck_netdev_go,
		.undo = t_stuck_netdev_undo,
	}, {
		.name = "read",
		.prepare = t_stuck_read_prepare,
		.go = t_stuck_wait_event_go,
	}, {
		.name = "close",
		.prepare = t_stuck_close_prepare,
		.go = t_stuck_wait_event_go,
	}, {
		.name = "poll",
		.prepare = t_stuck_poll_prepare,
		.go = t_stuck_wait_event_go,
	},
};

const struct t_stuck_way *t_stuck_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t_stuck_ways); i++)
		if (!strcmp(t_stuck_ways[i].name, name))
			return &t_stuck_ways[i];
	return NULL;
}
