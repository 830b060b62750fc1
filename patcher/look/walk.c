// SPDX-License-Identifier: GPL-2.0
/*
 * walk: reads all of the kernel's memory for words that point into a target.
 *
 * Each CPU takes a piece of the direct map after another, under no lock, and gives way to others
 * every 256 KiB. What lies in the target itself, one word or another, is no word from outside.
 */
#include <linux/bsearch.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "kernel/arch/arch.h"
#include "kernel/compat.h"
#include "kernel/memory.h"
#include "kernel/pages.h"
#include "look/walk.h"

/* Pages that one CPU takes at a time, and after how many that were read it gives way. */
#define PIECE		2048
#define PAUSE		64
#define HELPERS_MAX	63

struct walk {
	const struct patcher_aim *aim;
	struct patcher_hits *hits;
	atomic_long_t next;
	bool stop;
};

static void note_range(struct patcher_aim *aim, unsigned long start, unsigned long size,
		       bool is_percpu)
{
	if (!size)
		return;
	aim->ranges[aim->number++] = (struct patcher_range) {
		.start = start,
		.end = start + size,
		.is_percpu = is_percpu,
		.is_apart = is_percpu,
	};
}

static void note_module_range(void *data, unsigned long start, unsigned long size, bool is_fixed)
{
	note_range(data, start, size, false);
}

static void find_hull(const struct patcher_aim *aim, bool apart, unsigned long *low,
		      unsigned long *span)
{
	unsigned long high = 0;
	unsigned int i;

	*low = ULONG_MAX;
	for (i = 0; i < aim->number; i++) {
		if (aim->ranges[i].is_apart != apart)
			continue;
		*low = min(*low, aim->ranges[i].start);
		high = max(high, aim->ranges[i].end);
	}
	*span = high > *low ? high - *low : 0;
}

static void find_hulls(struct patcher_aim *aim)
{
	find_hull(aim, false, &aim->low, &aim->span);
	find_hull(aim, true, &aim->apart_low, &aim->apart_span);
}

static unsigned long pfn_of(unsigned long addr)
{
	if (patcher_memory_is_in_area(addr))
		return vmalloc_to_pfn((void *)addr);
	return PHYS_PFN(__pa(addr));
}

static int compare_pages(const void *left, const void *right)
{
	unsigned long a = *(const unsigned long *)left, b = *(const unsigned long *)right;

	return a < b ? -1 : a > b;
}

static bool is_page_of(const struct patcher_aim *aim, unsigned long pfn)
{
	return bsearch(&pfn, aim->pages, aim->pages_number, sizeof(pfn), compare_pages);
}

static int list_pages(struct patcher_aim *aim)
{
	unsigned long addr;
	unsigned int i, number = 0;

	for (i = 0; i < aim->number; i++)
		if (!aim->ranges[i].is_percpu)
			number += (aim->ranges[i].end - aim->ranges[i].start) / PAGE_SIZE + 2;
	aim->pages = kvcalloc(number, sizeof(*aim->pages), GFP_KERNEL);
	if (!aim->pages)
		return -ENOMEM;
	for (i = 0; i < aim->number; i++) {
		if (aim->ranges[i].is_percpu)
			continue;
		for (addr = aim->ranges[i].start & PAGE_MASK; addr < aim->ranges[i].end;
		     addr += PAGE_SIZE)
			aim->pages[aim->pages_number++] = pfn_of(addr);
	}
	sort(aim->pages, aim->pages_number, sizeof(*aim->pages), compare_pages, NULL);
	return 0;
}

/* Is it in a CPU's copy of the target's per-CPU variables? That need not fill a page. */
static bool is_in_copies(const struct patcher_aim *aim, unsigned long at)
{
	const struct patcher_range *range;
	unsigned long page, virt;

	for (range = aim->ranges; range < aim->ranges + aim->number; range++) {
		if (!range->is_percpu)
			continue;
		for (page = range->start & PAGE_MASK; page < range->end; page += PAGE_SIZE) {
			virt = page + offset_in_page(at);
			if (pfn_of(page) == PHYS_PFN(__pa(at)) &&
			    virt >= range->start && virt < range->end)
				return true;
		}
	}
	return false;
}

/**
 * patcher_aim_init - what has to be looked for
 * @aim: out
 * @target: whose memory is there
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int patcher_aim_init(struct patcher_aim *aim, struct module *target)
{
	int cpu;

	*aim = (struct patcher_aim) { .target = target };
	aim->ranges = kvcalloc(PATCHER_RANGES_MAX + num_possible_cpus(), sizeof(*aim->ranges),
			       GFP_KERNEL);
	if (!aim->ranges)
		return -ENOMEM;
	patcher_each_range(target, note_module_range, aim);
	if (target->percpu_size)
		for_each_possible_cpu(cpu)
			note_range(aim, (unsigned long)per_cpu_ptr(target->percpu, cpu),
				   target->percpu_size, true);
	find_hulls(aim);
	if (!list_pages(aim))
		return 0;
	patcher_aim_free(aim);
	return -ENOMEM;
}

/**
 * patcher_aim_init_ranges - look for what points into other memory
 * @aim: out
 * @from: what was looked for before; stays for as long as @aim. Its target's memory is not read
 * @ranges: the memory
 * @number: of @ranges
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int patcher_aim_init_ranges(struct patcher_aim *aim, const struct patcher_aim *from,
			    const struct patcher_range *ranges, unsigned int number)
{
	*aim = (struct patcher_aim) {
		.target = from->target,
		.number = number,
		.pages = from->pages,
		.pages_number = from->pages_number,
		.borrows_pages = true,
	};
	aim->ranges = kvmalloc_array(number, sizeof(*ranges), GFP_KERNEL);
	if (!aim->ranges)
		return -ENOMEM;
	memcpy(aim->ranges, ranges, number * sizeof(*ranges));
	find_hulls(aim);
	return 0;
}

/**
 * patcher_aim_free - the end of it
 * @aim: from patcher_aim_init() or patcher_aim_init_ranges()
 */
