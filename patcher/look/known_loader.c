// SPDX-License-Identifier: GPL-2.0
/*
 * known_loader: words in the records that the kernel's loader, sysfs and ftrace have of a module.
 *
 * They are taken away when it is freed, or nobody follows them. Read in Linux 6.1 unless a rule
 * says otherwise.
 */
#include <linux/kernel.h>
#include <linux/kernfs.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>

#include "kernel/arch/arch.h"
#include "kernel/compat.h"
#include "kernel/ksym.h"
#include "kernel/modules.h"
#include "look/word.h"

/* struct ftrace_page, kernel/trace/ftrace.c, 5.10 to 7.3; there is one more field behind. */
struct ftrace_page {
	struct ftrace_page *next;
	struct dyn_ftrace *records;
	int index;
	int order;
};

/*
 * struct ftrace_mod_map there, for the functions of a module's .init sections, and the beginning of
 * struct ftrace_mod_func, one of those.
 */
struct ftrace_mod_map {
	struct rcu_head rcu;
	struct list_head link;
	struct module *mod;
	unsigned long start;
	unsigned long end;
	struct list_head functions;
};

/*
 * A neighbour's link to one of the lists that struct module itself is on. They are taken off by
 * free_module(), or are those of the modules' kset (kernel/module/main.c, sysfs.c).
 */
static bool is_neighbour(const struct patcher_word *word, const struct list_head *entry)
{
	return word_is_field(word, &entry->next->prev) || word_is_field(word, &entry->prev->next);
}

static bool is_loaders_link(const struct patcher_word *word)
{
	struct module *target = word_target(word);

	if (!patcher_is_within(word->value, target, sizeof(*target)))
		return false;
#ifdef CONFIG_GENERIC_BUG
	if (is_neighbour(word, &target->bug_list))
		return true;
#endif
	return is_neighbour(word, &target->list) ||
	       is_neighbour(word, &target->mkobj.kobj.entry) ||
	       is_neighbour(word, &target->source_list) ||
	       is_neighbour(word, &target->target_list);
}

/* The node of the module's directory, or of one of its groups of attributes, which is in it. */
static bool is_directory(const struct patcher_word *word)
{
	const struct kobject *kobj = &word_target(word)->mkobj.kobj;
	struct kernfs_node *node = (struct kernfs_node *)word->hit->object;

	return word_in_cache(word, "kernfs_node_cache") && word_is_field(word, &node->priv) &&
	       word->value == (unsigned long)kobj &&
	       (node == kobj->sd || patcher_kernfs_parent(node) == kobj->sd);
}

/*
 * One of the directories in it that the loader or the driver core has made: a kobject, which has
 * such a node, and whose name nobody else can have there.
 */
static bool is_own_directory(const struct patcher_word *word)
{
	static const char *const names[] = { "holders", "notes", "drivers" };
	const struct kobject *parent = &word_target(word)->mkobj.kobj;
	const struct kobject *kobj = (struct kobject *)word->hit->object;
	unsigned int i;

	if (word->hit->place != PATCHER_PLACE_SLAB || word->hit->size < sizeof(*kobj) ||
	    !word_is_field(word, &kobj->parent) || word->value != (unsigned long)parent ||
	    !virt_addr_valid(kobj->sd) || patcher_kernfs_parent(kobj->sd) != parent->sd)
		return false;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(kobj->sd->name, names[i]))
			return true;
	return false;
}

/*
 * The directory of the module in sysfs, those in it, and its attributes: mod_sysfs_teardown()
 * takes them away, and waits for whoever has one open.
 */
static bool is_sysfs_record(const struct patcher_word *word)
{
	struct module *target = word_target(word);

	return is_directory(word) || is_own_directory(word) ||
#ifdef CONFIG_SYSFS
	       word_in_object(word, target->modinfo_attrs) ||
	       word_in_object(word, target->mkobj.mp) ||
#endif
#ifdef CONFIG_KALLSYMS
	       word_in_object(word, target->sect_attrs) ||
	       word_in_object(word, target->notes_attrs) ||
#endif
	       false;
}

/* Links between the target and the modules that it uses; free_module() drops them. */
static bool is_module_use(const struct patcher_word *word)
{
	struct patcher_module_use *use;
	bool found = false;

	if (word->hit->place != PATCHER_PLACE_SLAB)
		return false;
	mutex_lock(patcher_ksym.module_mutex);
	list_for_each_entry(use, &word_target(word)->target_list, target_list)
		found |= word_in_object(word, use);
	mutex_unlock(patcher_ksym.module_mutex);
	return found;
}

