// SPDX-License-Identifier: GPL-2.0
/*
 * stub_noop: a cleanup that has nothing to do.
 *
 * For a target that registered nothing, or whose init undid everything before it
 * died: rmmod needs an exit to call, and this is one.
 */
#include <linux/module.h>
#include <patcher/stub.h>

static void noop_cleanup(void)
{
}

PATCHER_STUB(
	.cleanup = noop_cleanup,
);

MODULE_DESCRIPTION("patcher stub: nothing to clean up");
MODULE_LICENSE("GPL");
