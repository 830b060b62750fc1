// SPDX-License-Identifier: GPL-2.0
/*
 * search: what was found so far that holds a target; shared by all that look for holders.
 *
 * Each thing that holds references is counted once: a file, however many descriptors, tasks
 * and mappings lead to it; a superblock, however often it is mounted; a disk, for each time
 * that it is open.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>

#include "kernel/arch/arch.h"
#include "look/search.h"

/**
 * patcher_owner_at - read the owner of operations
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
 * patcher_search_place_is_elsewhere - would this superblock or disk stay in use if all user
 *	tasks inside the target ended?
 * @search: so far; mounts and files have been looked for
 * @place: which
 */
bool patcher_search_place_is_elsewhere(const struct patcher_search *search, const void *place)
{
	bool known = false;
	unsigned int i;

	for (i = 0; i < search->number; i++) {
		if (search->list[i].place != place)
			continue;
		if (search->list[i].elsewhere)
			return true;
		known = true;
	}
	return !known;
}

static struct patcher_found *find_noted(struct patcher_search *search, const void *object)
{
	unsigned int i;

	for (i = 0; i < search->number; i++)
		if (search->list[i].object == object)
			return &search->list[i];
	return NULL;
}

/**
 * patcher_search_set_elsewhere - a task that is not inside leads to this object, too
 * @search: so far
 * @object: which, if it has been noted
 */
void patcher_search_set_elsewhere(struct patcher_search *search, const void *object)
{
	struct patcher_found *found = find_noted(search, object);

	if (found)
		found->elsewhere = true;
}

/**
 * patcher_search_count_elsewhere - fill in the account's number of such objects
 * @search: complete
 */
void patcher_search_count_elsewhere(struct patcher_search *search)
{
	unsigned int i;

	for (i = 0; i < search->number; i++)
		search->account->elsewhere += search->list[i].elsewhere;
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
	if (find_noted(search, found->object) || search->number == PATCHER_HOLDERS_MAX)
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