/*
 * What the loader has of another module: its struct module, which links to neighbours and still
 * has the addresses of .init memory that is free, where the target may have come to lie; its
 * read-only data, where pointers can only lead to modules that it depends on; the list of its
 * functions that ftrace was given; the one that the compiler has made of where they have room to be
 * patched, which is in its data and which nobody reads; the list of names for trace events, which
 * are in .init.data and read while it is loaded (trace_module_add_evals(), kernel/trace/trace.c,
 * 6.1); and the addresses that its sections once had. All of these lead to .init sections, too.
 */
struct other {
	unsigned long addr;
	bool is_fixed;
};

static void look_if_fixed(void *data, unsigned long start, unsigned long size, bool is_fixed)
{
	struct other *other = data;

	if (is_fixed && patcher_is_within(other->addr, (void *)start, size))
		other->is_fixed = true;
}

static bool is_patchable_entry(unsigned long addr, struct module *mod)
{
#ifdef CONFIG_KALLSYMS
	unsigned long start, end;

	return within_module(addr, mod) &&
	       patcher_section(mod, "__patchable_function_entries", &start, &end) &&
	       addr >= start && addr < end;
#else
	return false;
#endif
}

static bool is_record_of(const struct patcher_word *word, struct module *mod)
{
	struct other other = { .addr = word->hit->virt };

	if (patcher_is_within(other.addr, mod, sizeof(*mod)))
		return true;
#ifdef CONFIG_DYNAMIC_FTRACE
	if (patcher_is_within(other.addr, mod->ftrace_callsites,
			      mod->num_ftrace_callsites * sizeof(*mod->ftrace_callsites)))
		return true;
#endif
#ifdef CONFIG_EVENT_TRACING
	if (patcher_is_within(other.addr, mod->trace_evals,
			      mod->num_trace_evals * sizeof(*mod->trace_evals)))
		return true;
#endif
#ifdef CONFIG_KALLSYMS
	if (word_in_object(word, mod->sect_attrs) || word_in_object(word, mod->notes_attrs))
		return true;
#endif
	patcher_each_range(mod, look_if_fixed, &other);
	return other.is_fixed || is_patchable_entry(other.addr, mod);
}

static bool is_others_record(const struct patcher_word *word)
{
	struct module *mod;
	bool found = false;

	if (word->hit->place != PATCHER_PLACE_AREA && word->hit->place != PATCHER_PLACE_SLAB)
		return false;
	mutex_lock(patcher_ksym.module_mutex);
	list_for_each_entry(mod, patcher_ksym.modules, list)
		if (mod != word_target(word) && mod->state != MODULE_STATE_UNFORMED &&
		    is_record_of(word, mod)) {
			found = true;
			break;
		}
	mutex_unlock(patcher_ksym.module_mutex);
	return found;
}

/*
 * The heads of the loader's own lists, its tree of addresses, where ORC's tables were sorted last
 * (arch/x86/kernel/unwind_orc.c), and where the space for modules begins (execmem_info,
 * mm/execmem.c, 6.10 to 7.3), which may be where the target does.
 */
static bool is_known_variable(const struct patcher_word *word)
{
	static const char *const names[] = {
		"modules", "mod_tree", "module_bug_list", "cur_orc_table", "cur_orc_ip_table",
		"last_unloaded_module", "execmem_info",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(word->symbol, names[i]))
			return true;
	return false;
}

/*
 * Records of ftrace's that are free: those in use have been taken away by ftrace_release_mod(),
 * and what is left behind the last one is not read.
 */
static bool is_ftrace_record(const struct patcher_word *word)
{
	struct ftrace_page page;
	unsigned long *first = (unsigned long *)patcher_known.ftrace_pages;
	unsigned long next = first ? *first : 0;

	if (word->hit->place != PATCHER_PLACE_PAGES)
		return false;
	while (next && patcher_arch_read(&page, (void *)next, sizeof(page))) {
		if (page.order >= 0 && page.order <= 10 &&
		    patcher_is_within(word->hit->at, page.records, PAGE_SIZE << page.order))
			return word->hit->at >= (unsigned long)(page.records + page.index);
		next = (unsigned long)page.next;
		cond_resched();
	}
	return false;
}

/*
 * The beginnings of struct ftrace_hash and of struct ftrace_func_entry, kernel/trace/trace.h and
 * include/linux/ftrace.h, 5.10 to 7.3. No hash has more than 1 << 12 lists (FTRACE_HASH_MAX_BITS).
 */
