/* SPDX-License-Identifier: GPL-2.0 */
/*
 * word: one word that points into a target, and what the rules of identity ask of it.
 */
#ifndef PATCHER_WORD_H
#define PATCHER_WORD_H

#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/types.h>

#include "kernel/memory.h"
#include "look/walk.h"

struct patcher_sweep;

/**
 * struct patcher_word - one word, and all there is to judge it by
 * @aim: what was looked for
 * @sweep: what is the caller's own
 * @hit: where it lies
 * @value: the word
 * @symbol: the symbol in the kernel's image where it lies; or empty
 */
struct patcher_word {
	const struct patcher_aim *aim;
	const struct patcher_sweep *sweep;
	const struct patcher_hit *hit;
	unsigned long value;
	char symbol[KSYM_SYMBOL_LEN];
};

/**
 * struct patcher_known - the kernel's own variables that rules know; 0 where one is not there
 * @ftrace_pages: ftrace_pages_start: its records of functions
 * @ftrace_mod_maps: the names of functions in .init sections that have been freed
 * @ftrace_lock: of these
 * @ddebug_tables: the debug messages of each module
 * @ddebug_lock: of these
 * @smp_alt_modules: where locks may have to be put back
 * @text_mutex: of these
 * @reserved_chunk: pcpu_reserved_chunk: that of the modules' per-CPU variables
 * @execmem_cache: of larger areas, for modules
 * @radix_tree_cache: radix_tree_node_cachep
 * @cached_stacks: per CPU: for the next task
 * @kprobe_table: all kprobes, by their address
 * @kprobe_ops: kprobe_ftrace_ops: those of kprobes on functions that ftrace knows
 * @kprobe_ipmodify_ops: those of them that change where the function goes on
 * @perf_breakpoint: the PMU of hardware breakpoints
 * @perf_trace_buf: where events for perf are put together
 * @stack_depot: the pages of stack traces that are kept for reports
 *
 * Where one is not there, the words that it would explain count as residue.
 */
struct patcher_known {
	unsigned long ftrace_pages;
	unsigned long ftrace_mod_maps;
	unsigned long ftrace_lock;
	unsigned long ddebug_tables;
	unsigned long ddebug_lock;
	unsigned long smp_alt_modules;
	unsigned long text_mutex;
	unsigned long reserved_chunk;
	unsigned long execmem_cache;
	unsigned long radix_tree_cache;
	unsigned long cached_stacks;
	unsigned long kprobe_table;
	unsigned long kprobe_ops;
	unsigned long kprobe_ipmodify_ops;
	unsigned long perf_breakpoint;
	unsigned long perf_trace_buf;
	unsigned long stack_depot;
};

/* A rule: is the word known to be what the rule's name says? May sleep. */
typedef bool (*patcher_rule_fn)(const struct patcher_word *word);

static inline bool word_matches(const struct patcher_word *word, const patcher_rule_fn *rule,
				unsigned int number)
{
	for (; number; number--, rule++)
		if ((*rule)(word))
			return true;
	return false;
}

static inline struct module *word_target(const struct patcher_word *word)
{
	return word->aim->target;
}

static inline bool patcher_is_within(unsigned long addr, const void *start, size_t size)
{
	return start && addr - (unsigned long)start < size;
}

/* Does the word lie in the slab object that begins there? */
static inline bool word_in_object(const struct patcher_word *word, const void *object)
{
	return object && word->hit->place == PATCHER_PLACE_SLAB &&
	       patcher_is_within((unsigned long)object, (void *)word->hit->object,
				 word->hit->size);
}

/* Does it lie in an object of that cache? */
static inline bool word_in_cache(const struct patcher_word *word, const char *name)
{
	return word->hit->place == PATCHER_PLACE_SLAB &&
	       !strcmp(patcher_memory_cache_name(word->hit->cache), name);
}

/* Is it this very field? */
static inline bool word_is_field(const struct patcher_word *word, const void *field)
{
	return word->hit->virt == (unsigned long)field;
}

bool patcher_known_to_loader(const struct patcher_word *word);
bool patcher_known_as_free(const struct patcher_word *word);
bool patcher_known_to_memory(const struct patcher_word *word);
bool patcher_known_on_stack(const struct patcher_word *word);
bool patcher_known_as_dead(const struct patcher_word *word);
bool patcher_known_to_debugging(const struct patcher_word *word);

extern struct patcher_known patcher_known;

void patcher_known_init(void);

#endif /* PATCHER_WORD_H */
