// SPDX-License-Identifier: GPL-2.0
/*
 * t_stub_release: a release routine and no cleanup; the target keeps its exit.
 *
 * Fits any target, as it binds nothing. A target without an exit cannot be
 * rescued with it: -EOPNOTSUPP.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/printk.h>
#include <patcher/stub.h>

static void release_release(void)
{
	pr_info("release ran\n");
}

PATCHER_STUB(
	.release = release_release,
);

MODULE_DESCRIPTION("patcher test stub: only a release routine");
MODULE_LICENSE("GPL");
