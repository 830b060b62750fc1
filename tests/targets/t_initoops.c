// SPDX-License-Identifier: GPL-2.0
/*
 * t_initoops: init registers two things and oopses; there is no exit at all.
 *
 * Situation 2a, with nothing that could run as its exit.
 * Seen from outside: state COMING, refcount 1, insmod dead; the line t_initoops
 * in /proc/devices and the file /proc/t_initoops are there. rmmod says "Module
 * t_initoops is in use".
 *
 * Stub: t_initoops_stub, here.
 */
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#include "defect.h"

static dev_t t_initoops_devt;

static int t_initoops_show(struct seq_file *m, void *v)
{
	seq_puts(m, "t_initoops: ok\n");
	return 0;
}

static int __init t_initoops_init(void)
{
	int err;

	err = alloc_chrdev_region(&t_initoops_devt, 0, 1, "t_initoops");
	if (err)
		return err;

	if (!proc_create_single("t_initoops", 0444, NULL, t_initoops_show)) {
		unregister_chrdev_region(t_initoops_devt, 1);
		return -ENOMEM;
	}

	t_defect_oops();
	return 0;
}

module_init(t_initoops_init);

#ifdef FIXED
static void __exit t_initoops_exit(void)
{
	remove_proc_entry("t_initoops", NULL);
	unregister_chrdev_region(t_initoops_devt, 1);
}

module_exit(t_initoops_exit);
#endif

MODULE_DESCRIPTION("patcher target: init oopses, no exit");
MODULE_LICENSE("GPL");
