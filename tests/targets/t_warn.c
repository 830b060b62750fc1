// SPDX-License-Identifier: GPL-2.0
/*
 * t_warn: its exit cleans up, as there is nothing to be cleaned up, but warns if it is told to.
 */
#include <linux/bug.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

static bool warn;
module_param(warn, bool, 0644);
MODULE_PARM_DESC(warn, "1: exit warns");

static int __init t_warn_init(void)
{
	return 0;
}

static void t_warn_exit(void)
{
	WARN_ON(warn);
}

module_init(t_warn_init);
module_exit(t_warn_exit);

MODULE_DESCRIPTION("patcher target: its exit warns");
MODULE_LICENSE("GPL");
