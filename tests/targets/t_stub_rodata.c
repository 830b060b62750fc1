// SPDX-License-Identifier: GPL-2.0
/*
 * t_stub_rodata: would write what nothing in the target writes; -EINVAL.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/printk.h>
#include <patcher/stub.h>

static unsigned int *value;

static const struct patcher_symbol symbols[] = {
	PATCHER_SYMBOL(value, "t_symbols_users"),
	{ }
};

static void rodata_cleanup(void)
{
	pr_err("must not run\n");
}

PATCHER_STUB(
	.cleanup = rodata_cleanup,
	.symbols = symbols,
);

MODULE_DESCRIPTION("patcher test stub: a variable in .rodata");
MODULE_LICENSE("GPL");
