// SPDX-License-Identifier: GPL-2.0
/*
 * identity: which words that point into a target are no residue.
 *
 * Each rule below says what a word is, and not what it looks like: a record of the kernel's module
 * loader, of vmalloc or of ftrace that is known as such, and which the freeing of the module takes
 * away or which nobody follows; the dead part of a stack; a page or an object that is free. A word
 * that none of them knows is residue. Read in Linux 6.1 unless the rule says otherwise.
 */
#include <linux/debugobjects.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/kernfs.h>
#include <linux/kobject.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#ifdef CONFIG_KASAN_GENERIC
#include <linux/kasan.h>
#endif

#include "kernel/arch/arch.h"
#include "kernel/compat.h"
#include "kernel/eio.h"
#include "kernel/ksym.h"
#include "kernel/memory.h"
#include "kernel/modules.h"
#include "kernel/pages.h"
#include "look/identity.h"
#include "look/place.h"
#include "look/sweep.h"
#include "patcher/stub.h"
#include "rescue.h"

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

/* More than struct pcpu_chunk has before its bitmaps, in bytes (mm/percpu-internal.h). */
#define CHUNK_BYTES	256

/* The kernel's own, NULL where it is not there. */
static struct {
	unsigned long ftrace_mod_maps;
	unsigned long ftrace_lock;
	unsigned long reserved_chunk;
	unsigned long ftrace_pages;
	unsigned long ddebug_tables;
	unsigned long ddebug_lock;
	unsigned long cached_stacks;
	unsigned long radix_tree_cache;
	unsigned long execmem_cache;
	unsigned long smp_alt_modules;
	unsigned long text_mutex;
	unsigned long kprobe_table;
	unsigned long perf_breakpoint;
} own;

/* One word, and all there is to judge it by. */
struct word {
	const struct patcher_aim *aim;
	const struct patcher_sweep *sweep;
	const struct patcher_hit *hit;
	unsigned long value;
	/* The symbol in the kernel's image where it lies; or empty. */
	char symbol[KSYM_SYMBOL_LEN];
};

static struct module *target_of(const struct word *word)
{
	return word->aim->target;
}

static bool is_within(unsigned long addr, const void *start, size_t size)
{
	return start && addr - (unsigned long)start < size;
}

/* Does the word lie in the slab object that begins there? */
static bool is_object(const struct word *word, const void *object)
{
	return object && word->hit->place == PATCHER_PLACE_SLAB &&
	       is_within((unsigned long)object, (void *)word->hit->object, word->hit->size);
}

/* Is it this very field? */
static bool is_field(const struct word *word, const void *field)
{
	return word->hit->virt == (unsigned long)field;
}

/*
 * Patcher's own: the stack of the task that sweeps, rescues, and what the caller has told of. Not all of
 * this module's variables: its notifiers are on the kernel's lists, and may have neighbours.
 */
static bool is_own(const struct word *word)
{
	unsigned int i;

	if (is_within(word->hit->virt, current->stack, THREAD_SIZE))
		return true;
	if (is_within(word->hit->virt, word->sweep, sizeof(*word->sweep)) ||
	    is_within(word->hit->virt, word->aim->ranges,
		      word->aim->number * sizeof(*word->aim->ranges)) ||
	    patcher_rescue_has(word->hit->virt))
		return true;
	for (i = 0; i < word->sweep->owns; i++)
		if (is_within(word->hit->virt, word->sweep->own[i].start,
			      word->sweep->own[i].size))
			return true;
	return false;
}

/* The stub's variables that patcher has bound to those of the target. */
static bool is_bound(const struct word *word)
{
	const struct patcher_symbol *symbol;

	if (!word->sweep->stub || !word->sweep->stub->symbols)
		return false;
	for (symbol = word->sweep->stub->symbols; symbol->name; symbol++)
		if (is_field(word, symbol->where))
			return true;
	return false;
}

/* It has changed since it was found, and points elsewhere now. */
static bool is_gone(const struct word *word)
{
	return !patcher_aim_range(word->aim, patcher_arch_load_word(word->hit->at));
}

static bool is_free_page(const struct word *word)
{
	return patcher_page_is_free(virt_to_page((void *)word->hit->at));
}

