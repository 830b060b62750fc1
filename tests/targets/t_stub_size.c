// SPDX-License-Identifier: GPL-2.0
/*
 * t_stub_size: takes a variable of four bytes for one of eight; -EINVAL.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/printk.h>
#include <patcher/stub.h>

static u64 *value;

static const struct patcher_symbol symbols[] = {
	PATCHER_SYMBOL(value, "t_symbols_value"),
	{ }
};

static void size_cleanup(void)
{
	pr_err("must not run\n");
}

PATCHER_STUB(
	.cleanup = size_cleanup,
	.symbols = symbols,
);

MODULE_DESCRIPTION("patcher test stub: a symbol of another size");
MODULE_LICENSE("GPL");
