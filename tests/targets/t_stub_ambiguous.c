// SPDX-License-Identifier: GPL-2.0
/*
 * t_stub_ambiguous: asks for a variable that t_symbols has twice; -ENOTUNIQ.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/printk.h>
#include <patcher/stub.h>

static unsigned int *twin;

static const struct patcher_symbol symbols[] = {
	PATCHER_SYMBOL(twin, "t_symbols_twin"),
	{ }
};

static void ambiguous_cleanup(void)
{
	pr_err("must not run\n");
}

PATCHER_STUB(
	.cleanup = ambiguous_cleanup,
	.symbols = symbols,
);

MODULE_DESCRIPTION("patcher test stub: a symbol that is ambiguous");
MODULE_LICENSE("GPL");
