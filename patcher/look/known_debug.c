// SPDX-License-Identifier: GPL-2.0
/*
 * known_debug: words in what the kernel notes to find and report faults.
 *
 * Read in Linux 6.1.
 */
#include <linux/debugobjects.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/percpu.h>
#include <linux/string.h>
#include <linux/trace_events.h>

#include "kernel/compat.h"
#include "kernel/ksym.h"
#include "look/place.h"
#include "look/word.h"

#ifdef CONFIG_LOCKDEP
/* A variable of the kernel's in which the word lies, and how far behind its beginning. */
static bool is_in_variable(const struct patcher_word *word, const char *name, unsigned long *offset)
{
	unsigned long size;

	return !strcmp(word->symbol, name) && patcher_symbol_at(word->hit->virt, offset, &size);
}

/*
 * Lockdep's records, all in variables of kernel/locking/lockdep.c: key and name of a class of
 * locks, which lockdep_free_key_range() forgets in free_module() (6.1: zap_class()), and the return
 * addresses of stack traces, which are only printed; mostly old ones, of what was there before the
 * target. What it has of pairs of locks, list_entries, points to classes; and, from the last search,
 * to stacks.
 */
static bool is_lockdep_record(const struct patcher_word *word)
{
	unsigned long offset;

	if (is_in_variable(word, "lock_classes", &offset)) {
		offset %= sizeof(struct lock_class);
		return offset == offsetof(struct lock_class, key) ||
		       offset == offsetof(struct lock_class, name);
	}
	return is_in_variable(word, "stack_trace", &offset) ||
	       is_in_variable(word, "list_entries", &offset);
}
#else
static bool is_lockdep_record(const struct patcher_word *word)
{
	return false;
}
#endif

/*
 * The registers of the first oops, which are printed once more when the kernel panics
 * (arch/x86/kernel/dumpstack.c).
 */
static bool is_register_of_oops(const struct patcher_word *word)
{
	return !strcmp(word->symbol, "exec_summary_regs");
}

/*
 * Where the last event was put together that perf was told of, with the address that a probe was at
 * (perf_trace_buf, kernel/trace/trace_event_perf.c, 5.10 to 7.3: one for each context that perf
 * counts apart, in per-CPU memory of PERF_MAX_TRACE_SIZE). It is written before it is read.
 */
#define PERF_CONTEXTS	4

struct perf_buffer {
	char __percpu *start;
};

static bool is_perf_buffer(const struct patcher_word *word)
{
	const struct perf_buffer *buffers = (void *)patcher_known.perf_trace_buf;
	unsigned int i;
	int cpu;

	for (i = 0; buffers && i < PERF_CONTEXTS; i++)
		for_each_possible_cpu(cpu)
			if (buffers[i].start &&
			    patcher_is_within(word->hit->virt, per_cpu_ptr(buffers[i].start, cpu),
					      PERF_MAX_TRACE_SIZE))
				return true;
	return false;
}

/*
 * Where a stack is put together that becomes part of an event: ftrace_stacks, per CPU,
 * kernel/trace/trace.c, 5.10 to 7.3. It is written before it is read.
 */
static bool is_traced_stack(const struct patcher_word *word)
{
	unsigned long offset;
	char name[48];

	return word->hit->place == PATCHER_PLACE_RESERVED &&
	       patcher_place_percpu(word->hit->at, name, sizeof(name), &offset) &&
	       !strcmp(name, "ftrace_stacks");
}

/*
 * A stack trace that is kept for reports, maybe of what was there before the target: the stack
 * depot, an array of pointers to blocks of 4 pages each (stack_slabs, lib/stackdepot.c, 5.10 and
 * 6.1; stack_pools, 6.12). Where it is no array, the trace counts.
 */
#define DEPOT_ORDER	2

static bool is_trace_in_depot(const struct patcher_word *word)
{
	void **blocks = (void **)patcher_known.stack_depot;
	unsigned long offset, size = 0, i;

	if (!blocks || word->hit->place != PATCHER_PLACE_PAGES ||
	    !patcher_symbol_at((unsigned long)blocks, &offset, &size) || offset)
		return false;
	for (i = 0; i < size / sizeof(*blocks); i++)
		if (patcher_is_within(word->hit->at, READ_ONCE(blocks[i]), PAGE_SIZE << DEPOT_ORDER))
			return true;
	return false;
}

/*
 * What debug_objects has noted: where an object lies. vfree() ends that for what is in the memory
 * that it frees (debug_check_no_obj_freed()). The cache is not merged (SLAB_DEBUG_OBJECTS;
 * lib/debugobjects.c).
 */
static bool is_debug_object(const struct patcher_word *word)
{
	const struct debug_obj *object = (struct debug_obj *)word->hit->object;

	return word_in_cache(word, "debug_objects_cache") && word_is_field(word, &object->object);
}

/*
 * What kmemleak has noted: where memory is, and who asked for it. It ends that itself when the
 * memory is freed. Nothing else is in these two caches, which are not merged (SLAB_NOLEAKTRACE),
 * and kmemleak calls nothing and follows nothing that it has noted (mm/kmemleak.c).
 */
static bool is_kmemleak_record(const struct patcher_word *word)
{
	return word_in_cache(word, "kmemleak_object") || word_in_cache(word, "kmemleak_scan_area");
}

static const patcher_rule_fn debug_rules[] = {
	is_register_of_oops,
	is_lockdep_record,
	is_debug_object,
	is_kmemleak_record,
	is_perf_buffer,
	is_traced_stack,
	is_trace_in_depot,
};

/**
 * patcher_known_to_debugging - is it only noted, for reports?
 * @word: points into what was looked for
 *
 * Context: any.
 */
bool patcher_known_to_debugging(const struct patcher_word *word)
{
	return word_matches(word, debug_rules, ARRAY_SIZE(debug_rules));
}
