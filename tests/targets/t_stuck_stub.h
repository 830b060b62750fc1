/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the stubs for t_stuck are made of. Each takes what it is there to show:
 *
 *   t_stuck_let	lets go what is stuck; t_stuck keeps its own exit
 *   t_stuck_both	lets go, and cleans up
 *   t_stuck_idle	lets nothing go, and cleans up
 *   t_stuck_clean	has no release at all, and cleans up
 *   t_stuck_bad	as t_stuck_both, with a defect of its own
 *
 * They serve all ways to get stuck alike: what there is no use for does no harm.
 */
#ifndef T_STUCK_STUB_H
#define T_STUCK_STUB_H

#include <linux/cdev.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/printk.h>
#include <linux/proc_fs.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/semaphore.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/swait.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <patcher/stub.h>

static char **how;
static dev_t *devt;
static struct cdev *cdev;
static struct completion *done;
static struct completion **object;
static struct wait_queue_head *wait;
static bool *flag;
static struct semaphore *semaphore;
static struct mutex *mutex;
static struct task_struct **task;
static struct completion *thread_done;
static struct work_struct *work;
static struct completion *work_done;
static struct net_device **dev;
static bool *leaked;

static const struct patcher_symbol symbols[] = {
	PATCHER_SYMBOL(how, "t_stuck_how"),
	PATCHER_SYMBOL(devt, "t_stuck_devt"),
	PATCHER_SYMBOL(cdev, "t_stuck_cdev"),
	PATCHER_SYMBOL(done, "t_stuck_done"),
	PATCHER_SYMBOL(object, "t_stuck_object"),
	PATCHER_SYMBOL(wait, "t_stuck_wait"),
	PATCHER_SYMBOL(flag, "t_stuck_flag"),
	PATCHER_SYMBOL(semaphore, "t_stuck_semaphore"),
	PATCHER_SYMBOL(mutex, "t_stuck_mutex"),
	PATCHER_SYMBOL(task, "t_stuck_task"),
	PATCHER_SYMBOL(thread_done, "t_stuck_thread_done"),
	PATCHER_SYMBOL(work, "t_stuck_work"),
	PATCHER_SYMBOL(work_done, "t_stuck_work_done"),
	PATCHER_SYMBOL(dev, "t_stuck_dev"),
	PATCHER_SYMBOL(leaked, "t_stuck_leaked"),
	{ }
};

static inline void put_leaked(void)
{
	if (xchg(leaked, false))
		dev_put(*dev);
}

/* The release takes as long as that. */
static unsigned int release_ms;
module_param(release_ms, uint, 0444);

/* What exit waits for comes so long after the thread was evicted, and not from the release. */
static unsigned int late_ms;
module_param(late_ms, uint, 0444);

static inline void late(struct work_struct *unused)
{
	complete_all(done);
}

static DECLARE_DELAYED_WORK(late_work, late);

/*
 * Lets everybody go. A lock is dropped by who holds it: the mutex's owner is let go,
 * and drops it on its way out.
 */
static inline void stuck_release(void)
{
	pr_info("%s: release ran\n", KBUILD_MODNAME);
	msleep(release_ms);

	complete_all(thread_done);
	complete_all(work_done);
	put_leaked();

	if (!late_ms)
		complete_all(done);
	if (*object)
		complete_all(*object);
	WRITE_ONCE(*flag, true);
	wake_up_all(wait);
	up(semaphore);
}

static inline void idle_release(void)
{
	pr_info("%s: release ran, and did nothing\n", KBUILD_MODNAME);
}

/* The object is to be freed by the one who waits for it. */
static bool object_left;

static inline void free_object(void)
{
	if (!*object)
		return;
	object_left = swait_active(&(*object)->wait);
	if (object_left)
		return;
	kfree(*object);
	*object = NULL;
}

/*
 * The target holds a reference on its thread, which has ended by itself, or will now.
 * Not kthread_stop(): exit may have called it, and a second one never returns (the
 * thread does only one complete(), in mm_release(), kernel/fork.c).
 */
static inline void end_thread(void)
{
	if (!*task)
		return;
	complete_all(thread_done);
	while (!READ_ONCE((*task)->exit_state))
		msleep(20);
	put_task_struct(*task);
	*task = NULL;
}

/* The device is to be freed by the one who unregisters it. */
static bool dev_left;

/* As in stub_netdev; RTNL is not touched when there is no device. */
static inline void end_netdev(void)
{
	if (!*dev)
		return;
	dev_left = *leaked && (*dev)->reg_state != NETREG_REGISTERED;
	put_leaked();
	if (dev_left)
		return;
	switch ((*dev)->reg_state) {
	case NETREG_REGISTERED:
		unregister_netdev(*dev);
		break;
	case NETREG_UNINITIALIZED:
	case NETREG_UNREGISTERED:
		break;
	default:
		pr_err("%s: %s is half unregistered, left as it is\n", KBUILD_MODNAME,
		       (*dev)->name);
		return;
	}
	free_netdev(*dev);
	*dev = NULL;
}

static inline void stuck_cleanup(void)
{
	pr_info("%s: cleanup ran\n", KBUILD_MODNAME);

	flush_delayed_work(&late_work);
	end_thread();
	/* The children then end by themselves; patcher waits for them. */
	if (!strcmp(*how, "fork") || !strcmp(*how, "crowd")) {
		WRITE_ONCE(*flag, true);
		wake_up_all(wait);
	}
	complete_all(work_done);
	cancel_work_sync(work);
	end_netdev();
	free_object();

	remove_proc_subtree("t_stuck", NULL);
	if (cdev->count && kref_read(&cdev->kobj.kref))
		cdev_del(cdev);
	if (*devt)
		unregister_chrdev_region(*devt, 1);
	*devt = 0;
}

/* The evicted hook takes as long as that. */
static unsigned int evicted_ms;
module_param(evicted_ms, uint, 0444);

/* It keeps what it has locked. */
static bool keeps;
module_param(keeps, bool, 0444);

/*
 * In the task that is being evicted. With how=mutex whoever is inside holds the mutex: the
 * owner, and exit, which has just got it. With how=rtnl exit holds RTNL. What exit waited
 * for is freed by it.
 */
static inline void stuck_evicted(void)
{
	msleep(evicted_ms);
	if (keeps)
		return;
	if (late_ms && current->flags & PF_KTHREAD)
		schedule_delayed_work(&late_work, msecs_to_jiffies(late_ms));
	if (!strcmp(*how, "mutex"))
		mutex_unlock(mutex);
	if (!strcmp(*how, "rtnl"))
		rtnl_unlock();
	if (object_left) {
		kfree(*object);
		*object = NULL;
	}
	if (dev_left) {
		free_netdev(*dev);
		*dev = NULL;
	}
}

#endif /* T_STUCK_STUB_H */
