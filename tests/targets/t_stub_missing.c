// SPDX-License-Identifier: GPL-2.0
/*
 * t_stub_missing: asks for a variable that t_symbols does not have; -ENOENT.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/printk.h>
#include <patcher/stub.h>

static unsigned int *missing;

static const struct patcher_symbol symbols[] = {
	PATCHER_SYMBOL(missing, "t_symbols_nowhere"),
	{ }
};

static void missing_cleanup(void)
{
	pr_err("must not run\n");
}

PATCHER_STUB(
	.cleanup = missing_cleanup,
	.symbols = symbols,
);

MODULE_DESCRIPTION("patcher test stub: a symbol that is missing");
MODULE_LICENSE("GPL");
