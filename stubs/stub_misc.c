// SPDX-License-Identifier: GPL-2.0
/*
 * stub_misc: undoes a misc device and the buffer behind it.
 *
 * For tests/targets/t_misc.c, whose init dies between the two. Order: the device
 * first, so that no task reads the buffer any more.
 */
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poison.h>
#include <linux/slab.h>
#include <patcher/stub.h>

static struct miscdevice *misc;
static char **buffer;

static const struct patcher_symbol symbols[] = {
	PATCHER_SYMBOL(misc, "t_misc_device"),
	PATCHER_SYMBOL(buffer, "t_misc_buffer"),
	{ }
};

/*
 * misc_register() links the device into the list of all misc devices as its last
 * step, misc_deregister() takes it out (drivers/char/misc.c). So list.next is NULL
 * before, the device itself if registering failed, and afterwards either poisoned
 * or, where it is taken out with list_del_init(), the device itself again.
 */
static bool misc_is_registered(void)
{
	return misc->list.next && misc->list.next != LIST_POISON1 &&
	       !list_empty(&misc->list);
}

static void misc_cleanup(void)
{
	if (misc_is_registered())
		misc_deregister(misc);

	/* NULL before it is there, NULL after exit; kfree() takes that. */
	kfree(*buffer);
}

PATCHER_STUB(
	.cleanup = misc_cleanup,
	.symbols = symbols,
);

MODULE_DESCRIPTION("patcher stub: a misc device");
MODULE_LICENSE("GPL");
