// SPDX-License-Identifier: GPL-2.0
/*
 * t_stub_percpu: takes a per-CPU variable for one in the target's memory; -EINVAL.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/printk.h>
#include <patcher/stub.h>

static unsigned int *value;

static const struct patcher_symbol symbols[] = {
	PATCHER_SYMBOL(value, "t_symbols_percpu"),
	{ }
};

static void percpu_cleanup(void)
{
	pr_err("must not run\n");
}

PATCHER_STUB(
	.cleanup = percpu_cleanup,
	.symbols = symbols,
);

MODULE_DESCRIPTION("patcher test stub: a per-CPU variable");
MODULE_LICENSE("GPL");
