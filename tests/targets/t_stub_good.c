// SPDX-License-Identifier: GPL-2.0
/*
 * t_stub_good: binds a variable and a function of t_symbols, and uses both.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/printk.h>
#include <patcher/stub.h>

static unsigned int *value;
static int (*twice)(int n);

static const struct patcher_symbol symbols[] = {
	PATCHER_SYMBOL(value, "t_symbols_value"),
	PATCHER_FUNCTION(twice, "t_symbols_twice"),
	{ }
};

static void good_cleanup(void)
{
	pr_info("value=%u\n", *value);
	pr_info("twice=%d\n", twice(21));
}

PATCHER_STUB(
	.cleanup = good_cleanup,
	.symbols = symbols,
);

MODULE_DESCRIPTION("patcher test stub: a variable and a function of t_symbols");
MODULE_LICENSE("GPL");
