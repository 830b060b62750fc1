// SPDX-License-Identifier: GPL-2.0
/*
 * t_exitoops: registers nothing; its exit oopses at once.
 *
 * Situation 5a before rmmod, 5b after. Seen from outside after it: state GOING,
 * refcount -1, rmmod dead. rmmod fails without a word, rmmod -f says "Device or
 * resource busy".
 *
 * exit is not marked __exit, so it has an ftrace site; t_klp livepatches it.
 * Stub: stub_noop.
 */
#include <linux/init.h>
#include <linux/module.h>

#include "defect.h"

static int __init t_exitoops_init(void)
{
	return 0;
}

static noinline void t_exitoops_exit(void)
{
	t_defect_oops();
}

module_init(t_exitoops_init);
module_exit(t_exitoops_exit);

MODULE_DESCRIPTION("patcher target: exit oopses");
MODULE_LICENSE("GPL");
