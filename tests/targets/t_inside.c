// SPDX-License-Identifier: GPL-2.0
/*
 * t_inside: puts tasks into its own text, for which it takes no reference.
 *
 * LIVE, refcount 0, with occupants as asked for:
 *
 *   echo 1 > parameters/sleep	starts a kthread "t_inside_sleep" that sleeps three
 *				calls deep until "kill -USR1 PID"
 *   echo 1 > parameters/spin	starts a kthread "t_inside_spin" that runs without
 *				sleeping until "echo 0 > parameters/spin" or
 *				"kill -USR1 PID"
 *   cat /proc/t_inside		sleeps in the read until a signal
 *
 * sleep and spin read as the pid of the latest one inside, 0 if it has left.
 *
 * exit does not stop the kthreads, and that is the bug: after plain rmmod they
 * return into freed text. (A reader of the proc file is waited for:
 * proc_remove() does not return before it has left, see proc_entry_rundown() in
 * fs/proc/inode.c. With one inside, rmmod hangs, which is situation 5c.)
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>
#include <linux/wait.h>

static DECLARE_WAIT_QUEUE_HEAD(t_inside_wait);
static bool t_inside_spinning;

/*
 * The three are kept apart and under their own names: none is inlined, none ends in
 * a tail call, none is made into a variant that the compiler calls ".isra.0".
 */
static noinline __used int t_inside_sleep(void)
{
	return wait_event_interruptible(t_inside_wait, false);
}

static noinline __used int t_inside_middle(void)
{
	int err = t_inside_sleep();

	barrier();
	return err;
}

static noinline __used int t_inside_outer(void)
{
	int err = t_inside_middle();

	barrier();
	return err;
}

/* Runs in the target's text for nearly all of the time. */
static noinline __used void t_inside_spin(void)
{
	unsigned int i;

	while (READ_ONCE(t_inside_spinning) && !signal_pending(current)) {
		for (i = 0; i < 100000; i++)
			cpu_relax();
		/* Neither RCU nor ftrace is to wait for us for ever. */
		cond_resched_tasks_rcu_qs();
	}
}

static int t_inside_sleep_fn(void *pid)
{
	allow_signal(SIGUSR1);
	t_inside_outer();
	cmpxchg((pid_t *)pid, task_pid_nr(current), 0);
	return 0;
}

static int t_inside_spin_fn(void *pid)
{
	allow_signal(SIGUSR1);
	t_inside_spin();
	cmpxchg((pid_t *)pid, task_pid_nr(current), 0);
	return 0;
}

static pid_t t_inside_sleep_pid;
static pid_t t_inside_spin_pid;

static int t_inside_start(int (*fn)(void *pid), pid_t *pid, const char *name)
{
	struct task_struct *task = kthread_create(fn, pid, "%s", name);

	if (IS_ERR(task))
		return PTR_ERR(task);
	WRITE_ONCE(*pid, task_pid_nr(task));
	wake_up_process(task);
	return 0;
}

static int t_inside_sleep_set(const char *val, const struct kernel_param *kp)
{
	bool on;
	int err;

	err = kstrtobool(val, &on);
	if (err)
		return err;
	if (!on)
		return -EINVAL;
	return t_inside_start(t_inside_sleep_fn, kp->arg, "t_inside_sleep");
}

static int t_inside_spin_set(const char *val, const struct kernel_param *kp)
{
	bool on;
	int err;

	err = kstrtobool(val, &on);
	if (err)
		return err;
	WRITE_ONCE(t_inside_spinning, on);
	if (!on)
		return 0;
	return t_inside_start(t_inside_spin_fn, kp->arg, "t_inside_spin");
}

static int t_inside_pid_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%d\n", READ_ONCE(*(pid_t *)kp->arg));
}

static const struct kernel_param_ops t_inside_sleep_ops = {
	.set = t_inside_sleep_set,
	.get = t_inside_pid_get,
};

static const struct kernel_param_ops t_inside_spin_ops = {
	.set = t_inside_spin_set,
	.get = t_inside_pid_get,
};

module_param_cb(sleep, &t_inside_sleep_ops, &t_inside_sleep_pid, 0644);
MODULE_PARM_DESC(sleep, "1: start a kthread that sleeps inside; reads as its pid");
module_param_cb(spin, &t_inside_spin_ops, &t_inside_spin_pid, 0644);
MODULE_PARM_DESC(spin, "1: start a kthread that spins inside, 0: let it go; reads as its pid");

static ssize_t t_inside_read(struct file *file, char __user *buf, size_t len,
			     loff_t *pos)
{
	return wait_event_interruptible(t_inside_wait, false);
}

static const struct proc_ops t_inside_proc_ops = {
	.proc_read = t_inside_read,
	.proc_lseek = noop_llseek,
};

static struct proc_dir_entry *t_inside_proc;

static int __init t_inside_init(void)
{
	t_inside_proc = proc_create("t_inside", 0444, NULL, &t_inside_proc_ops);
	return t_inside_proc ? 0 : -ENOMEM;
}

static void __exit t_inside_exit(void)
{
	proc_remove(t_inside_proc);
}

module_init(t_inside_init);
module_exit(t_inside_exit);

MODULE_DESCRIPTION("patcher target: tasks inside it, without a reference");
MODULE_LICENSE("GPL");
