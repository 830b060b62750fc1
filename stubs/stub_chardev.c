// SPDX-License-Identifier: GPL-2.0
/*
 * stub_chardev: undoes a device number, a class, a cdev and a device node.
 *
 * For tests/targets/t_chardev.c, whose exit dies half way; its init may as well
 * have died between any two steps. Order: the node first, so that no task opens
 * the device any more, the number last, so that no other driver gets it while it
 * is still in use.
 */
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/module.h>
#include <patcher/stub.h>

static dev_t *devt;
static struct cdev *cdev;
static struct class **class;

static const struct patcher_symbol symbols[] = {
	PATCHER_SYMBOL(devt, "t_chardev_devt"),
	PATCHER_SYMBOL(cdev, "t_chardev_cdev"),
	PATCHER_SYMBOL(class, "t_chardev_class"),
	{ }
};

static void chardev_cleanup(void)
{
	/*
	 * NULL before class_create(), an error if that failed, NULL again after
	 * exit's class_destroy(). With a class, device_destroy() looks for the
	 * number in it and does nothing if it is not there (drivers/base/core.c),
	 * so the node needs no test of its own.
	 */
	if (!IS_ERR_OR_NULL(*class))
		device_destroy(*class, *devt);

	/*
	 * cdev_add() sets count. The reference count is 0 before cdev_init(), and
	 * again after cdev_del() has put the last one (fs/char_dev.c).
	 */
	if (cdev->count && kref_read(&cdev->kobj.kref))
		cdev_del(cdev);

	if (!IS_ERR_OR_NULL(*class))
		class_destroy(*class);

	/* alloc_chrdev_region() sets it on success only (fs/char_dev.c). */
	if (*devt)
		unregister_chrdev_region(*devt, 1);
}

PATCHER_STUB(
	.cleanup = chardev_cleanup,
	.symbols = symbols,
);

MODULE_DESCRIPTION("patcher stub: a character device");
MODULE_LICENSE("GPL");
