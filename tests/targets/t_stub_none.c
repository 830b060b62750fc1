// SPDX-License-Identifier: GPL-2.0
/*
 * t_stub_none: a module that has no PATCHER_STUB(); -EINVAL as a stub.
 */
#include <linux/init.h>
#include <linux/module.h>

static int __init t_stub_none_init(void)
{
	return 0;
}

static void __exit t_stub_none_exit(void)
{
}

module_init(t_stub_none_init);
module_exit(t_stub_none_exit);

MODULE_DESCRIPTION("patcher test: no stub at all");
MODULE_LICENSE("GPL");