/*
 * Behind the object: where a freelist pointer is, and SLUB's record of who allocated it. Not
 * the object's own.
 */
static bool is_slab_record(const struct word *word)
{
	return word->hit->place == PATCHER_PLACE_SLAB &&
	       word->hit->at - word->hit->object >= word->hit->size;
}

/* With KASAN: nobody may touch it, as it was freed or was never given out. */
static bool is_poisoned(const struct word *word)
{
#ifdef CONFIG_KASAN_GENERIC
	unsigned long shadow, bytes;

	if (word->hit->place != PATCHER_PLACE_SLAB)
		return false;
	shadow = (unsigned long)kasan_mem_to_shadow((void *)word->hit->at);
	bytes = patcher_arch_load_word(shadow & ~7UL);
	return (s8)(bytes >> (shadow & 7) * 8) < 0;
#else
	return false;
#endif
}

/*
 * A neighbour's link to one of the lists that struct module itself is on. They are taken off by
 * free_module(), or are those of the modules' kset (kernel/module/main.c, sysfs.c).
 */
static bool is_neighbour(const struct word *word, const struct list_head *entry)
{
	return is_field(word, &entry->next->prev) || is_field(word, &entry->prev->next);
}

static bool is_loaders_link(const struct word *word)
{
	struct module *target = target_of(word);

	if (!is_within(word->value, target, sizeof(*target)))
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

static bool is_cache(const struct word *word, const char *name)
{
	return word->hit->place == PATCHER_PLACE_SLAB &&
	       !strcmp(patcher_memory_cache_name(word->hit->cache), name);
}

/* The node of the module's directory, or of one of its groups of attributes, which is in it. */
static bool is_directory(const struct word *word)
{
	const struct kobject *kobj = &target_of(word)->mkobj.kobj;
	struct kernfs_node *node = (struct kernfs_node *)word->hit->object;

	return is_cache(word, "kernfs_node_cache") && is_field(word, &node->priv) &&
	       word->value == (unsigned long)kobj &&
	       (node == kobj->sd || patcher_kernfs_parent(node) == kobj->sd);
}

/*
 * One of the directories in it that the loader or the driver core has made: a kobject, which has
 * such a node, and whose name nobody else can have there.
 */
static bool is_own_directory(const struct word *word)
{
	static const char *const names[] = { "holders", "notes", "drivers" };
	const struct kobject *parent = &target_of(word)->mkobj.kobj;
	const struct kobject *kobj = (struct kobject *)word->hit->object;
	unsigned int i;

	if (word->hit->place != PATCHER_PLACE_SLAB || word->hit->size < sizeof(*kobj) ||
	    !is_field(word, &kobj->parent) || word->value != (unsigned long)parent ||
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
static bool is_sysfs_record(const struct word *word)
{
	struct module *target = target_of(word);

	return is_directory(word) || is_own_directory(word) ||
#ifdef CONFIG_SYSFS
	       is_object(word, target->modinfo_attrs) ||
	       is_object(word, target->mkobj.mp) ||
#endif
#ifdef CONFIG_KALLSYMS
	       is_object(word, target->sect_attrs) || is_object(word, target->notes_attrs) ||
#endif
	       false;
}

/* Links between the target and the modules that it uses; free_module() drops them. */
static bool is_module_use(const struct word *word)
{
	struct patcher_module_use *use;
	bool found = false;

	if (word->hit->place != PATCHER_PLACE_SLAB)
		return false;
	mutex_lock(patcher_ksym.module_mutex);
	list_for_each_entry(use, &target_of(word)->target_list, target_list)
		found |= is_object(word, use);
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

	if (is_fixed && is_within(other->addr, (void *)start, size))
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

static bool is_record_of(const struct word *word, struct module *mod)
{
	struct other other = { .addr = word->hit->virt };

	if (is_within(other.addr, mod, sizeof(*mod)))
		return true;
#ifdef CONFIG_DYNAMIC_FTRACE
	if (is_within(other.addr, mod->ftrace_callsites,
		      mod->num_ftrace_callsites * sizeof(*mod->ftrace_callsites)))
		return true;
#endif
#ifdef CONFIG_EVENT_TRACING
	if (is_within(other.addr, mod->trace_evals,
		      mod->num_trace_evals * sizeof(*mod->trace_evals)))
		return true;
#endif
#ifdef CONFIG_KALLSYMS
	if (is_object(word, mod->sect_attrs) || is_object(word, mod->notes_attrs))
		return true;
#endif
	patcher_each_range(mod, look_if_fixed, &other);
	return other.is_fixed || is_patchable_entry(other.addr, mod);
}

static bool is_others_record(const struct word *word)
{
	struct module *mod;
	bool found = false;

	if (word->hit->place != PATCHER_PLACE_AREA && word->hit->place != PATCHER_PLACE_SLAB)
		return false;
	mutex_lock(patcher_ksym.module_mutex);
	list_for_each_entry(mod, patcher_ksym.modules, list)
		if (mod != target_of(word) && mod->state != MODULE_STATE_UNFORMED &&
		    is_record_of(word, mod)) {
			found = true;
			break;
		}
	mutex_unlock(patcher_ksym.module_mutex);
	return found;
}

/*
 * The heads of the loader's own lists, its tree of addresses, where ORC's tables were sorted last
 * (arch/x86/kernel/unwind_orc.c), and the registers of the first oops, which are printed once more
 * when the kernel panics (arch/x86/kernel/dumpstack.c).
 */
static bool is_known_variable(const struct word *word)
{
	static const char *const names[] = {
		"modules", "mod_tree", "module_bug_list", "cur_orc_table", "cur_orc_ip_table",
		"last_unloaded_module", "exec_summary_regs",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(word->symbol, names[i]))
			return true;
	return false;
}

/* What vmalloc has of the memory that is looked for (mm/vmalloc.c). */
static bool is_area_record(const struct word *word)
{
	const struct patcher_aim *aim = word->aim;
	const struct vm_struct *area;
	const struct vmap_area *bounds;
	unsigned int i;

	if (word->hit->place != PATCHER_PLACE_SLAB)
		return false;
	bounds = (struct vmap_area *)word->hit->object;
	for (i = 0; i < aim->number; i++) {
		area = aim->ranges[i].is_percpu ? NULL :
		       patcher_memory_find_area(aim->ranges[i].start);
		if (area && (is_field(word, &area->addr) || is_field(word, &area->caller) ||
			     (is_field(word, &bounds->va_start) &&
			      word->hit->size >= sizeof(*bounds) && bounds->vm == area)))
			return true;
	}
	return false;
}

/*
 * The end of the part of vmalloc space before it, in use or free: where the target's begins
 * (struct vmap_area, mm/vmalloc.c, 5.10 to 7.3).
 */
static bool is_area_before(const struct word *word)
{
	const struct vmap_area *bounds = (struct vmap_area *)word->hit->object;

	return word->hit->place == PATCHER_PLACE_SLAB && word->hit->size >= sizeof(*bounds) &&
	       is_field(word, &bounds->va_end) && !offset_in_page(word->value) &&
	       patcher_memory_is_area_record(bounds);
}

struct areas {
	const struct word *word;
	bool found;
};

static bool is_its_caller(void *data, struct vm_struct *area)
{
	struct areas *areas = data;

	areas->found = is_field(areas->word, &area->caller);
	return areas->found;
}

/*
 * Who made another area: .init text of a module that has been freed since, where the target
 * is now. Only printed.
 */
static bool is_caller_of_area(const struct word *word)
{
	struct areas areas = { .word = word };

	if (word->hit->place == PATCHER_PLACE_SLAB)
		patcher_memory_each_area(is_its_caller, &areas);
	return areas.found;
}

/*
 * From 6.13 on, modules' memory comes from a cache of larger areas, with one maple tree of those in
 * use and one of those that are free (static struct execmem_cache, mm/execmem.c). Whatever is in a
 * node of one of these is where such an area begins or ends, maybe long ago. A node's chain of
 * parents ends in its tree: MA_ROOT_PARENT, MAPLE_NODE_MASK (lib/maple_tree.c).
 */
static bool is_execmem_key(const struct word *word)
{
	unsigned long node = word->hit->object, parent, offset, size;
	unsigned int depth;

	if (!own.execmem_cache || word->hit->place != PATCHER_PLACE_SLAB ||
	    word->hit->size != 256 || !patcher_symbol_at(own.execmem_cache, &offset, &size))
		return false;
	for (depth = 0; depth < 16; depth++) {
		parent = patcher_arch_load_word(node);
		if (parent & 1)
			return (parent & ~1UL) - own.execmem_cache < size;
		node = parent & ~255UL;
		if (!virt_addr_valid((void *)node))
			return false;
	}
	return false;
}

/*
 * Records of ftrace's that are free: those in use have been taken away by ftrace_release_mod(),
 * and what is left behind the last one is not read.
 */
static bool is_ftrace_record(const struct word *word)
{
	struct ftrace_page page;
	unsigned long next = own.ftrace_pages ? *(unsigned long *)own.ftrace_pages : 0;

	if (word->hit->place != PATCHER_PLACE_PAGES)
		return false;
	while (next && patcher_arch_read(&page, (void *)next, sizeof(page))) {
		if (page.order >= 0 && page.order <= 10 &&
		    is_within(word->hit->at, page.records, PAGE_SIZE << page.order))
			return word->hit->at >= (unsigned long)(page.records + page.index);
		next = (unsigned long)page.next;
		cond_resched();
	}
	return false;
}

/*
 * While functions are traced, ftrace keeps the names of those in .init sections that have been
 * freed. They are only printed; the target's are gone (ftrace_release_mod()).
 */
static bool is_init_function(const struct word *word)
{
	struct ftrace_mod_map *map;
	struct list_head *link;
	bool found = false;

	if (!own.ftrace_mod_maps || !own.ftrace_lock || word->hit->place != PATCHER_PLACE_SLAB)
		return false;
	mutex_lock((struct mutex *)own.ftrace_lock);
	list_for_each_entry(map, (struct list_head *)own.ftrace_mod_maps, link) {
		found |= is_object(word, map);
		list_for_each(link, &map->functions)
			found |= is_object(word, link);
	}
	mutex_unlock((struct mutex *)own.ftrace_lock);
	return found;
}

/*
 * The per-CPU variables of modules lie in a chunk of their own; where that begins, the first
 * module's do (struct pcpu_chunk, mm/percpu-internal.h).
 */
static bool is_start_of_chunk(const struct word *word)
{
	const struct patcher_range *range = patcher_aim_range(word->aim, word->value);

	return range && range->is_percpu && word->value == range->start && own.reserved_chunk &&
	       is_within(word->hit->virt, *(void **)own.reserved_chunk, CHUNK_BYTES);
}

/* Is it an object that is on this list of the kernel's? */
static bool is_on_list(const struct word *word, unsigned long list, unsigned long lock,
		       size_t offset)
{
	struct list_head *link;
	bool found = false;

	if (!list || !lock || word->hit->place != PATCHER_PLACE_SLAB)
		return false;
	mutex_lock((struct mutex *)lock);
	list_for_each(link, (struct list_head *)list)
		found |= is_object(word, (char *)link - offset);
	mutex_unlock((struct mutex *)lock);
	return found;
}

/*
 * Up to 6.3, free_module() itself takes away the target's debug messages: struct ddebug_table,
 * lib/dynamic_debug.c, which begins with its link.
 */
static bool is_debug_table(const struct word *word)
{
	return is_on_list(word, own.ddebug_tables, own.ddebug_lock, 0);
}

/*
 * With one CPU, where the kernel may have to put back locks: struct smp_alt_module, which has
 * six pointers before its link (arch/x86/kernel/alternative.c, 5.10 to 6.12).
 */
static bool is_alternatives_record(const struct word *word)
{
	return is_on_list(word, own.smp_alt_modules, own.text_mutex, 6 * sizeof(long));
}

/*
 * A node of sysfs or its like that has been taken away, and stays because something has it in a
 * cache: whatever comes to it finds that it is inactive (KN_DEACTIVATED_BIAS,
 * fs/kernfs/kernfs-internal.h).
 */
static bool is_dead_kernfs_node(const struct word *word)
{
	const struct kernfs_node *node = (struct kernfs_node *)word->hit->object;

	return is_cache(word, "kernfs_node_cache") &&
	       (is_field(word, &node->priv) || is_field(word, &node->attr.ops)) &&
	       atomic_read(&node->active) == INT_MIN + 1;
}

/*
 * The beginning of struct proc_dir_entry, fs/proc/internal.h (read in 5.10 and 6.1). Its cache is
 * not merged, as a part of it may be copied to users.
 */
struct proc_entry {
	atomic_t in_use;
	refcount_t refcnt;
	struct list_head openers;
	spinlock_t lock;	/* the kernel's own */
	struct completion *completion;
	const void *inode_ops;
	const void *ops;
	const void *dentry_ops;
	const void *show;
	const void *write;
	const void *data;
};

/*
 * An entry of /proc that was removed, and stays because an inode of it is in the cache: use_pde()
 * fails for it from proc_entry_rundown() on, and without that nobody comes to what it has for an
 * open file. Its operations on dentries count: they are called all the same.
 */
static bool is_dead_proc_entry(const struct word *word)
{
	const struct proc_entry *entry = (struct proc_entry *)word->hit->object;

	return is_cache(word, "proc_dir_entry") &&
	       (is_field(word, &entry->ops) || is_field(word, &entry->show) ||
		is_field(word, &entry->write) || is_field(word, &entry->data)) &&
	       atomic_read(&entry->in_use) == INT_MIN;
}

/*
 * What an open file had for the operations that patcher has taken from it (act/revoke.c): those
 * that it has instead do not follow it. The cache is filp_cachep, fs/file_table.c.
 */
static bool is_taken_file(const struct word *word)
{
	const struct file *file = (struct file *)word->hit->object;

	return is_cache(word, "filp") && is_field(word, &file->private_data) &&
	       patcher_eio_answers(file);
}

#ifdef CONFIG_KPROBES
/* kprobe_table, kernel/kprobes.c, 5.10 to 7.3: KPROBE_TABLE_SIZE lists, by a hash of the address. */
#define KPROBE_TABLE_BITS	6

/* One of several in the same place is on a list of those. */
static bool is_address_of(const struct word *word, struct kprobe *probe)
{
	struct kprobe *other;

	if (is_field(word, &probe->addr))
		return true;
	list_for_each_entry_rcu(other, &probe->list, list)
		if (is_field(word, &other->addr))
			return true;
	return false;
}

/*
 * Where a kprobe was: the notifier has marked it as gone (kill_kprobe()), and nobody goes there any
 * more. Whoever has registered it need not know.
 */
static bool is_dead_kprobe(const struct word *word)
{
	unsigned long offset, size;
	struct hlist_head *head;
	struct kprobe *probe;
	bool found = false;

	if (!own.kprobe_table || !patcher_symbol_at(own.kprobe_table, &offset, &size) ||
	    size < sizeof(*head) << KPROBE_TABLE_BITS)
		return false;
	head = (struct hlist_head *)own.kprobe_table + hash_ptr((void *)word->value, KPROBE_TABLE_BITS);
	preempt_disable();
	hlist_for_each_entry_rcu(probe, head, hlist)
		if ((unsigned long)probe->addr == word->value && kprobe_gone(probe))
			found = found || is_address_of(word, probe);
	preempt_enable();
	return found;
}
#else
static bool is_dead_kprobe(const struct word *word)
{
	return false;
}
#endif

/*
 * The address of a hardware breakpoint: that is compared, and not followed. perf_breakpoint,
 * kernel/events/hw_breakpoint.c, and cpu_debugreg, arch/x86/kernel/hw_breakpoint.c, 5.10 to 7.3.
 */
#ifdef CONFIG_HAVE_HW_BREAKPOINT
static bool is_breakpoint(const struct word *word)
{
	const struct perf_event *event = (struct perf_event *)word->hit->object;
	unsigned long offset;
	char name[48];

	if (word->hit->place == PATCHER_PLACE_RESERVED)
		return patcher_place_percpu(word->hit->at, name, sizeof(name), &offset) &&
		       !strcmp(name, "cpu_debugreg");
	return own.perf_breakpoint && word->hit->place == PATCHER_PLACE_SLAB &&
	       word->hit->size >= sizeof(*event) &&
	       (is_field(word, &event->attr.bp_addr) || is_field(word, &event->hw.info.address)) &&
	       (unsigned long)event->pmu == own.perf_breakpoint;
}
#else
static bool is_breakpoint(const struct word *word)
{
	return false;
}
#endif

/*
 * Which of a node's entries are marked: bits, not pointers (struct xa_node). The cache is
 * radix_tree_node_cachep, lib/radix-tree.c, 5.10 to 7.3; it has a constructor, so nothing else
 * is in it.
 */
static bool is_bitmap(const struct word *word)
{
	return own.radix_tree_cache && word->hit->place == PATCHER_PLACE_SLAB &&
	       word->hit->cache == *(struct kmem_cache **)own.radix_tree_cache &&
	       word->hit->at - word->hit->object >= offsetof(struct xa_node, tags);
}

/*
 * What a worker has last run, which only the scheduler compares, for PSI: struct worker's
 * last_func (kernel/workqueue_internal.h, 5.10 to 7.3). The other function in there is the one that
 * runs now, current_func, which is the fourth word. So a word behind it that has the value of
 * last_func is that.
 */
static bool is_last_work(const struct word *word)
{
	struct task_struct *process, *task;
	bool found = false;

	if (word->hit->place != PATCHER_PLACE_SLAB)
		return false;
	rcu_read_lock();
	for_each_process_thread(process, task) {
		if (!(task->flags & PF_WQ_WORKER) || !is_object(word, kthread_data(task)))
			continue;
		found = word->hit->at - word->hit->object > 3 * sizeof(long) &&
			(unsigned long)patcher_memory_last_work(task) == word->value;
	}
	rcu_read_unlock();
	return found;
}

/*
 * A return address that the unwinder does not come to, or on the stack of a task that has ended: the
 * caller knows for certain that no task has a frame of the target's. A function's address is the beginning of a symbol.
 */
static bool is_inside_function(unsigned long value)
{
	unsigned long offset, size;

	return patcher_symbol_at(value, &offset, &size) && offset;
}

/* Of a task that sleeps, what is below its stack pointer is dead. */
static bool is_dead_part(const struct word *word, struct task_struct *task)
{
	unsigned long before = READ_ONCE(task->nvcsw) + READ_ONCE(task->nivcsw);
	unsigned long pointer;

	/* As in scan_sleeper() of occupants.c: the count, then that it is off the CPU. */
	smp_rmb();
	/* Pairs with the release in finish_task() of kernel/sched/core.c. */
	if (smp_load_acquire(&task->on_cpu))
		return false;
	pointer = patcher_arch_stack_pointer(task);
	/* The stack pointer was read before the count is looked at again. */
	smp_rmb();
	return word->hit->virt < pointer &&
	       before == READ_ONCE(task->nvcsw) + READ_ONCE(task->nivcsw);
}

/*
 * Stacks that are kept for the next task, which gets them zeroed: each CPU has two
 * (cached_stacks, kernel/fork.c, 4.14 to 7.3).
 */
#define CACHED_STACKS	2

static bool is_cached_stack(const struct word *word)
{
	struct vm_struct *area, **cached;
	int cpu, i;

	area = own.cached_stacks ? patcher_memory_find_area(word->hit->virt) : NULL;
	if (!area)
		return false;
	for_each_possible_cpu(cpu) {
		cached = (struct vm_struct **)(own.cached_stacks + per_cpu_offset(cpu));
		for (i = 0; i < CACHED_STACKS; i++)
			if (READ_ONCE(cached[i]) == area)
				return true;
	}
	return false;
}

static bool is_dead_stack(const struct word *word)
{
	struct task_struct *task;
	bool dead;

	if (!patcher_place_is_stack(word->hit))
		return false;
	if (patcher_within_text(target_of(word), word->value) && is_inside_function(word->value))
		return true;
	rcu_read_lock();
	task = patcher_place_task(word->hit);
	dead = task ? is_dead_part(word, task) : is_cached_stack(word);
	rcu_read_unlock();
	return dead;
}

/*
 * The stacks of interrupts: if a grace period has passed since the target's exit, every CPU has
 * been outside of all interrupts since.
 */
static bool is_interrupt_stack(const struct word *word)
{
	static const char *const names[] = { "irq_stack_backing_store", "exception_stacks" };
	unsigned long offset;
	unsigned int i;
	char name[48];

	if (!word->sweep->has_settled || word->hit->place != PATCHER_PLACE_RESERVED ||
	    !patcher_place_percpu(word->hit->at, name, sizeof(name), &offset))
		return false;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

#ifdef CONFIG_LOCKDEP
/* A variable of the kernel's in which the word lies, and how far behind its beginning. */
static bool is_in_variable(const struct word *word, const char *name, unsigned long *offset)
{
	unsigned long size;

	return !strcmp(word->symbol, name) && patcher_symbol_at(word->hit->virt, offset, &size);
}

/*
 * Lockdep's records, all in variables of kernel/locking/lockdep.c: key and name of a class of
 * locks, which lockdep_free_key_range() forgets in free_module() (6.1: zap_class()), and the return
 * addresses of stack traces, which are only printed.
 */
static bool is_lockdep_record(const struct word *word)
{
	unsigned long offset;

	if (is_in_variable(word, "lock_classes", &offset)) {
		offset %= sizeof(struct lock_class);
		return offset == offsetof(struct lock_class, key) ||
		       offset == offsetof(struct lock_class, name);
	}
	return is_in_variable(word, "stack_trace", &offset) &&
	       patcher_within_text(target_of(word), word->value);
}
#else
static bool is_lockdep_record(const struct word *word)
{
	return false;
}
#endif

/*
 * What debug_objects has noted: where an object lies. vfree() ends that for what is in the memory
 * that it frees (debug_check_no_obj_freed()). The cache is not merged (SLAB_DEBUG_OBJECTS;
 * lib/debugobjects.c).
 */
static bool is_debug_object(const struct word *word)
{
	const struct debug_obj *object = (struct debug_obj *)word->hit->object;

	return is_cache(word, "debug_objects_cache") && is_field(word, &object->object);
}

/*
 * What kmemleak has noted: where memory is, and who asked for it. It ends that itself when the
 * memory is freed. Nothing else is in these two caches, which are not merged (SLAB_NOLEAKTRACE),
 * and kmemleak calls nothing and follows nothing that it has noted (mm/kmemleak.c).
 */
static bool is_kmemleak_record(const struct word *word)
{
	return is_cache(word, "kmemleak_object") || is_cache(word, "kmemleak_scan_area");
}

static bool is_listed_task(const struct task_struct *task)
{
	struct task_struct *process, *thread;
	bool found = false;

	rcu_read_lock();
	for_each_process_thread(process, thread)
		found = found || thread == task;
	rcu_read_unlock();
	return found;
}

/*
 * What a task has for itself. When it has ended, do_exit() has let go of all that others may come
 * to, and what is left, as its stack and its struct kthread, is only freed with it. One that was
 * parked does not come back to what it has left of its stack. The cache is task_struct_cachep,
 * kernel/fork.c, which is not merged, as a part of it may be copied to users.
 */
static bool is_own_of_task(const struct word *word)
{
	const struct task_struct *task = (struct task_struct *)word->hit->object;

	return is_cache(word, "task_struct") &&
	       (is_within(word->value, READ_ONCE(task->stack), THREAD_SIZE) ||
		!is_listed_task(task));
}

typedef bool rule_fn(const struct word *word);

/* Those that are cheap and often true come first. */
static rule_fn *const rules[] = {
	is_gone,
	is_own,
	is_bound,
	is_known_variable,
	is_loaders_link,
	is_sysfs_record,
	is_slab_record,
	is_poisoned,
	is_free_page,
	is_area_record,
	is_area_before,
	is_execmem_key,
	is_dead_kernfs_node,
	is_dead_proc_entry,
	is_taken_file,
	is_dead_kprobe,
	is_bitmap,
	is_lockdep_record,
	is_debug_object,
	is_kmemleak_record,
	is_module_use,
	is_others_record,
	is_ftrace_record,
	is_debug_table,
	is_init_function,
	is_start_of_chunk,
	is_alternatives_record,
	is_dead_stack,
	is_last_work,
	is_caller_of_area,
	is_interrupt_stack,
	is_breakpoint,
};

/* Those that are true of what points to any memory. */
static rule_fn *const link_rules[] = {
	is_gone,
	is_own,
	is_slab_record,
	is_poisoned,
	is_free_page,
	is_area_record,
	is_area_before,
	is_debug_object,
	is_kmemleak_record,
	is_own_of_task,
	is_dead_stack,
	is_interrupt_stack,
};

static bool is_known(const struct word *word, rule_fn *const *rule, unsigned int number)
{
	for (; number; number--, rule++)
		if ((*rule)(word))
			return true;
	return false;
}

static void find_symbol(struct word *word)
{
	char *plus;

	word->symbol[0] = '\0';
	if (word->hit->place != PATCHER_PLACE_IMAGE)
		return;
	sprint_symbol(word->symbol, word->hit->virt);
	plus = strchr(word->symbol, '+');
	if (plus)
		*plus = '\0';
}

static int apply_rules(const struct patcher_aim *aim, const struct patcher_sweep *sweep,
		       struct patcher_hits *hits, rule_fn *const *rule, unsigned int rules_number)
{
	struct word word = { .aim = aim, .sweep = sweep };
	unsigned int i;
	int number = 0;

	for (i = 0; i < hits->number; i++) {
		word.hit = &hits->list[i];
		word.value = patcher_hit_value(word.hit);
		find_symbol(&word);
		hits->list[i].is_residue = !is_known(&word, rule, rules_number);
		number += hits->list[i].is_residue;
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return number;
}

/**
 * patcher_identify - which of the words may be residue?
 * @aim: what was looked for
 * @sweep: what is the caller's own
 * @hits: their places are known; is_residue is set
 *
 * What is in free objects of a slab cache counts, too: patcher_exhaust() knows.
 *
 * Context: may sleep.
 * Return: how many, or -EINTR.
 */
int patcher_identify(const struct patcher_aim *aim, const struct patcher_sweep *sweep,
		     struct patcher_hits *hits)
{
	return apply_rules(aim, sweep, hits, rules, ARRAY_SIZE(rules));
}

/**
 * patcher_identify_links - which of the words may lead to what they point to?
 * @aim: what was looked for, which is not the target
 * @sweep: what is the caller's own
 * @hits: their places are known; is_residue is set
 *
 * As patcher_identify() in all else.
 */
int patcher_identify_links(const struct patcher_aim *aim, const struct patcher_sweep *sweep,
			   struct patcher_hits *hits)
{
	return apply_rules(aim, sweep, hits, link_rules, ARRAY_SIZE(link_rules));
}

/**
 * patcher_identity_init - find the records of the kernel's that the rules know
 *
 * Where one is not there, the words in it count as residue.
 *
 * Context: this module's init; may sleep.
 */
int patcher_identity_init(void)
{
	static const struct patcher_wanted wanted[] = {
		{ "ftrace_pages_start", &own.ftrace_pages, true },
		{ "ftrace_mod_maps", &own.ftrace_mod_maps, true },
		{ "ftrace_lock", &own.ftrace_lock, true },
		{ "pcpu_reserved_chunk", &own.reserved_chunk, true },
		{ "ddebug_tables", &own.ddebug_tables, true },
		{ "cached_stacks", &own.cached_stacks, true },
		{ "radix_tree_node_cachep", &own.radix_tree_cache, true },
		{ "execmem_cache", &own.execmem_cache, true },
		{ "ddebug_lock", &own.ddebug_lock, true },
		{ "smp_alt_modules", &own.smp_alt_modules, true },
		{ "text_mutex", &own.text_mutex, true },
		{ "kprobe_table", &own.kprobe_table, true },
		{ "perf_breakpoint", &own.perf_breakpoint, true },
		{ }
	};

	memset(&own, 0, sizeof(own));
	patcher_resolve(wanted);
	return 0;
}
