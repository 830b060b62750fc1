/* SPDX-License-Identifier: GPL-2.0 */
/*
 * walk: reads all of the kernel's memory for words that point into a target.
 */
#ifndef PATCHER_WALK_H
#define PATCHER_WALK_H

#include <linux/atomic.h>
#include <linux/module.h>
#include <linux/types.h>

/* More than the kernel has types of a module's memory; one range for each CPU is added. */
#define PATCHER_RANGES_MAX	8

/**
 * struct patcher_range - one range of the target's memory
 * @start: where it begins
 * @end: what is behind it
 * @is_percpu: a CPU's copy of its per-CPU variables
 * @is_apart: far from the others, so that it is looked for by itself
 */
struct patcher_range {
	unsigned long start;
	unsigned long end;
	bool is_percpu;
	bool is_apart;
};

/**
 * struct patcher_aim - what words are looked for
 * @target: those that point into this one
 * @ranges: its memory
 * @number: of @ranges
 * @low: no range but those that are apart begins before
 * @span: from @low on, none is behind
 * @apart_low: likewise, for those
 * @apart_span: likewise; 0 if there are none
 * @pages: the pages of its memory, by number; not those of per-CPU variables
 * @pages_number: of @pages
 * @borrows_pages: @pages are another one's
 */
struct patcher_aim {
	struct module *target;
	struct patcher_range *ranges;
	unsigned int number;
	unsigned long low;
	unsigned long span;
	unsigned long apart_low;
	unsigned long apart_span;
	unsigned long *pages;
	unsigned int pages_number;
	bool borrows_pages;
};

/* Where a word was found. */
enum patcher_hit_place {
	PATCHER_PLACE_PAGES,	/* pages that somebody has, and more is not known */
	PATCHER_PLACE_IMAGE,	/* the kernel's own data */
	PATCHER_PLACE_RESERVED,	/* what was reserved at boot: per-CPU variables, struct pages */
	PATCHER_PLACE_SLAB,	/* an object of a slab cache */
	PATCHER_PLACE_AREA,	/* an area of vmalloc space: modules, stacks, per-CPU memory */
};

/**
 * struct patcher_hit - one word that points into the target
 * @at: where it lies, in the direct map
 * @not_value: its complement, so that a hit is none itself
 * @place: where that is
 * @virt: @at as its owner knows it
 * @cache: for a slab object, its cache
 * @object: for a slab object, where it begins; for an area, likewise
 * @size: of the object or area
 * @caller: for an area, who made it
 * @is_residue: it counts
 */
struct patcher_hit {
	unsigned long at;
	unsigned long not_value;
	enum patcher_hit_place place;
	unsigned long virt;
	struct kmem_cache *cache;
	unsigned long object;
	unsigned long size;
	unsigned long caller;
	bool is_residue;
};

/* So many words are kept. */
#define PATCHER_HITS_MAX	8192

/**
 * struct patcher_hits - all of them
 * @found: how many, maybe more than are in @list
 * @number: of @list, once the walk is over
 * @pages: so many were read
 * @list: by address, once the walk is over
 */
struct patcher_hits {
	atomic_t found;
	unsigned int number;
	atomic_long_t pages;
	struct patcher_hit list[PATCHER_HITS_MAX];
};

static inline unsigned long patcher_hit_value(const struct patcher_hit *hit)
{
	return ~hit->not_value;
}

int patcher_aim_init(struct patcher_aim *aim, struct module *target);
int patcher_aim_init_ranges(struct patcher_aim *aim, const struct patcher_aim *from,
			    const struct patcher_range *ranges, unsigned int number);
void patcher_aim_free(struct patcher_aim *aim);
const struct patcher_range *patcher_aim_range(const struct patcher_aim *aim, unsigned long word);
int patcher_walk(const struct patcher_aim *aim, struct patcher_hits *hits);
int patcher_hits_residue(const struct patcher_hits *hits);

#endif /* PATCHER_WALK_H */