#define FILTER_BITS_MAX	12

struct filter_hash {
	unsigned long bits;
	struct hlist_head *lists;
};

struct filter_entry {
	struct hlist_node link;
	unsigned long function;
};

static bool is_in_hash(const struct patcher_word *word, const void *hash)
{
	const struct filter_hash *filter = hash;
	const struct filter_entry *entry;
	unsigned long i;

	if (!filter || filter->bits > FILTER_BITS_MAX || !filter->lists)
		return false;
	for (i = 0; i < 1UL << filter->bits; i++)
		hlist_for_each_entry(entry, &filter->lists[i], link)
			if (word_is_field(word, &entry->function))
				return true;
	return false;
}

/*
 * A function of the target's in the filter of kprobes, which ftrace leaves there when the module
 * goes (it only does so for those of trace instances, clear_mod_from_hashes()): it is compared, and
 * never followed. kprobe_ftrace_ops and kprobe_ipmodify_ops, kernel/kprobes.c, 5.10 to 7.3; a filter
 * is replaced under ftrace_lock.
 */
static bool is_kprobes_filter(const struct patcher_word *word)
{
	const unsigned long ops[] = { patcher_known.kprobe_ops, patcher_known.kprobe_ipmodify_ops };
	bool found = false;
	unsigned int i;

	if (!patcher_known.ftrace_lock || word->hit->place != PATCHER_PLACE_SLAB)
		return false;
	mutex_lock((struct mutex *)patcher_known.ftrace_lock);
	for (i = 0; i < ARRAY_SIZE(ops); i++)
		found = found || (ops[i] && is_in_hash(word, patcher_filter_of((void *)ops[i])));
	mutex_unlock((struct mutex *)patcher_known.ftrace_lock);
	return found;
}

/*
 * While functions are traced, ftrace keeps the names of those in .init sections that have been
 * freed. They are only printed; the target's are gone (ftrace_release_mod()).
 */
static bool is_init_function(const struct patcher_word *word)
{
	struct ftrace_mod_map *map;
	struct list_head *link;
	bool found = false;

	if (!patcher_known.ftrace_mod_maps || !patcher_known.ftrace_lock ||
	    word->hit->place != PATCHER_PLACE_SLAB)
		return false;
	mutex_lock((struct mutex *)patcher_known.ftrace_lock);
	list_for_each_entry(map, (struct list_head *)patcher_known.ftrace_mod_maps, link) {
		found |= word_in_object(word, map);
		list_for_each(link, &map->functions)
			found |= word_in_object(word, link);
	}
	mutex_unlock((struct mutex *)patcher_known.ftrace_lock);
	return found;
}

/* Is it an object that is on this list of the kernel's? */
static bool is_object_on_list(const struct patcher_word *word, unsigned long list,
			      unsigned long lock, size_t offset)
{
	struct list_head *link;
	bool found = false;

	if (!list || !lock || word->hit->place != PATCHER_PLACE_SLAB)
		return false;
	mutex_lock((struct mutex *)lock);
	list_for_each(link, (struct list_head *)list)
		found |= word_in_object(word, (char *)link - offset);
	mutex_unlock((struct mutex *)lock);
	return found;
}

/*
 * Up to 6.3, free_module() itself takes away the target's debug messages: struct ddebug_table,
 * lib/dynamic_debug.c, which begins with its link.
 */
static bool is_debug_table(const struct patcher_word *word)
{
	return is_object_on_list(word, patcher_known.ddebug_tables, patcher_known.ddebug_lock, 0);
}

/*
 * With one CPU, where the kernel may have to put back locks: struct smp_alt_module, which has
 * six pointers before its link (arch/x86/kernel/alternative.c, 5.10 to 6.12).
 */
static bool is_alternatives_record(const struct patcher_word *word)
{
	return is_object_on_list(word, patcher_known.smp_alt_modules, patcher_known.text_mutex,
			  6 * sizeof(long));
}

static const patcher_rule_fn loader_rules[] = {
	is_known_variable,
	is_loaders_link,
	is_sysfs_record,
	is_module_use,
	is_others_record,
	is_ftrace_record,
	is_kprobes_filter,
	is_debug_table,
	is_init_function,
	is_alternatives_record,
};

/**
 * patcher_known_to_loader - is it in a record that the kernel has of the target, as of any module?
 * @word: points into the target
 *
 * Context: may sleep.
 */
bool patcher_known_to_loader(const struct patcher_word *word)
{
	return word_matches(word, loader_rules, ARRAY_SIZE(loader_rules));
}
