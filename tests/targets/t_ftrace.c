// SPDX-License-Identifier: GPL-2.0
/*
 * t_ftrace: ftrace as it is when it has met a bug of its own, and has switched itself off.
 *
 *   insmod t_ftrace.ko disabled=ADDRESS	where /proc/kallsyms has ftrace_disabled
 *   echo 1 > /sys/module/t_ftrace/parameters/broken
 *   echo 0 > /sys/module/t_ftrace/parameters/broken
 */
#include <linux/kernel.h>
#include <linux/module.h>

static unsigned long t_ftrace_disabled;
module_param_named(disabled, t_ftrace_disabled, ulong, 0400);
MODULE_PARM_DESC(disabled, "Address of ftrace_disabled");

static int t_ftrace_set(const char *val, const struct kernel_param *kp)
{
	bool broken;
	int err = kstrtobool(val, &broken);

	if (!err && t_ftrace_disabled)
		WRITE_ONCE(*(int *)t_ftrace_disabled, broken);
	return err;
}

static const struct kernel_param_ops t_ftrace_ops = {
	.set = t_ftrace_set,
};

module_param_cb(broken, &t_ftrace_ops, NULL, 0200);
MODULE_PARM_DESC(broken, "1: ftrace has switched itself off");

MODULE_DESCRIPTION("patcher test: breaks ftrace");
MODULE_LICENSE("GPL");
