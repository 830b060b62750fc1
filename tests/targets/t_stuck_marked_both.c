// SPDX-License-Identifier: GPL-2.0
/*
 * t_stuck_marked_both: lets go what is stuck in t_stuck_marked, and cleans up.
 */
#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <patcher/stub.h>

static struct completion *done;
static dev_t *devt;

static const struct patcher_symbol symbols[] = {
	PATCHER_SYMBOL(done, "t_stuck_marked_done"),
	PATCHER_SYMBOL(devt, "t_stuck_marked_devt"),
	{ }
};

static void marked_release(void)
{
	complete_all(done);
}

static void marked_cleanup(void)
{
	if (*devt)
		unregister_chrdev_region(*devt, 1);
}

PATCHER_STUB(
	.release = marked_release,
	.cleanup = marked_cleanup,
	.symbols = symbols,
);

MODULE_DESCRIPTION("patcher test stub: lets go what is stuck, and cleans up");
MODULE_LICENSE("GPL");
