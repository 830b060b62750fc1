// SPDX-License-Identifier: GPL-2.0
/*
 * t_stub_linked: a stub that links against its target, t_symbols.
 *
 * The mistake that <patcher/stub.h> warns of: it is a dependent of the target,
 * so that the target cannot go while the stub is loaded. -EBUSY.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/printk.h>
#include <patcher/stub.h>

#include "t_symbols.h"

static void linked_cleanup(void)
{
	pr_err("must not run: %d\n", t_symbols_exported());
}

PATCHER_STUB(
	.cleanup = linked_cleanup,
);

MODULE_DESCRIPTION("patcher test stub: linked against its target");
MODULE_LICENSE("GPL");
