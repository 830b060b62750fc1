// SPDX-License-Identifier: GPL-2.0
/*
 * t_held_stub: wakes the reader of t_held, and does what its exit does.
 */
#include <linux/cdev.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/wait.h>
#include <patcher/stub.h>

static struct wait_queue_head *queue;
static bool *wake, *removed;
static struct cdev *cdev;
static dev_t *dev;

static const struct patcher_symbol symbols[] = {
	PATCHER_SYMBOL(queue, "t_held_queue"),
	PATCHER_SYMBOL(wake, "t_held_wake"),
	PATCHER_SYMBOL(removed, "t_held_removed"),
	PATCHER_SYMBOL(cdev, "t_held_cdev"),
	PATCHER_SYMBOL(dev, "t_held_dev"),
	{ }
};

static void t_held_release(void)
{
	WRITE_ONCE(*wake, true);
	wake_up_all(queue);
}

static void t_held_cleanup(void)
{
	cdev_del(cdev);
	unregister_chrdev_region(*dev, 1);
	*removed = true;
}

PATCHER_STUB(
	.release = t_held_release,
	.cleanup = t_held_cleanup,
	.symbols = symbols,
);

MODULE_DESCRIPTION("patcher test stub: wakes and cleans up after t_held");
MODULE_LICENSE("GPL");
