// SPDX-License-Identifier: GPL-2.0
/*
 * stub_netdev: unregisters a network device and frees it.
 *
 * For tests/targets/t_netdev.c, whose exit dies before it has done either; init
 * may as well have died between allocating and registering it. Order: as in any
 * driver, unregister, which brings the interface down, then free.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/printk.h>
#include <patcher/stub.h>

static struct net_device **dev;

static const struct patcher_symbol symbols[] = {
	PATCHER_SYMBOL(dev, "t_netdev_dev"),
	{ }
};

static void netdev_cleanup(void)
{
	/* NULL before alloc_netdev(), if that failed, and at the end of exit. */
	if (!*dev)
		return;

	/*
	 * register_netdev() and unregister_netdev() keep account of how far they
	 * got (net/core/dev.c).
	 */
	switch ((*dev)->reg_state) {
	case NETREG_REGISTERED:
		unregister_netdev(*dev);
		break;
	case NETREG_UNINITIALIZED:	/* not yet registered, or it failed */
	case NETREG_UNREGISTERED:	/* exit died between the two steps */
		break;
	default:
		pr_err("stub_netdev: %s is half unregistered, left as it is\n",
		       (*dev)->name);
		return;
	}
	free_netdev(*dev);
}

PATCHER_STUB(
	.cleanup = netdev_cleanup,
	.symbols = symbols,
);

MODULE_DESCRIPTION("patcher stub: a network device");
MODULE_LICENSE("GPL");
