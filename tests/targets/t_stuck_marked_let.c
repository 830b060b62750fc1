// SPDX-License-Identifier: GPL-2.0
/*
 * t_stuck_marked_let: lets go what is stuck in t_stuck_marked.
 */
#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <patcher/stub.h>

static struct completion *done;

static const struct patcher_symbol symbols[] = {
	PATCHER_SYMBOL(done, "t_stuck_marked_done"),
	{ }
};

static void marked_release(void)
{
	complete_all(done);
}

PATCHER_STUB(
	.release = marked_release,
	.symbols = symbols,
);

MODULE_DESCRIPTION("patcher test stub: lets go what is stuck");
MODULE_LICENSE("GPL");
