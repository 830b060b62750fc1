// SPDX-License-Identifier: GPL-2.0
/*
 * modules: finds a module in the kernel's list, checks its struct module, and pins it.
 *
 * struct module is the kernel's own, and built differently by each configuration.
 * vermagic has seen to it that it fits; what is relied on is checked once more here,
 * on the target itself: name, list linkage, sysfs entry, the own symbol table.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "kernel/arch/arch.h"
#include "kernel/ksym.h"
#include "kernel/modules.h"
#include "kernel/symbols.h"
#include "log.h"

static struct kobject *find_module_kobject(const char *name)
{
	return kset_find_obj(THIS_MODULE->mkobj.kobj.kset, name);
}

/* Also one that is not fully set up. Caller holds module_mutex. */
static struct module *find_module_by_name(const char *name)
{
	struct module *mod;

	list_for_each_entry(mod, patcher_ksym.modules, list)
		if (!strcmp(mod->name, name))
			return mod;
	return NULL;
}

/* What is built in may have an entry in /sys/module, which then leads to no module. */
static bool is_built_in(const char *name)
{
	struct kobject *kobj = find_module_kobject(name);
	bool built_in;

	if (!kobj)
		return false;
	built_in = !container_of(kobj, struct module_kobject, kobj)->mod;
	kobject_put(kobj);
	return built_in;
}

static const char *state_name(enum module_state state)
{
	switch (state) {
	case MODULE_STATE_LIVE:
		return "LIVE";
	case MODULE_STATE_COMING:
		return "COMING";
	case MODULE_STATE_GOING:
		return "GOING";
	default:
		return "UNFORMED";
	}
}

static bool linkage_is_right(const struct module *mod)
{
	return mod->list.next->prev == &mod->list && mod->list.prev->next == &mod->list;
}

/* Caller holds module_mutex, so the target does not go while it is being pinned. */
static int pin_module_locked(const char *name, struct module **target)
{
	struct module *mod = find_module_by_name(name);
	struct kobject *kobj;

	if (!mod)
		return is_built_in(name) ?
			patcher_refuse(name, -EINVAL,
				       "it is built into the kernel, and cannot be unloaded") :
			patcher_refuse(name, -ENODEV,
				       "it is not loaded; lsmod shows what is");

	if (!linkage_is_right(mod))
		return patcher_refuse(name, -EOPNOTSUPP,
				      "struct module is not as expected on this kernel (list)");

	kobj = find_module_kobject(name);
	if (!kobj)
		return patcher_refuse(name, -EBUSY,
				      "it is still being set up, or being freed, state %s; wait until its insmod or rmmod has ended",
				      state_name(mod->state));
	if (kobj != &mod->mkobj.kobj || mod->mkobj.mod != mod) {
		kobject_put(kobj);
		return patcher_refuse(name, -EOPNOTSUPP,
				      "struct module is not as expected on this kernel (sysfs)");
	}
	*target = mod;
	return 0;
}

/* A symbol that every patcher has, whatever it is called. */
static const char *const patcher_mark_name = "patcher_mark";

/*
 * The name of another patcher that is loaded, or being loaded; NULL if there is none. Two
 * that begin at once see each other, and both refuse.
 */
static const char *other_patcher(void)
{
	struct patcher_match match;
	struct module *mod;

	lockdep_assert_held(patcher_ksym.module_mutex);
	list_for_each_entry(mod, patcher_ksym.modules, list) {
		if (mod == THIS_MODULE || mod->state == MODULE_STATE_UNFORMED ||
		    !patcher_symbols_are_right(mod))
			continue;
		patcher_symbols_look_up(mod, patcher_mark_name, &match);
		if (match.number)
			return mod->name;
	}
	return NULL;
}

/**
 * patcher_is_alone - is this the only patcher? Two would not know of
 * each other's rescues
 * @target: what it is asked to rescue, for the log
 *
 * Context: process context, may sleep; takes module_mutex.
 * Return: 0, or -EBUSY, and then the log names the other one.
 */
int patcher_is_alone(const char *target)
{
	const char *other;
	int err = 0;

	mutex_lock(patcher_ksym.module_mutex);
	other = other_patcher();
	if (other)
		err = patcher_refuse(target, -EBUSY,
				     "another patcher is loaded, as %s; rmmod that first", other);
	mutex_unlock(patcher_ksym.module_mutex);
	return err;
}

/**
 * patcher_pin - find the target, and keep its memory from being freed
 * @name: its name
 * @target: out
 *
 * The pin is a reference on the target's kobject: free_module() waits for the last
 * of those in mod_kobject_put(), early and without a lock (kernel/module/sysfs.c, 5.10
 * to 7.3). It does not show in the reference count, and rmmod may begin meanwhile.
 *
 * Context: process context, may sleep; takes module_mutex.
 * Return: 0, and patcher_unpin() is to be called; or -ENODEV, -EINVAL (built in), -EBUSY
 * (being set up), -EOPNOTSUPP (not the struct module that it should be), and then the
 * log says so.
 */
