// SPDX-License-Identifier: GPL-2.0
/*
 * holders: who has the references that are counted on a target.
 *
 * Each thing that holds one is counted once: a file, however many descriptors, tasks and
 * mappings lead to it; a superblock, however often it is mounted; a disk, for each time
 * that it is open. What uses the target and takes no reference is named, and not counted.
 * Which kinds there are, and which are not looked for: docs/holders.md.
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

#include "kernel/arch/arch.h"
#include "look/holders.h"

/**
 * patcher_owner_at - who is the owner of these operations?
 * @where: the field of that name, in memory that may be gone
 *
 * Return: the module; NULL for none, or if it cannot be read.
 */
struct module *patcher_owner_at(struct module *const *where)
{
	struct module *owner;

	return patcher_arch_read(&owner, where, sizeof(owner)) ? owner : NULL;
}

/**
 * patcher_search_knows_place - has something of this superblock or disk been found?
 * @search: so far
 * @place: which
 */
bool patcher_search_knows_place(const struct patcher_search *search, const void *place)
{
	unsigned int i;

	for (i = 0; i < search->number; i++)
		if (search->list[i].place == place)
			return true;
	return false;
}

/**
 * patcher_search_note - count what was found, unless it has been
 * @search: so far
 * @found: what it is
 * @references: so many it holds, maybe none
 *
 * Context: any; allocates nothing.
 * Return: true if it is new, and is to be named.
 */
bool patcher_search_note(struct patcher_search *search, const struct patcher_found *found,
			 unsigned int references)
{
	unsigned int i;

	for (i = 0; i < search->number; i++)
		if (search->list[i].object == found->object)
			return false;
	if (search->number == PATCHER_HOLDERS_MAX)
		return false;
	search->list[search->number++] = *found;
	search->account->held += references;
	return true;
}

/**
 * patcher_search_name - add to the list of holders that a user reads
 * @search: so far
 * @fmt: as for printk; what comes from userspace goes through %pE
 */
void patcher_search_name(struct patcher_search *search, const char *fmt, ...)
{
	struct patcher_account *account = search->account;
	size_t size = sizeof(account->held_by);
	va_list args;

	account->holders++;
	if (search->named == PATCHER_HOLDERS_NAMED)
		return;
	if (search->named++)
		search->used += scnprintf(account->held_by + search->used,
					  size - search->used, ", ");
	va_start(args, fmt);
	search->used += vscnprintf(account->held_by + search->used, size - search->used, fmt,
				   args);
	va_end(args);
}

/**
 * patcher_account_device - name a device of the target that has no reference on it
 * @account: to be added to
 * @name: the device's; may come from userspace
 */
void patcher_account_device(struct patcher_account *account, const char *name)
{
	size_t used = strlen(account->devices), size = sizeof(account->devices);

	if (account->idle_devices++ < PATCHER_HOLDERS_NAMED)
		scnprintf(account->devices + used, size - used, "%s%*pE", used ? ", " : "",
			  (int)strlen(name), name);
}

static bool is_of(const struct net_device *dev, const struct module *target)
{
	return within_module((unsigned long)dev->netdev_ops, target) ||
	       within_module((unsigned long)dev->rtnl_link_ops, target);
}

/* Network devices take no reference: unregistering one is the exit's business. */
static void look_at_netdevs(const struct module *target, struct patcher_account *account)
{
	struct net_device *dev;
	struct net *net;

	rcu_read_lock();
	for_each_net_rcu(net)
		for_each_netdev_rcu(net, dev)
			if (is_of(dev, target))
				patcher_account_device(account, dev->name);
	rcu_read_unlock();
}

static void add_rest(char *text, size_t size, unsigned int number)
{
	size_t used = strlen(text);

	if (number > PATCHER_HOLDERS_NAMED)
		scnprintf(text + used, size - used, " and %u more",
			  number - PATCHER_HOLDERS_NAMED);
}

static void search_begin(struct patcher_search *search, struct module *target,
			 struct patcher_account *account)
{
	search->target = target;
	search->account = account;
	search->revocation = NULL;
	search->number = 0;
	search->named = 0;
	search->used = 0;
}

/**
 * patcher_holders_look - who holds references on the target, and who uses it?
 * @target: pinned
 * @references: how many there are to be found; if there are none, no holder is looked for
 * @account: out
 *
 * Changes nothing.
 *
 * Context: process context, may sleep, no lock held.
 * Return: 0; -ENOMEM; -EAGAIN if tasks came and went so fast that not all could be
 * looked at.
 */
int patcher_holders_look(struct module *target, int references,
			 struct patcher_account *account)
{
	struct patcher_search *search;
	int err = 0;

	memset(account, 0, sizeof(*account));
	look_at_netdevs(target, account);
	if (references <= 0)
		goto rest;

	search = kvmalloc(sizeof(*search), GFP_KERNEL);
	if (!search)
		return -ENOMEM;
	search_begin(search, target, account);
	patcher_mounts_look(search);
	err = patcher_openers_look(search);
	patcher_disks_look(search);
	kvfree(search);
	add_rest(account->held_by, sizeof(account->held_by), account->holders);
rest:
	add_rest(account->devices, sizeof(account->devices), account->idle_devices);
	return err;
}

/**
 * patcher_holders_revoke - find the open files that are to be taken
 * @target: pinned
 * @revocation: out; what it has from an earlier look stays
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
		search_begin(search, target, account);
		search->revocation = revocation;
		err = patcher_openers_look(search);
	}
	kvfree(search);
	kfree(account);
	return err;
}
