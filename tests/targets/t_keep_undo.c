// SPDX-License-Identifier: GPL-2.0
/*
 * t_keep_undo: does from outside what the exit of t_keep or t_forget has forgotten.
 *
 * misc=ADDRESS, notifier=ADDRESS, netdevice=ADDRESS, irq=COOKIE, proc=NAME: what is to be
 * deregistered, of any module. raise=1: not that, but interrupt T_IRQ comes. It is to be unloaded
 * before anybody asks what points there: its parameters do.
 */
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irq_work.h>
#include <linux/irqdesc.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/proc_fs.h>
#include <linux/reboot.h>

/* The one of t_forget. */
#define T_IRQ	5

static unsigned long misc;
module_param(misc, ulong, 0);
MODULE_PARM_DESC(misc, "address of a struct miscdevice to be deregistered");

static unsigned long notifier;
module_param(notifier, ulong, 0);
MODULE_PARM_DESC(notifier, "address of a reboot notifier to be unregistered");

static unsigned long netdevice;
module_param(netdevice, ulong, 0);
MODULE_PARM_DESC(netdevice, "address of a netdevice notifier to be unregistered");

static unsigned long irq;
module_param(irq, ulong, 0);
MODULE_PARM_DESC(irq, "cookie of a handler of the interrupt to be freed");

static char *proc;
module_param(proc, charp, 0);
MODULE_PARM_DESC(proc, "name of a file in /proc to be removed");

static bool raise;
module_param(raise, bool, 0);
MODULE_PARM_DESC(raise, "1: the interrupt comes");

static struct irq_work work;

/* In an interrupt, as some of the kernel's insist on it. */
static void handle(struct irq_work *unused)
{
	generic_handle_irq(T_IRQ);
}

static void raise_interrupt(void)
{
	init_irq_work(&work, handle);
#ifdef IRQ_WORK_INIT_HARD
	work = IRQ_WORK_INIT_HARD(handle);
#endif
	irq_work_queue(&work);
	irq_work_sync(&work);
}

static int __init t_keep_undo_init(void)
{
	if (raise)
		raise_interrupt();
	if (misc)
		misc_deregister((struct miscdevice *)misc);
	if (netdevice)
		unregister_netdevice_notifier((struct notifier_block *)netdevice);
	if (irq)
		free_irq(T_IRQ, (void *)irq);
	if (proc)
		remove_proc_entry(proc, NULL);
	return notifier ? unregister_reboot_notifier((struct notifier_block *)notifier) : 0;
}

static void __exit t_keep_undo_exit(void)
{
}

module_init(t_keep_undo_init);
module_exit(t_keep_undo_exit);

MODULE_DESCRIPTION("patcher: undoes from outside what t_keep or t_forget has forgotten");
MODULE_LICENSE("GPL");
