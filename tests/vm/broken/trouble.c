// SPDX-License-Identifier: GPL-2.0
/*
 * trouble: provokes, while it is loaded, what the harness has to see. Its init
 * fails with -ECANCELED where the trouble lets it, so nothing stays.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/version.h>

/* f39650de687e ("kernel.h: split out panic and oops helpers"), 5.14 */
#if KERNEL_VERSION(5, 14, 0) <= LINUX_VERSION_CODE
#include <linux/panic.h>
#endif

static char *what = "";
module_param(what, charp, 0);
MODULE_PARM_DESC(what, "warn, bug, oops or panic");

static int __init trouble_init(void)
{
	int *nowhere = NULL;

	if (!strcmp(what, "warn"))
		WARN(1, "trouble was asked for\n");
	else if (!strcmp(what, "bug"))
		BUG();
	else if (!strcmp(what, "oops"))
		WRITE_ONCE(*nowhere, 1);
	else if (!strcmp(what, "panic"))
		panic("trouble was asked for");
	else
		return -EINVAL;
	return -ECANCELED;
}
module_init(trouble_init);

MODULE_DESCRIPTION("Warns, oopses or panics, for the harness's test of itself");
MODULE_LICENSE("GPL");
