// SPDX-License-Identifier: GPL-2.0
/*
 * t_user: depends on t_provider.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/module.h>
#include <linux/printk.h>

#include "t_provider.h"

static int __init t_user_init(void)
{
	pr_info("value=%d\n", t_provider_value());
	return 0;
}

static void __exit t_user_exit(void)
{
}

module_init(t_user_init);
module_exit(t_user_exit);

MODULE_DESCRIPTION("patcher test: depends on t_provider");
MODULE_LICENSE("GPL");
