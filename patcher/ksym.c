// SPDX-License-Identifier: GPL-2.0
/*
 * ksym: the kernel-private symbols, resolved by name and checked before use.
 *
 * Read in Linux 6.1: module_mutex and modules in kernel/module/main.c,
 * stack_trace_save_tsk_reliable() in kernel/stacktrace.c, put_task_stack() in
 * kernel/fork.c. MODULE_REF_BASE in kernel/module/main.c. In 6.12 and 7.3: idem_hash and
 * idem_lock in kernel/module/main.c.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kprobes.h>
#include <linux/module.h>

#include "ksym.h"

struct patcher_ksym patcher_ksym;

typedef unsigned long (*lookup_fn)(const char *name);

/* kallsyms_lookup_name() is not exported since 5.7; a kprobe resolves names too. */
static lookup_fn find_lookup(void)
{
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	lookup_fn lookup;
	int err;

	err = register_kprobe(&probe);
	if (err) {
		pr_err("no kprobe on kallsyms_lookup_name (%pe)\n", ERR_PTR(err));
		return NULL;
	}
	lookup = (lookup_fn)probe.addr;
	unregister_kprobe(&probe);
	return lookup;
}

/* The list has to be one, and has to have this very module on it. */
static bool modules_list_is_right(void)
{
	struct module *mod;
	bool found = false;

	mutex_lock(patcher_ksym.module_mutex);
	list_for_each_entry(mod, patcher_ksym.modules, list) {
		if (mod->list.next->prev != &mod->list)
			break;
		if (mod == THIS_MODULE) {
			found = !strcmp(mod->name, KBUILD_MODNAME);
			break;
		}
	}
	mutex_unlock(patcher_ksym.module_mutex);
	return found;
}

/*
 * MODULE_REF_BASE is private to kernel/module/main.c: 1, from 3.19 to 7.3. It is what
 * module_refcount() takes off the raw count; nobody changes ours while its init runs.
 */
static int base_count(void)
{
	return atomic_read(&THIS_MODULE->refcnt) - module_refcount(THIS_MODULE);
}

/**
 * patcher_ksym_init - resolve them all
 *
 * Context: this module's init; may sleep.
 * Return: 0, or -EOPNOTSUPP when this kernel lacks one, which the log then names.
 */
int patcher_ksym_init(void)
{
	const struct {
		const char *name;
		void **where;
		bool optional;
	} wanted[] = {
		{ "module_mutex", (void **)&patcher_ksym.module_mutex },
		{ "modules", (void **)&patcher_ksym.modules },
		{ "stack_trace_save_tsk_reliable",
		  (void **)&patcher_ksym.stack_trace_save_tsk_reliable },
		{ "put_task_stack", (void **)&patcher_ksym.put_task_stack },
		{ "idem_hash", (void **)&patcher_ksym.idem_hash, true },
		{ "idem_lock", (void **)&patcher_ksym.idem_lock, true },
	};
	lookup_fn lookup = find_lookup();
	unsigned int i;

	if (!lookup)
		return -EOPNOTSUPP;

	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		*wanted[i].where = (void *)lookup(wanted[i].name);
		if (!*wanted[i].where && !wanted[i].optional) {
			pr_err("this kernel has no %s, nothing can be rescued\n",
			       wanted[i].name);
			return -EOPNOTSUPP;
		}
	}

	if (!modules_list_is_right()) {
		pr_err("the list of modules is not as expected, nothing can be rescued\n");
		return -EOPNOTSUPP;
	}
	patcher_ksym.base_count = base_count();
	return 0;
}
