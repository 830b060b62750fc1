// SPDX-License-Identifier: GPL-2.0
/*
 * known_dead: words in what has been taken out of use, and stays for a while as a record.
 *
 * Read in Linux 6.1 unless a rule says otherwise.
 */
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/kernfs.h>
#include <linux/kprobes.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>
#include <linux/rculist.h>
#include <linux/string.h>

#include "kernel/compat.h"
#include "kernel/eio.h"
#include "kernel/ksym.h"
#include "look/place.h"
#include "look/word.h"

/*
 * A node of sysfs or its like that has been taken away, and stays because something has it in a
 * cache: whatever comes to it finds that it is inactive (KN_DEACTIVATED_BIAS,
 * fs/kernfs/kernfs-internal.h).
 */
static bool is_dead_kernfs_node(const struct patcher_word *word)
{
	const struct kernfs_node *node = (struct kernfs_node *)word->hit->object;

	return word_in_cache(word, "kernfs_node_cache") &&
	       (word_is_field(word, &node->priv) || word_is_field(word, &node->attr.ops)) &&
	       atomic_read(&node->active) == INT_MIN + 1;
}

/*
 * An entry of /proc that was removed, and stays because an inode of it is in the cache: use_pde()
 * fails for it from proc_entry_rundown() on (fs/proc/inode.c), and without that nobody comes to
 * what it has for an open file. Nor does anybody complete what lay on the stack of the task that
 * removed it. Its operations on inodes and dentries have been copied to these, and count there. The
 * number of its users is the first of struct proc_dir_entry (fs/proc/internal.h, 5.10 to 7.3), and
 * is no pointer's lower half in any kernel; the cache is not merged, as a part of it may be copied
 * to users.
 */
static bool is_dead_proc_entry(const struct patcher_word *word)
{
	return word_in_cache(word, "proc_dir_entry") &&
	       atomic_read((atomic_t *)word->hit->object) == INT_MIN;
}

/*
 * What an open file had for the operations that patcher has taken from it (act/revoke.c): those
 * that it has instead do not follow it. The cache is filp_cachep, fs/file_table.c.
 */
static bool is_taken_file(const struct patcher_word *word)
{
	const struct file *file = (struct file *)word->hit->object;

	return word_in_cache(word, "filp") && word_is_field(word, &file->private_data) &&
	       patcher_eio_answers(file);
}

#ifdef CONFIG_KPROBES
/* kprobe_table, kernel/kprobes.c, 5.10 to 7.3: KPROBE_TABLE_SIZE lists, by a hash of the address */
#define KPROBE_TABLE_BITS	6

/* One of several in the same place is on a list of those. */
static bool is_address_of(const struct patcher_word *word, struct kprobe *probe)
{
	struct kprobe *other;

	if (word_is_field(word, &probe->addr))
		return true;
	list_for_each_entry_rcu(other, &probe->list, list)
		if (word_is_field(word, &other->addr))
			return true;
	return false;
}

/*
 * Where a kprobe was: the notifier has marked it as gone (kill_kprobe()), and nobody goes there any
 * more. Whoever has registered it need not know.
 */
static bool is_dead_kprobe(const struct patcher_word *word)
{
	unsigned long table = patcher_known.kprobe_table;
	unsigned long offset, size;
	struct hlist_head *head;
	struct kprobe *probe;
	bool found = false;

	if (!table || !patcher_symbol_at(table, &offset, &size) ||
	    size < sizeof(*head) << KPROBE_TABLE_BITS)
		return false;
	head = (struct hlist_head *)table + hash_ptr((void *)word->value, KPROBE_TABLE_BITS);
	preempt_disable();
	hlist_for_each_entry_rcu(probe, head, hlist)
		if ((unsigned long)probe->addr == word->value && kprobe_gone(probe))
			found = found || is_address_of(word, probe);
	preempt_enable();
	return found;
}
#else
static bool is_dead_kprobe(const struct patcher_word *word)
{
	return false;
}
#endif

/*
 * The address of a hardware breakpoint: that is compared, and not followed. perf_breakpoint,
 * kernel/events/hw_breakpoint.c, and cpu_debugreg, arch/x86/kernel/hw_breakpoint.c, 5.10 to 7.3.
 */
#ifdef CONFIG_HAVE_HW_BREAKPOINT
static bool is_breakpoint(const struct patcher_word *word)
{
	const struct perf_event *event = (struct perf_event *)word->hit->object;
	unsigned long offset;
	char name[48];

	if (word->hit->place == PATCHER_PLACE_RESERVED)
		return patcher_place_percpu(word->hit->at, name, sizeof(name), &offset) &&
		       !strcmp(name, "cpu_debugreg");
	return patcher_known.perf_breakpoint && word->hit->place == PATCHER_PLACE_SLAB &&
	       word->hit->size >= sizeof(*event) &&
	       (word_is_field(word, &event->attr.bp_addr) ||
		word_is_field(word, &event->hw.info.address)) &&
	       (unsigned long)event->pmu == patcher_known.perf_breakpoint;
}
#else
static bool is_breakpoint(const struct patcher_word *word)
{
	return false;
}
#endif

static const patcher_rule_fn dead_rules[] = {
	is_dead_kernfs_node,
	is_dead_proc_entry,
	is_taken_file,
	is_dead_kprobe,
	is_breakpoint,
};

/**
 * patcher_known_as_dead - is it in something that nobody comes to any more?
 * @word: points into what was looked for
 *
 * Context: may sleep.
 */
bool patcher_known_as_dead(const struct patcher_word *word)
{
	return word_matches(word, dead_rules, ARRAY_SIZE(dead_rules));
}
