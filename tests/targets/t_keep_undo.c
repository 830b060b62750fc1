// SPDX-License-Identifier: GPL-2.0
/*
 * t_keep_undo: does from outside what t_keep's exit has forgotten.
 *
 * misc=ADDRESS, notifier=ADDRESS: what is to be deregistered, of any module. It is to be unloaded
 * before anybody asks what points there: its parameters do.
 */
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/reboot.h>

static unsigned long misc;
module_param(misc, ulong, 0);
MODULE_PARM_DESC(misc, "address of a struct miscdevice to be deregistered");

static unsigned long notifier;
module_param(notifier, ulong, 0);
MODULE_PARM_DESC(notifier, "address of a reboot notifier to be unregistered");

static int __init t_keep_undo_init(void)
{
	if (misc)
		misc_deregister((struct miscdevice *)misc);
	return notifier ? unregister_reboot_notifier((struct notifier_block *)notifier) : 0;
}

static void __exit t_keep_undo_exit(void)
{
}

module_init(t_keep_undo_init);
module_exit(t_keep_undo_exit);

MODULE_DESCRIPTION("patcher: undoes from outside what t_keep has forgotten");
MODULE_LICENSE("GPL");
