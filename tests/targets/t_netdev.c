// SPDX-License-Identifier: GPL-2.0
/*
 * t_netdev: a network device whose exit oopses before it has done anything.
 *
 * Situation 5a as long as nobody has run rmmod: LIVE, refcount 0, and exit is
 * known to be broken. Situation 5b afterwards: state GOING, refcount -1, rmmod
 * dead; rmmod fails without a word, rmmod -f says "Device or resource busy". In
 * both the interface tnet0 is there and works: what it is sent is dropped, and
 * counted in parameters/dropped.
 *
 * exit is marked __exit, so it has no ftrace site. Stub: stub_netdev.
 */
#include <linux/etherdevice.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "defect.h"
#include "die.h"

static unsigned int dropped;
module_param(dropped, uint, 0444);
MODULE_PARM_DESC(dropped, "Packets sent through the interface");

static struct net_device *t_netdev_dev;

static netdev_tx_t t_netdev_start_xmit(struct sk_buff *skb,
				       struct net_device *dev)
{
	WRITE_ONCE(dropped, dropped + 1);
	dev_kfree_skb(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops t_netdev_ops = {
	.ndo_start_xmit = t_netdev_start_xmit,
};

static void t_netdev_setup(struct net_device *dev)
{
	ether_setup(dev);
	eth_hw_addr_random(dev);
	dev->netdev_ops = &t_netdev_ops;
}

static int __init t_netdev_init(void)
{
	int err;

	t_die_after(0);
	t_netdev_dev = alloc_netdev(0, "tnet%d", NET_NAME_ENUM, t_netdev_setup);
	if (!t_netdev_dev)
		return -ENOMEM;
	t_die_after(1);

	err = register_netdev(t_netdev_dev);
	if (err)
		free_netdev(t_netdev_dev);
	t_die_after(2);
	return err;
}

static void __exit t_netdev_exit(void)
{
	t_defect_oops();
	unregister_netdev(t_netdev_dev);
	free_netdev(t_netdev_dev);
	t_netdev_dev = NULL;
}

module_init(t_netdev_init);
module_exit(t_netdev_exit);

MODULE_DESCRIPTION("patcher target: network device, exit oopses at once");
MODULE_LICENSE("GPL");
