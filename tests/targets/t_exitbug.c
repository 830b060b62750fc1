// SPDX-License-Identifier: GPL-2.0
/*
 * t_exitbug: registers nothing; its exit hits a BUG at once.
 *
 * Situation 5a before rmmod, 5b after. Seen from outside after it: state GOING,
 * refcount -1, rmmod dead. rmmod fails without a word, rmmod -f says "Device or
 * resource busy".
 *
 * exit is marked __exit, so it has no ftrace site. Stub: stub_noop.
 */
#include <linux/init.h>
#include <linux/module.h>

#include "defect.h"

static int __init t_exitbug_init(void)
{
	return 0;
}

static void __exit t_exitbug_exit(void)
{
	t_defect_bug();
}

module_init(t_exitbug_init);
module_exit(t_exitbug_exit);

MODULE_DESCRIPTION("patcher target: exit hits a BUG");
MODULE_LICENSE("GPL");
