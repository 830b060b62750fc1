// SPDX-License-Identifier: GPL-2.0
/*
 * t_setup: still being set up, its insmod alive and asleep inside.
 *
 *   insmod t_setup.ko param_wait=1	sleeps while the parameters are parsed: state
 *					COMING, listed in /proc/modules, not in sysfs
 *   insmod t_setup.ko init_wait=1	sleeps in init: situation 2b, COMING, refcount
 *					1, in sysfs. A signal makes init fail (-EINTR)
 *   insmod t_setup.ko init_wait=2	the same; a signal makes init succeed
 *   insmod t_setup.ko init_wait=3	the same; a signal makes init oops (2a)
 *
 * Any signal to the insmod ends the wait. rmmod says meanwhile "Module t_setup is
 * in use" for init_wait, and "is not currently loaded" for param_wait, as it looks
 * into sysfs first.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>

#include "defect.h"

static DECLARE_WAIT_QUEUE_HEAD(t_setup_wait);

/* Returns once a signal is pending. */
static noinline __used void t_setup_sleep(void)
{
	wait_event_interruptible(t_setup_wait, signal_pending(current));
}

static int t_setup_param_set(const char *val, const struct kernel_param *kp)
{
	bool on;
	int err;

	err = kstrtobool(val, &on);
	if (err || !on)
		return err;
	t_setup_sleep();
	return -EINTR;
}

static const struct kernel_param_ops t_setup_param_ops = {
	.set = t_setup_param_set,
};

module_param_cb(param_wait, &t_setup_param_ops, NULL, 0);
MODULE_PARM_DESC(param_wait, "1: wait for a signal before the module is in sysfs, then fail");

static unsigned int init_wait_mode;
module_param_named(init_wait, init_wait_mode, uint, 0444);
MODULE_PARM_DESC(init_wait, "Wait for a signal in init, then 1: fail, 2: succeed, 3: oops");

static int __init t_setup_init(void)
{
	if (!init_wait_mode)
		return 0;
	t_setup_sleep();
	if (init_wait_mode == 3)
		t_defect_oops();
	return init_wait_mode == 2 ? 0 : -EINTR;
}

static void __exit t_setup_exit(void)
{
}

module_init(t_setup_init);
module_exit(t_setup_exit);

MODULE_DESCRIPTION("patcher target: still being set up");
MODULE_LICENSE("GPL");
