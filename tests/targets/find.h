/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finds a module by name with what the kernel exports, for those that look at others.
 */
#ifndef T_FIND_H
#define T_FIND_H

#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/string.h>

/*
 * @name may end in a newline, as what echo wrote does.
 *
 * All modules' kobjects are in the kset that holds our own. NULL when there is
 * none of that name: not loaded, or not yet in sysfs. The built-in ones have a
 * kobject and no struct module; they count as absent.
 *
 * While the caller holds the kobject the module stays in memory: free_module()
 * waits for it in mod_kobject_put(). Give it back with t_find_put(), and soon.
 */
static inline struct module *t_find_get(const char *name)
{
	char stripped[MODULE_NAME_LEN];
	struct kobject *kobj;
	struct module *mod;

	strscpy(stripped, name, sizeof(stripped));
	kobj = kset_find_obj(THIS_MODULE->mkobj.kobj.kset, strim(stripped));
	if (!kobj)
		return NULL;

	mod = container_of(kobj, struct module_kobject, kobj)->mod;
	if (!mod)
		kobject_put(kobj);
	return mod;
}

static inline void t_find_put(struct module *mod)
{
	kobject_put(&mod->mkobj.kobj);
}

#endif /* T_FIND_H */
