// SPDX-License-Identifier: GPL-2.0
/*
 * t_stuck: a task gets stuck inside, in the way that how= says.
 *
 *   insmod t_stuck.ko how=WAY			rmmod gets stuck in exit
 *   insmod t_stuck.ko how=WAY where=init	insmod gets stuck in init
 *
 * Situations 5c and 5d, or 2b. With how=read and how=thread a task is stuck inside
 * while the module is LIVE. t_stuck_ways.c has all the ways.
 * Seen from outside: GOING, refcount -1, or COMING, refcount 1, and the rmmod or
 * insmod alive, in state D or running, deaf to kill -9. rmmod fails without a word, or
 * with "Module t_stuck is in use"; rmmod -f says "Device or resource busy".
 *
 * Before it gets stuck it has registered a number and a device in /proc/devices
 * and the file /proc/t_stuck, and all that is undone after; so when the same module
 * without the defect loads, a stub has cleaned up.
 *
 * Parameters that tell: "after" and "others" count what ran in here after the point
 * where it was stuck. "go" is the tests' own hand, and no stub's: what is written
 * there lets go what is stuck, and all ends as if nothing had been wrong.
 *
 * Nothing is marked __init or __exit; for that there is t_stuck_marked. Stubs:
 * t_stuck_let, t_stuck_both, t_stuck_idle, t_stuck_clean.
 */
#include <linux/cdev.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "t_stuck.h"

static char *t_stuck_how = "";
module_param_named(how, t_stuck_how, charp, 0444);
MODULE_PARM_DESC(how, "In which way to get stuck, see t_stuck_ways.c");

static char *t_stuck_where = "exit";
module_param_named(where, t_stuck_where, charp, 0444);
MODULE_PARM_DESC(where, "Where: init or exit");

unsigned int t_stuck_after;
module_param_named(after, t_stuck_after, uint, 0444);
MODULE_PARM_DESC(after, "How often code behind the point where it got stuck ran");

unsigned int t_stuck_others;
module_param_named(others, t_stuck_others, uint, 0444);
MODULE_PARM_DESC(others, "The same for the module's own threads and works");

static unsigned int t_stuck_ends_ms;
module_param_named(ends_ms, t_stuck_ends_ms, uint, 0444);
MODULE_PARM_DESC(ends_ms, "How long exit takes to end when it is not stuck any more");

static bool t_stuck_owned;
module_param_named(owned, t_stuck_owned, bool, 0444);
MODULE_PARM_DESC(owned, "The device has an owner, so that a file that is open is a reference");

static unsigned int t_stuck_opens;
module_param_named(opens, t_stuck_opens, uint, 0444);
MODULE_PARM_DESC(opens, "How often the device file was opened");

static const struct t_stuck_way *t_stuck_way;

#ifdef FIXED

const struct t_stuck_way *t_stuck_find(const char *name)
{
	static const struct t_stuck_way healthy;

	return &healthy;
}

void t_stuck_in_file(enum t_stuck_file where)
{
}

#endif /* FIXED */

static int t_stuck_go_set(const char *val, const struct kernel_param *kp)
{
	if (t_stuck_way && t_stuck_way->go)
		t_stuck_way->go();
	return 0;
}

static const struct kernel_param_ops t_stuck_go_ops = {
	.set = t_stuck_go_set,
};

module_param_cb(go, &t_stuck_go_ops, NULL, 0200);
MODULE_PARM_DESC(go, "For the tests: write anything, and what is stuck is let go");

static dev_t t_stuck_devt;
static struct cdev t_stuck_cdev;

static ssize_t t_stuck_fops_read(struct file *file, char __user *buf, size_t len,
				 loff_t *pos)
{
	t_stuck_in_file(T_STUCK_READ);
	return 0;
}

static int t_stuck_fops_open(struct inode *inode, struct file *file)
{
	t_stuck_passed(&t_stuck_opens);
	return 0;
}

static int t_stuck_fops_release(struct inode *inode, struct file *file)
{
	t_stuck_in_file(T_STUCK_CLOSE);
	return 0;
}

static __poll_t t_stuck_fops_poll(struct file *file, struct poll_table_struct *table)
{
	t_stuck_in_file(T_STUCK_POLL);
	return DEFAULT_POLLMASK;
}

/*
 * No owner, unless asked for, so that a file that is open, or being read, counts as no reference.
 * Not a file in /proc: that counts who is in a read, and its removal would wait for one
 * that was evicted from there for ever (proc_entry_rundown() in fs/proc/inode.c).
 */
static const struct file_operations t_stuck_fops = {
	.open = t_stuck_fops_open,
	.read = t_stuck_fops_read,
	.poll = t_stuck_fops_poll,
	.release = t_stuck_fops_release,
};

static int t_stuck_show(struct seq_file *m, void *v)
{
	seq_puts(m, "t_stuck: ok\n");
	return 0;
}

static int t_stuck_register(void)
{
	int err;

	err = alloc_chrdev_region(&t_stuck_devt, 0, 1, "t_stuck");
	if (err)
		return err;

	cdev_init(&t_stuck_cdev, &t_stuck_fops);
	if (t_stuck_owned)
		t_stuck_cdev.owner = THIS_MODULE;
	err = cdev_add(&t_stuck_cdev, t_stuck_devt, 1);
	if (err)
		goto unregister_region;

	if (!proc_create_single("t_stuck", 0444, NULL, t_stuck_show)) {
		err = -ENOMEM;
		goto del_cdev;
	}
	return 0;

del_cdev:
	cdev_del(&t_stuck_cdev);
unregister_region:
	unregister_chrdev_region(t_stuck_devt, 1);
	return err;
}

static void t_stuck_unregister(void)
{
	remove_proc_entry("t_stuck", NULL);
	cdev_del(&t_stuck_cdev);
	unregister_chrdev_region(t_stuck_devt, 1);
}

static bool t_stuck_in_init(void)
{
	return !strcmp(t_stuck_where, "init");
}

static int t_stuck_init(void)
{
	int err;

	t_stuck_way = t_stuck_find(t_stuck_how);
	if (!t_stuck_way)
		return -EINVAL;

	err = t_stuck_register();
	if (err)
		return err;
	if (t_stuck_way->prepare) {
		err = t_stuck_way->prepare();
		if (err) {
			t_stuck_unregister();
			return err;
		}
	}

	if (t_stuck_in_init() && t_stuck_way->block) {
		t_stuck_way->block();
		t_stuck_passed(&t_stuck_after);
	}
	return 0;
}

static void t_stuck_exit(void)
{
	if (!t_stuck_in_init() && t_stuck_way->block) {
		t_stuck_way->block();
		t_stuck_passed(&t_stuck_after);
		msleep(t_stuck_ends_ms);
	}

	if (t_stuck_way->undo)
		t_stuck_way->undo();
	t_stuck_unregister();
}

module_init(t_stuck_init);
module_exit(t_stuck_exit);

MODULE_DESCRIPTION("patcher target: a task gets stuck inside");
MODULE_LICENSE("GPL");
