// SPDX-License-Identifier: GPL-2.0
/*
 * t_initoops_stub: cleans up after t_initoops, in reverse order of its init.
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <patcher/stub.h>

static dev_t *devt;

static const struct patcher_symbol symbols[] = {
	PATCHER_SYMBOL(devt, "t_initoops_devt"),
	{ }
};

static void t_initoops_cleanup(void)
{
	/* By name, and silently if there is none (fs/proc/generic.c). */
	remove_proc_subtree("t_initoops", NULL);

	/* Set by alloc_chrdev_region(), and only on success (fs/char_dev.c). */
	if (*devt)
		unregister_chrdev_region(*devt, 1);
}

PATCHER_STUB(
	.cleanup = t_initoops_cleanup,
	.symbols = symbols,
);

MODULE_DESCRIPTION("patcher test stub: cleans up after t_initoops");
MODULE_LICENSE("GPL");