void patcher_aim_free(struct patcher_aim *aim)
{
	if (!aim->borrows_pages)
		kvfree(aim->pages);
	kvfree(aim->ranges);
}

/**
 * patcher_aim_range - where in the target does a word point?
 * @aim: what is looked for
 * @word: any
 *
 * Return: NULL if nowhere.
 */
const struct patcher_range *patcher_aim_range(const struct patcher_aim *aim, unsigned long word)
{
	unsigned int i;

	for (i = 0; i < aim->number; i++)
		if (word >= aim->ranges[i].start && word < aim->ranges[i].end)
			return &aim->ranges[i];
	return NULL;
}

static void note_word(struct walk *walk, unsigned long at, unsigned long word)
{
	unsigned int number;

	if (!patcher_aim_range(walk->aim, word))
		return;
	number = atomic_inc_return(&walk->hits->found) - 1;
	if (number >= PATCHER_HITS_MAX)
		return;
	walk->hits->list[number].at = at;
	walk->hits->list[number].not_value = ~word;
}

/* Goes word by word to the end of those 64 bytes. */
static unsigned long note_words(struct walk *walk, unsigned long at, unsigned long low,
				unsigned long span)
{
	unsigned long word;

	do {
		word = patcher_arch_load_word(at);
		if (word - low < span)
			note_word(walk, at, word);
		at += sizeof(word);
	} while (at & 63);
	return at;
}

static void scan_page(struct walk *walk, unsigned long page, unsigned long low,
		      unsigned long span)
{
	unsigned long at = page, end = page + PAGE_SIZE;

	for (;;) {
		at = patcher_arch_find_word(at, end, low, span);
		if (at >= end || is_page_of(walk->aim, PHYS_PFN(__pa(page))))
			return;
		at = note_words(walk, at, low, span);
		if (at >= end)
			return;
	}
}

static unsigned long walk_pages(struct walk *walk, unsigned long pfn)
{
	const struct patcher_aim *aim = walk->aim;
	unsigned long pages, page = (unsigned long)pfn_to_kaddr(pfn);

	if (!patcher_page_is_kernels(pfn, &pages))
		return pages;
	scan_page(walk, page, aim->low, aim->span);
	if (aim->apart_span)
		scan_page(walk, page, aim->apart_low, aim->apart_span);
	if (!(atomic_long_inc_return(&walk->hits->pages) % PAUSE))
		cond_resched();
	return 1;
}

/* One piece; false if there is none any more. */
static bool walk_piece(struct walk *walk)
{
	unsigned long pfn = atomic_long_fetch_add(PIECE, &walk->next);
	unsigned long end = min(pfn + PIECE, patcher_memory.max_pfn);

	if (pfn >= patcher_memory.max_pfn)
		return false;
	patcher_memory_hold();
	while (pfn < end)
		pfn += walk_pages(walk, pfn);
	patcher_memory_release();
	cond_resched();
	return true;
}

static int help_to_walk(void *data)
{
	struct walk *walk = data;

	while (!READ_ONCE(walk->stop) && !kthread_should_stop() && walk_piece(walk))
		;
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

static void walk_all(struct walk *walk)
{
	struct task_struct *helpers[HELPERS_MAX];
	unsigned int wanted = min_t(unsigned int, num_online_cpus() - 1, HELPERS_MAX);
	unsigned int i, number = 0;

	for (; number < wanted; number++) {
		helpers[number] = kthread_run(help_to_walk, walk, "patcher_sweep/%u", number);
		/* The others do its part. */
		if (IS_ERR(helpers[number]))
			break;
	}
	while (!READ_ONCE(walk->stop) && walk_piece(walk))
		if (signal_pending(current))
			WRITE_ONCE(walk->stop, true);
	for (i = 0; i < number; i++)
		kthread_stop(helpers[i]);
}

static int compare_hits(const void *left, const void *right)
{
	const struct patcher_hit *a = left, *b = right;

	return a->at < b->at ? -1 : a->at > b->at;
}

/* Drops what lies in the target's per-CPU variables themselves. */
static void drop_own(const struct patcher_aim *aim, struct patcher_hits *hits)
{
	unsigned int i, kept = 0;

	for (i = 0; i < hits->number; i++)
		if (!is_in_copies(aim, hits->list[i].at))
			hits->list[kept++] = hits->list[i];
	hits->number = kept;
}

/**
 * patcher_walk - find all words that point into the target, from outside
 * @aim: what is looked for
 * @hits: out
 *
 * Context: process context, sleeps.
 * Return: 0 or -EINTR.
 */
int patcher_walk(const struct patcher_aim *aim, struct patcher_hits *hits)
{
	struct walk walk = { .aim = aim, .hits = hits };

	atomic_set(&hits->found, 0);
	atomic_long_set(&hits->pages, 0);
	memset(hits->list, 0, sizeof(hits->list));
	walk_all(&walk);
	if (walk.stop)
		return -EINTR;
	hits->number = min_t(unsigned int, atomic_read(&hits->found), PATCHER_HITS_MAX);
	sort(hits->list, hits->number, sizeof(hits->list[0]), compare_hits, NULL);
	drop_own(aim, hits);
	return 0;
}

/**
 * patcher_hits_residue - how many of the words are residue
 * @hits: all words
 */
int patcher_hits_residue(const struct patcher_hits *hits)
{
	unsigned int i;
	int number = 0;

	for (i = 0; i < hits->number; i++)
		number += hits->list[i].is_residue;
	return number;
}
