// SPDX-License-Identifier: GPL-2.0
/*
 * t_klp: livepatches the exit of t_exitoops with one that only logs.
 *
 * While it is enabled, something else redirects that function, with the IPMODIFY
 * flag that only one may have: patcher has to fall back to the exit slot.
 *
 *   echo 0 > /sys/kernel/livepatch/t_klp/enabled, wait until that directory is
 *   gone, rmmod t_klp
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/printk.h>

static void t_klp_exit_of_t_exitoops(void)
{
	pr_info("ran instead of t_exitoops_exit\n");
}

static struct klp_func funcs[] = {
	{
		.old_name = "t_exitoops_exit",
		.new_func = t_klp_exit_of_t_exitoops,
	}, { }
};

static struct klp_object objs[] = {
	{
		.name = "t_exitoops",
		.funcs = funcs,
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init t_klp_init(void)
{
	return klp_enable_patch(&patch);
}

/* Only there so that the module can be unloaded; livepatch undoes the rest. */
static void __exit t_klp_exit(void)
{
}

module_init(t_klp_init);
module_exit(t_klp_exit);

MODULE_DESCRIPTION("patcher test: livepatches the exit of t_exitoops");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
