// SPDX-License-Identifier: GPL-2.0
/*
 * t_inside_stub: removes what t_inside registered, and leaves its threads alone.
 */
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <patcher/stub.h>

static void inside_cleanup(void)
{
	remove_proc_entry("t_inside", NULL);
}

PATCHER_STUB(
	.cleanup = inside_cleanup,
);

MODULE_DESCRIPTION("patcher test stub: the proc entry of t_inside");
MODULE_LICENSE("GPL");
