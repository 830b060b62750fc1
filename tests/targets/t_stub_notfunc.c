// SPDX-License-Identifier: GPL-2.0
/*
 * t_stub_notfunc: takes a variable for a function; -EINVAL.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/printk.h>
#include <patcher/stub.h>

static int (*value)(void);

static const struct patcher_symbol symbols[] = {
	PATCHER_FUNCTION(value, "t_symbols_value"),
	{ }
};

static void notfunc_cleanup(void)
{
	pr_err("must not run\n");
}

PATCHER_STUB(
	.cleanup = notfunc_cleanup,
	.symbols = symbols,
);

MODULE_DESCRIPTION("patcher test stub: a variable taken for a function");
MODULE_LICENSE("GPL");