int patcher_pin(const char *name, struct module **target)
{
	int err;

	mutex_lock(patcher_ksym.module_mutex);
	err = pin_module_locked(name, target);
	mutex_unlock(patcher_ksym.module_mutex);
	if (err)
		return err;

	if (!patcher_symbols_are_right(*target)) {
		patcher_unpin(*target);
		return patcher_refuse(name, -EOPNOTSUPP,
				      "struct module is not as expected on this kernel (symbols)");
	}
	return 0;
}

/**
 * patcher_unpin - let the target's memory be freed
 * @target: what patcher_pin() found; not to be used any more
 */
void patcher_unpin(struct module *target)
{
	kobject_put(&target->mkobj.kobj);
}

/**
 * patcher_free_name - a name that no module has: NAME with a suffix, and a number if need be
 * @to: out, of MODULE_NAME_LEN
 * @name: is cut if the whole would be too long
 * @suffix: at most 15 characters
 *
 * Context: process context.
 */
void patcher_free_name(char *to, const char *name, const char *suffix)
{
	struct kobject *taken = NULL;
	unsigned int number = 1;
	char end[28];

	strscpy(end, suffix, sizeof(end));
	do {
		kobject_put(taken);
		if (number > 1)
			snprintf(end, sizeof(end), "%s%u", suffix, number);
		number++;
		snprintf(to, MODULE_NAME_LEN, "%.*s%s", (int)(MODULE_NAME_LEN - 1 - strlen(end)),
			 name, end);
		taken = find_module_kobject(to);
	} while (taken);
}

/**
 * patcher_rename - give a module another name, in sysfs as well
 * @mod: pinned, or GOING and not to be freed by anybody else
 * @name: the name
 *
 * Context: process context, sleeps; takes module_mutex.
 * Return: 0 or a negative errno, and then it has the old one.
 */
int patcher_rename(struct module *mod, const char *name)
{
	int err;

	err = kobject_rename(&mod->mkobj.kobj, name);
	if (err)
		return err;
	mutex_lock(patcher_ksym.module_mutex);
	strscpy(mod->name, name, sizeof(mod->name));
	mutex_unlock(patcher_ksym.module_mutex);
	return 0;
}

#ifdef CONFIG_KALLSYMS
/* Up to 6.13 a section's attribute is this; from 6.14 on, its address is private data of it. */
struct section_attribute {
	struct bin_attribute attribute;
	unsigned long addr;
};

/*
 * The sections are the attributes of a group (kernel/module/sysfs.c; up to 5.18 kernel/module.c).
 * mod_sysfs_teardown() may be freeing them just now, so all reads may fail. 0 is the end.
 */
static unsigned long section_at(const struct attribute_group *group, unsigned int i,
				const char **name)
{
	const struct section_attribute *section;
	struct section_attribute copy;

	if (!patcher_arch_read(&section, (void *)&group->bin_attrs[i], sizeof(section)) ||
	    !section || !patcher_arch_read(&copy, (void *)section, sizeof(copy)))
		return 0;
	*name = copy.attribute.attr.name;
	return (unsigned long)copy.attribute.private ?: copy.addr;
}

static bool has_name(const char *at, const char *name)
{
	char copy[64];
	size_t size = strlen(name) + 1;

	return size <= sizeof(copy) && patcher_arch_read(copy, at, size) &&
	       !memcmp(copy, name, size);
}

static unsigned long find_section(const struct attribute_group *group, const char *name)
{
	unsigned long addr;
	const char *other;
	unsigned int i;

	for (i = 0; (addr = section_at(group, i, &other)); i++)
		if (has_name(other, name))
			return addr;
	return 0;
}

/**
 * patcher_section - where a section of a module lies
 * @mod: on the kernel's list
 * @name: of the section
 * @start: out
 * @end: out: where the next one begins; the kernel keeps no size
 *
 * Context: module_mutex is held.
 * Return: false if it has none of that name.
 */
bool patcher_section(struct module *mod, const char *name, unsigned long *start,
		     unsigned long *end)
{
	const struct attribute_group *at = (struct attribute_group *)READ_ONCE(mod->sect_attrs);
	struct attribute_group group;
	unsigned long addr;
	const char *other;
	unsigned int i;

	/* struct module_sect_attrs begins with it. */
	if (!at || !patcher_arch_read(&group, (void *)at, sizeof(group)) || !group.bin_attrs)
		return false;
	*start = find_section(&group, name);
	if (!*start || !within_module(*start, mod))
		return false;
	*end = ULONG_MAX;
	for (i = 0; (addr = section_at(&group, i, &other)); i++)
		if (addr > *start)
			*end = min(*end, addr);
	return *end != ULONG_MAX;
}
#endif
