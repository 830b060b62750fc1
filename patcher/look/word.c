// SPDX-License-Identifier: GPL-2.0
/*
 * word: one word that points into a target, and what the rules of identity ask of it.
 */
#include <linux/string.h>

#include "kernel/ksym.h"
#include "look/word.h"

struct patcher_known patcher_known;

/**
 * patcher_known_init - find the variables of the kernel's that the rules know
 *
 * Context: this module's init; may sleep.
 */
void patcher_known_init(void)
{
	/* Its name up to 6.8, and from then on. */
	static unsigned long stack_slabs, stack_pools;
	static const struct patcher_wanted wanted[] = {
		{ "ftrace_pages_start", &patcher_known.ftrace_pages, true },
		{ "ftrace_mod_maps", &patcher_known.ftrace_mod_maps, true },
		{ "ftrace_lock", &patcher_known.ftrace_lock, true },
		{ "ddebug_tables", &patcher_known.ddebug_tables, true },
		{ "ddebug_lock", &patcher_known.ddebug_lock, true },
		{ "smp_alt_modules", &patcher_known.smp_alt_modules, true },
		{ "text_mutex", &patcher_known.text_mutex, true },
		{ "pcpu_reserved_chunk", &patcher_known.reserved_chunk, true },
		{ "execmem_cache", &patcher_known.execmem_cache, true },
		{ "radix_tree_node_cachep", &patcher_known.radix_tree_cache, true },
		{ "cached_stacks", &patcher_known.cached_stacks, true },
		{ "kprobe_table", &patcher_known.kprobe_table, true },
		{ "kprobe_ftrace_ops", &patcher_known.kprobe_ops, true },
		{ "kprobe_ipmodify_ops", &patcher_known.kprobe_ipmodify_ops, true },
		{ "perf_breakpoint", &patcher_known.perf_breakpoint, true },
		{ "perf_trace_buf", &patcher_known.perf_trace_buf, true },
		{ "stack_slabs", &stack_slabs, true },
		{ "stack_pools", &stack_pools, true },
		{ }
	};

	memset(&patcher_known, 0, sizeof(patcher_known));
	stack_slabs = 0;
	stack_pools = 0;
	patcher_resolve(wanted);
	patcher_known.stack_depot = stack_pools ? stack_pools : stack_slabs;
}
