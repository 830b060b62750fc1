// SPDX-License-Identifier: GPL-2.0
/*
 * holders: what holds the references that are counted on a target.
 *
 * What uses the target and takes no reference is named, and not counted. Which kinds there
 * are, and which are not looked for: docs/holders.md.
 *
 * The kernel is broken already, so a file may point to operations that are gone. Whatever
 * is not certain to be there is read with patcher_arch_read().
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/rtnetlink.h>

#include "look/disks.h"
#include "look/holders.h"
#include "look/mounts.h"
#include "look/openers.h"
#include "look/search.h"

#ifdef CONFIG_NET
static bool netdev_is_of(const struct net_device *dev, const struct module *target)
{
	return within_module((unsigned long)dev->netdev_ops, target) ||
	       within_module((unsigned long)dev->rtnl_link_ops, target);
}

/* Network devices take no reference: unregistering one is the exit's business. */
static void account_for_netdevs(const struct module *target, struct patcher_account *account)
{
	struct net_device *dev;
	struct net *net;

	rcu_read_lock();
	for_each_net_rcu(net)
		for_each_netdev_rcu(net, dev)
			if (netdev_is_of(dev, target))
				patcher_account_device(account, dev->name);
	rcu_read_unlock();
}
#else
static void account_for_netdevs(const struct module *target, struct patcher_account *account)
{
}
#endif

static void append_number_left(char *text, size_t size, unsigned int number)
{
	size_t used = strlen(text);

	if (number > PATCHER_HOLDERS_NAMED)
		scnprintf(text + used, size - used, " and %u more",
			  number - PATCHER_HOLDERS_NAMED);
}

static void begin_search(struct patcher_search *search, struct module *target,
			 const struct patcher_occupants *inside,
			 struct patcher_account *account)
{
	search->target = target;
	search->inside = inside;
	search->account = account;
	search->revocation = NULL;
	search->number = 0;
	search->named = 0;
	search->used = 0;
}

/**
 * patcher_holders_look - find what holds references on the target, and what uses it
 * @target: pinned
 * @references: number of references to be found; if there are none, no holder is looked for
 * @inside: tasks inside the target
 * @account: out
 *
 * Changes nothing.
 *
 * Context: process context, may sleep, no lock held.
 * Return: 0; -ENOMEM; -EAGAIN if tasks came and went so fast that not all could be
 * looked at.
 */
int patcher_holders_look(struct module *target, int references,
			 const struct patcher_occupants *inside,
			 struct patcher_account *account)
{
	struct patcher_search *search;
	int err = 0;

	memset(account, 0, sizeof(*account));
	account_for_netdevs(target, account);
	if (references <= 0)
		goto rest;

	search = kvmalloc(sizeof(*search), GFP_KERNEL);
	if (!search)
		return -ENOMEM;
	begin_search(search, target, inside, account);
	patcher_mounts_look(search);
	err = patcher_openers_look(search);
	patcher_disks_look(search);
	patcher_search_count_elsewhere(search);
	kvfree(search);
	append_number_left(account->held_by, sizeof(account->held_by), account->holders);
rest:
	append_number_left(account->devices, sizeof(account->devices), account->idle_devices);
	return err;
}

/**
 * patcher_holders_revoke - find the open files that are to be taken
 * @target: pinned
 * @revocation: out; what an earlier search has found stays
 *
 * Context: process context, may sleep, no lock held.
 * Return: 0; -ENOMEM; -EAGAIN as above.
 */
int patcher_holders_revoke(struct module *target, struct patcher_revocation *revocation)
{
	struct patcher_account *account = kzalloc(sizeof(*account), GFP_KERNEL);
	struct patcher_search *search = kvmalloc(sizeof(*search), GFP_KERNEL);
	int err = -ENOMEM;

	if (account && search) {
		begin_search(search, target, NULL, account);
		search->revocation = revocation;
		err = patcher_openers_look(search);
	}
	kvfree(search);
	kfree(account);
	return err;
}
