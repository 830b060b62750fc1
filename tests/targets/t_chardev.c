// SPDX-License-Identifier: GPL-2.0
/*
 * t_chardev: a character device whose exit oopses half way.
 *
 * Situation 5b. exit removes the device node and then reads through NULL; the
 * cdev, the class and the device number stay.
 * Seen from outside: state GOING ("going" in initstate), refcount -1, rmmod dead;
 * /dev/t_chardev is gone, /sys/class/t_chardev and the line in /proc/devices are
 * still there. rmmod fails without a word (kmod takes the count of -1 for an error
 * of its own), rmmod -f says "Device or resource busy".
 *
 * exit is not marked __exit, so it has an ftrace site. Stub: stub_chardev.
 */
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/module.h>

#include "compat.h"
#include "defect.h"
#include "die.h"

static dev_t t_chardev_devt;
static struct cdev t_chardev_cdev;
static struct class *t_chardev_class;

static ssize_t t_chardev_read(struct file *file, char __user *buf, size_t len,
			      loff_t *pos)
{
	static const char text[] = "t_chardev: ok\n";

	return simple_read_from_buffer(buf, len, pos, text, sizeof(text) - 1);
}

static const struct file_operations t_chardev_fops = {
	.owner = THIS_MODULE,
	.read = t_chardev_read,
};

static int __init t_chardev_init(void)
{
	struct device *device;
	int err;

	t_die_after(0);
	err = alloc_chrdev_region(&t_chardev_devt, 0, 1, "t_chardev");
	if (err)
		return err;
	t_die_after(1);

	t_chardev_class = t_class_create("t_chardev");
	if (IS_ERR(t_chardev_class)) {
		err = PTR_ERR(t_chardev_class);
		goto err_unregister_region;
	}
	t_die_after(2);

	cdev_init(&t_chardev_cdev, &t_chardev_fops);
	t_chardev_cdev.owner = THIS_MODULE;
	err = cdev_add(&t_chardev_cdev, t_chardev_devt, 1);
	if (err)
		goto err_destroy_class;
	t_die_after(3);

	device = device_create(t_chardev_class, NULL, t_chardev_devt, NULL,
			       "t_chardev");
	if (IS_ERR(device)) {
		err = PTR_ERR(device);
		goto err_del_cdev;
	}
	t_die_after(4);
	return 0;

err_del_cdev:
	cdev_del(&t_chardev_cdev);
err_destroy_class:
	class_destroy(t_chardev_class);
err_unregister_region:
	unregister_chrdev_region(t_chardev_devt, 1);
	return err;
}

static void t_chardev_exit(void)
{
	device_destroy(t_chardev_class, t_chardev_devt);
	t_defect_oops();
	cdev_del(&t_chardev_cdev);
	class_destroy(t_chardev_class);
	t_chardev_class = NULL;
	unregister_chrdev_region(t_chardev_devt, 1);
	t_chardev_devt = 0;
}

module_init(t_chardev_init);
module_exit(t_chardev_exit);

MODULE_DESCRIPTION("patcher target: character device, exit oopses half way");
MODULE_LICENSE("GPL");
