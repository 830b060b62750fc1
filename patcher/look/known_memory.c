// SPDX-License-Identifier: GPL-2.0
/*
 * known_memory: words in free memory, and in the records of those who manage memory.
 *
 * Read in Linux 6.1 unless a rule says otherwise.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/xarray.h>

#include "kernel/arch/arch.h"
#include "kernel/compat.h"
#include "kernel/ksym.h"
#include "kernel/memory.h"
#include "kernel/pages.h"
#include "look/word.h"

/* More than struct pcpu_chunk has before its bitmaps, in bytes (mm/percpu-internal.h). */
#define CHUNK_BYTES	256

static bool is_free_page(const struct patcher_word *word)
{
	return patcher_page_is_free(virt_to_page((void *)word->hit->at));
}

/*
 * Beside the object: where a freelist pointer is, and SLUB's record of who allocated it; and what
 * is left at the end of a slab.
 */
static bool is_slab_record(const struct patcher_word *word)
{
	return word->hit->place == PATCHER_PLACE_SLAB &&
	       word->hit->at - word->hit->object >= word->hit->size;
}

/* With KASAN: nobody may touch it, as it was freed or was never given out. */
static bool is_poisoned(const struct patcher_word *word)
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

/* What vmalloc has of the memory that is looked for (mm/vmalloc.c). */
static bool is_area_record(const struct patcher_word *word)
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
		if (area && (word_is_field(word, &area->addr) ||
			     word_is_field(word, &area->caller) ||
			     (word_is_field(word, &bounds->va_start) &&
			      word->hit->size >= sizeof(*bounds) && bounds->vm == area)))
			return true;
	}
	return false;
}

/*
 * The end of the part of vmalloc space before it, in use or free: where the target's begins
 * (struct vmap_area, mm/vmalloc.c, 5.10 to 7.3).
 */
static bool is_area_before(const struct patcher_word *word)
{
	const struct vmap_area *bounds = (struct vmap_area *)word->hit->object;

	return word->hit->place == PATCHER_PLACE_SLAB && word->hit->size >= sizeof(*bounds) &&
	       word_is_field(word, &bounds->va_end) && !offset_in_page(word->value) &&
	       patcher_memory_is_area_record(bounds);
}

struct areas {
	const struct patcher_word *word;
	bool found;
};

static bool is_its_caller(void *data, struct vm_struct *area)
{
	struct areas *areas = data;

	areas->found = word_is_field(areas->word, &area->caller);
	return areas->found;
}

/*
 * Who made another area: .init text of a module that has been freed since, where the target
 * is now. Only printed.
 */
static bool is_caller_of_area(const struct patcher_word *word)
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
static bool is_execmem_key(const struct patcher_word *word)
{
	unsigned long node = word->hit->object, parent, offset, size;
	unsigned int depth;

	if (!patcher_known.execmem_cache || word->hit->place != PATCHER_PLACE_SLAB ||
	    word->hit->size != 256 ||
	    !patcher_symbol_at(patcher_known.execmem_cache, &offset, &size))
		return false;
	for (depth = 0; depth < 16; depth++) {
		parent = patcher_arch_load_word(node);
		if (parent & 1)
			return (parent & ~1UL) - patcher_known.execmem_cache < size;
		node = parent & ~255UL;
		if (!virt_addr_valid((void *)node))
			return false;
	}
	return false;
}

/*
 * The per-CPU variables of modules lie in a chunk of their own; where that begins, the first
 * module's do (struct pcpu_chunk, mm/percpu-internal.h).
 */
static bool is_start_of_chunk(const struct patcher_word *word)
{
	const struct patcher_range *range = patcher_aim_range(word->aim, word->value);

	return range && range->is_percpu && word->value == range->start &&
	       patcher_known.reserved_chunk &&
	       patcher_is_within(word->hit->virt, *(void **)patcher_known.reserved_chunk,
				 CHUNK_BYTES);
}

/*
 * Which of a node's entries are marked: bits, not pointers (struct xa_node). The cache is
 * radix_tree_node_cachep, lib/radix-tree.c, 5.10 to 7.3; it has a constructor, so nothing else
 * is in it.
 */
static bool is_bitmap(const struct patcher_word *word)
{
	return patcher_known.radix_tree_cache && word->hit->place == PATCHER_PLACE_SLAB &&
	       word->hit->cache == *(struct kmem_cache **)patcher_known.radix_tree_cache &&
	       word->hit->at - word->hit->object >= offsetof(struct xa_node, tags);
}

static const patcher_rule_fn memory_rules[] = {
	is_area_record,
	is_area_before,
	is_execmem_key,
	is_bitmap,
	is_start_of_chunk,
	is_caller_of_area,
};

static const patcher_rule_fn free_rules[] = {
	is_slab_record,
	is_poisoned,
	is_free_page,
};

/**
 * patcher_known_as_free - is it in free memory?
 * @word: points into what was looked for
 *
 * Before any other rule, as those read what is around the word. Free objects of a slab cache are
 * told here only where KASAN knows them: patcher_exhaust().
 *
 * Context: any.
 */
bool patcher_known_as_free(const struct patcher_word *word)
{
	return word_matches(word, free_rules, ARRAY_SIZE(free_rules));
}

/**
 * patcher_known_to_memory - is it in a record of those who manage memory?
 * @word: points into what was looked for
 *
 * Context: may sleep.
 */
bool patcher_known_to_memory(const struct patcher_word *word)
{
	return word_matches(word, memory_rules, ARRAY_SIZE(memory_rules));
}
