// SPDX-License-Identifier: GPL-2.0
/*
 * t_misc: a misc device whose init oopses after it has been registered.
 *
 * Situation 2a. init registers the device and then reads through NULL, before
 * the buffer that the device needs is there.
 * Seen from outside: state COMING ("coming" in initstate), refcount 1, insmod
 * dead; /dev/t_misc is there. rmmod says "Module t_misc is in use".
 *
 * exit is marked __exit, so it has no ftrace site. Stub: stub_misc.
 */
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "defect.h"

static char *t_misc_buffer;

static ssize_t t_misc_read(struct file *file, char __user *buf, size_t len,
			   loff_t *pos)
{
	const char *text = READ_ONCE(t_misc_buffer);

	if (!text)
		return -ENODATA;
	return simple_read_from_buffer(buf, len, pos, text, strlen(text));
}

static const struct file_operations t_misc_fops = {
	.owner = THIS_MODULE,
	.read = t_misc_read,
};

static struct miscdevice t_misc_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "t_misc",
	.fops = &t_misc_fops,
};

static int __init t_misc_init(void)
{
	char *buffer;
	int err;

	err = misc_register(&t_misc_device);
	if (err)
		return err;

	t_defect_oops();

	buffer = kstrdup("t_misc: ok\n", GFP_KERNEL);
	if (!buffer) {
		misc_deregister(&t_misc_device);
		return -ENOMEM;
	}
	WRITE_ONCE(t_misc_buffer, buffer);
	return 0;
}

static void __exit t_misc_exit(void)
{
	misc_deregister(&t_misc_device);
	kfree(t_misc_buffer);
	t_misc_buffer = NULL;
}

module_init(t_misc_init);
module_exit(t_misc_exit);

MODULE_DESCRIPTION("patcher target: misc device, init oopses once it is registered");
MODULE_LICENSE("GPL");
