// SPDX-License-Identifier: GPL-2.0
/*
 * t_user: depends on t_provider. Loaded with die=1 its exit oopses, and after an rmmod it
 * is in situation 5b. Stub: stub_noop.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/module.h>
#include <linux/printk.h>

#include "defect.h"
#include "t_provider.h"

static bool t_user_die;
module_param_named(die, t_user_die, bool, 0444);
MODULE_PARM_DESC(die, "1: oops in exit");

static int __init t_user_init(void)
{
	pr_info("value=%d\n", t_provider_value());
	return 0;
}

static void __exit t_user_exit(void)
{
	if (t_user_die)
		t_defect_oops();
}

module_init(t_user_init);
module_exit(t_user_exit);

MODULE_DESCRIPTION("patcher test: depends on t_provider");
MODULE_LICENSE("GPL");
