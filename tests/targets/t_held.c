// SPDX-License-Identifier: GPL-2.0
/*
 * t_held: a character device in whose read a task can be stuck while another one has it open.
 *
 * cat /dev/t_held sleeps in the read until t_held_wake is set, and cannot be killed; any number
 * of tasks can have it open beside that, and write to it. Each open file has two references on
 * the module. t_held_removed says that the device has been removed: a write that comes after
 * that is one to a file that a rescue should have seen, and is counted.
 */
#include <linux/cdev.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/wait.h>

static DECLARE_WAIT_QUEUE_HEAD(t_held_queue);
static bool t_held_wake, t_held_removed;
static unsigned int t_held_late;
static struct cdev t_held_cdev;
static dev_t t_held_dev;

/* As a parameter it is written from outside, and so not in read-only memory. */
module_param_named(wake, t_held_wake, bool, 0600);
MODULE_PARM_DESC(wake, "1: a read returns");
module_param_named(late, t_held_late, uint, 0400);
MODULE_PARM_DESC(late, "Number of writes after the device was removed");

static ssize_t t_held_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	wait_event(t_held_queue, READ_ONCE(t_held_wake));
	return 0;
}

static ssize_t t_held_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	t_held_late += READ_ONCE(t_held_removed);
	return len;
}

static const struct file_operations t_held_fops = {
	.owner = THIS_MODULE,
	.read = t_held_read,
	.write = t_held_write,
};

static int __init t_held_init(void)
{
	int err = alloc_chrdev_region(&t_held_dev, 0, 1, "t_held");

	if (err)
		return err;
	cdev_init(&t_held_cdev, &t_held_fops);
	t_held_cdev.owner = THIS_MODULE;
	err = cdev_add(&t_held_cdev, t_held_dev, 1);
	if (err)
		unregister_chrdev_region(t_held_dev, 1);
	return err;
}

static void __exit t_held_exit(void)
{
	cdev_del(&t_held_cdev);
	unregister_chrdev_region(t_held_dev, 1);
	t_held_removed = true;
}

module_init(t_held_init);
module_exit(t_held_exit);

MODULE_DESCRIPTION("patcher target: a task stuck inside while another one has it open");
MODULE_LICENSE("GPL");
