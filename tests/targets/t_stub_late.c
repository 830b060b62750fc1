// SPDX-License-Identifier: GPL-2.0
/*
 * t_stub_late: would write what is read-only after init; -EINVAL.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/printk.h>
#include <patcher/stub.h>

static unsigned int *value;

static const struct patcher_symbol symbols[] = {
	PATCHER_SYMBOL(value, "t_symbols_late"),
	{ }
};

static void late_cleanup(void)
{
	pr_err("must not run\n");
}

PATCHER_STUB(
	.cleanup = late_cleanup,
	.symbols = symbols,
);

MODULE_DESCRIPTION("patcher test stub: a variable that is read-only after init");
MODULE_LICENSE("GPL");
