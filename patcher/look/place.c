// SPDX-License-Identifier: GPL-2.0
/*
 * place: where does a word lie that points into a target, and what does it point at, in words.
 *
 * A word is found in the direct map. Its owner may know it by another address: the kernel's own
 * data and what is in an area of vmalloc space. The areas are gone through once for all words.
 */
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "kernel/arch/arch.h"
#include "kernel/ksym.h"
#include "kernel/memory.h"
#include "kernel/pages.h"
#include "kernel/symbols.h"
#include "look/place.h"

/* The first hit in a page, or one that is behind it. The list is by address. */
static struct patcher_hit *first_in_page(struct patcher_hits *hits, unsigned long page)
{
	unsigned int low = 0, high = hits->number, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (hits->list[middle].at < page)
			low = middle + 1;
		else
			high = middle;
	}
	return &hits->list[low];
}

static struct page *page_of_area(const struct vm_struct *area, unsigned long index)
{
	if (!area->pages)
		return vmalloc_to_page(area->addr + index * PAGE_SIZE);
	return index < area->nr_pages ? READ_ONCE(area->pages[index]) : NULL;
}

static void place_in_area(struct patcher_hit *hit, const struct vm_struct *area,
			  unsigned long index)
{
	hit->place = PATCHER_PLACE_AREA;
	hit->object = (unsigned long)area->addr;
	hit->size = get_vm_area_size(area);
	hit->virt = hit->object + index * PAGE_SIZE + offset_in_page(hit->at);
	hit->caller = (unsigned long)area->caller;
}

static bool place_hits_of_area(void *data, struct vm_struct *area)
{
	struct patcher_hits *hits = data;
	unsigned long index, start;
	struct patcher_hit *hit;
	struct page *page;

	for (index = 0; index < get_vm_area_size(area) >> PAGE_SHIFT; index++) {
		page = page_of_area(area, index);
		if (!page)
			continue;
		start = (unsigned long)page_address(page);
		for (hit = first_in_page(hits, start);
		     hit < hits->list + hits->number && hit->at - start < PAGE_SIZE; hit++)
			if (hit->place == PATCHER_PLACE_PAGES)
				place_in_area(hit, area, index);
	}
	return false;
}

static void place_hit(struct patcher_hit *hit)
{
	unsigned long pfn = PHYS_PFN(__pa(hit->at));
	struct patcher_object object;
	struct page *page = pfn_to_page(pfn);

	hit->virt = hit->at;
	hit->place = PATCHER_PLACE_PAGES;
	if (PageReserved(page)) {
		hit->place = PATCHER_PLACE_RESERVED;
		if (patcher_page_is_image(pfn)) {
			hit->place = PATCHER_PLACE_IMAGE;
			hit->virt = patcher_arch_image_address(__pa(hit->at));
		}
	} else if (patcher_memory_object(hit->at, &object)) {
		hit->place = PATCHER_PLACE_SLAB;
		hit->cache = object.cache;
		hit->object = object.start;
		hit->size = object.size;
	}
}

/**
 * patcher_place_hits - fill in where all of them are
 * @hits: from patcher_walk()
 *
 * Context: may sleep.
 */
void patcher_place_hits(struct patcher_hits *hits)
{
	unsigned int i;

	for (i = 0; i < hits->number; i++)
		place_hit(&hits->list[i]);
	patcher_memory_each_area(place_hits_of_area, hits);
}

/**
 * patcher_place_task - the task on whose stack a word lies
 * @hit: the word
 *
 * Context: under rcu_read_lock().
 * Return: NULL if it is on none.
 */
struct task_struct *patcher_place_task(const struct patcher_hit *hit)
{
	struct task_struct *process, *task;

	for_each_process_thread(process, task)
		if (hit->virt - (unsigned long)READ_ONCE(task->stack) < THREAD_SIZE)
			return task;
	return NULL;
}

/**
 * patcher_place_is_stack - does a word lie on the stack of a task, or of one that has ended?
 * @hit: the word
 *
 * Known by its size and how it is aligned (alloc_thread_stack_node(), kernel/fork.c). That another
 * area of vmalloc space has both does no harm: what follows from it is only that an address inside
 * of a function is a return address, and one is called nowhere else either.
 */
bool patcher_place_is_stack(const struct patcher_hit *hit)
{
	return hit->place == PATCHER_PLACE_AREA && hit->size == THREAD_SIZE &&
	       !(hit->object & (THREAD_ALIGN - 1));
}

/**
 * patcher_place_is_left_stack - does a word lie on the stack of a task that has ended?
 * @hit: the word
 *
 * That is about to be freed, or kept for the next task, or held by somebody.
 *
 * Context: any.
 */
bool patcher_place_is_left_stack(const struct patcher_hit *hit)
{
	bool has_task;

	if (!patcher_place_is_stack(hit))
		return false;
	rcu_read_lock();
	has_task = patcher_place_task(hit);
	rcu_read_unlock();
	return !has_task;
}

/* The per-CPU variable whose symbol is at or before an offset. */
struct percpu_search {
	unsigned long offset;
	unsigned long best;
	char *name;
	size_t size;
};

static void compare_percpu(struct percpu_search *search, const char *name, unsigned long addr)
{
	if (addr > search->offset || addr < patcher_memory.percpu_start || addr < search->best ||
	    !strncmp(name, "__per_cpu_", 10) || !strcmp(name, "fixed_percpu_data"))
		return;
	search->best = addr;
	strscpy(search->name, name, search->size);
}

/* One step of the walk below. From 6.4 on, the kernel gives no module. */
#ifdef PATCHER_EACH_SYMBOL_HAS_MODULE
static int visit_percpu(void *data, const char *name, struct module *mod, unsigned long addr)
{
	if (mod)
		return 1;
	compare_percpu(data, name, addr);
	return 0;
}
#else
static int visit_percpu(void *data, const char *name, unsigned long addr)
{
	compare_percpu(data, name, addr);
	return 0;
}
#endif

/**
 * patcher_place_percpu - which of the kernel's own per-CPU variables is it?
 * @at: an address
 * @name: out
 * @size: of @name
 * @offset: out, how far behind the variable's beginning
 *
 * Goes through all symbols: for what is to be named only.
 * Return: false if it is in none.
 */
bool patcher_place_percpu(unsigned long at, char *name, size_t size, unsigned long *offset)
{
	struct percpu_search search = { .name = name, .size = size };
	int cpu;

	for_each_possible_cpu(cpu) {
		search.offset = at - per_cpu_offset(cpu);
		if (search.offset < patcher_memory.percpu_start ||
		    search.offset >= patcher_memory.percpu_end)
			continue;
		*name = '\0';
		patcher_each_symbol(visit_percpu, &search);
		*offset = search.offset - search.best;
		return *name;
	}
	return false;
}

/* "name+0x10" of an address; false if no symbol is known there. */
static bool symbol_text(unsigned long addr, char *text, size_t size)
{
	char symbol[KSYM_SYMBOL_LEN], *plus, *slash;

	sprint_symbol(symbol, addr);
	plus = strstr(symbol, "+0x");
	slash = plus ? strchr(plus, '/') : NULL;
	if (!slash)
		return false;
	*slash = '\0';
	if (!strcmp(plus, "+0x0"))
		*plus = '\0';
	strscpy(text, symbol, size);
	return true;
}

/* A string, say, has no symbol, and lies somewhere behind one that has. */
static bool is_in_symbol(const struct module *mod, unsigned long addr)
{
	unsigned long offset, size;

	return patcher_symbol_at(addr, &offset, &size) &&
	       (!offset || offset < patcher_symbols_size_at(mod, addr - offset));
}

static size_t stack_text(const struct patcher_hit *hit, char *text, size_t size)
{
	struct task_struct *task;
	size_t used = 0;

	rcu_read_lock();
	task = patcher_place_task(hit);
	if (task)
		used = scnprintf(text, size, "the stack of %s[%d]", task->comm, task_pid_nr(task));
	rcu_read_unlock();
	return used;
}

static size_t area_text(const struct patcher_hit *hit, char *text, size_t size)
{
	char symbol[64];
	size_t used;

	if (symbol_text(hit->virt, symbol, sizeof(symbol)))
		return scnprintf(text, size, "%s", symbol);
	used = stack_text(hit, text, size);
	if (!used && patcher_place_is_stack(hit))
		used = scnprintf(text, size, "the stack of a task that has ended");
	return used ? used : scnprintf(text, size, "an area made by %ps, +%lu",
				       (void *)hit->caller, hit->virt - hit->object);
}

static size_t reserved_text(const struct patcher_hit *hit, char *text, size_t size)
{
	unsigned long offset;
	char name[48];

	if (!patcher_place_percpu(hit->at, name, sizeof(name), &offset))
		return scnprintf(text, size, "memory reserved at boot");
	return offset ? scnprintf(text, size, "%s+%#lx (per CPU)", name, offset) :
			scnprintf(text, size, "%s (per CPU)", name);
}

/**
 * patcher_place_text - where a word lies
 * @hit: the word
 * @text: out
 * @size: of @text, in bytes
 *
 * Return: the length.
 */
size_t patcher_place_text(const struct patcher_hit *hit, char *text, size_t size)
{
	char symbol[64];

	switch (hit->place) {
	case PATCHER_PLACE_IMAGE:
		if (symbol_text(hit->virt, symbol, sizeof(symbol)))
			return scnprintf(text, size, "%s", symbol);
		return scnprintf(text, size, "the kernel's data");
	case PATCHER_PLACE_RESERVED:
		return reserved_text(hit, text, size);
	case PATCHER_PLACE_SLAB:
		return scnprintf(text, size, "%s+%lu", patcher_memory_cache_name(hit->cache),
				 hit->at - hit->object);
	case PATCHER_PLACE_AREA:
		return area_text(hit, text, size);
	default:
		return scnprintf(text, size, "a page +%lu", offset_in_page(hit->at));
	}
}

static size_t percpu_text(const struct patcher_aim *aim, unsigned long behind, char *text,
			  size_t size)
{
	unsigned long offset;
	char symbol[64];

	if (!patcher_symbols_name_at(aim->target, (unsigned long)aim->target->percpu + behind,
				     symbol, sizeof(symbol), &offset))
		return scnprintf(text, size, "its per-CPU variables +%lu", behind);
	return offset ? scnprintf(text, size, "%s+%#lx (per CPU)", symbol, offset) :
			scnprintf(text, size, "%s (per CPU)", symbol);
}

/**
 * patcher_place_aim_text - what in the target a word points at
 * @aim: the target
 * @word: the word
 * @text: out
 * @size: of @text, in bytes
 *
 * Return: the length.
 */
size_t patcher_place_aim_text(const struct patcher_aim *aim, unsigned long word, char *text,
			      size_t size)
{
	const struct patcher_range *range = patcher_aim_range(aim, word);
	char symbol[64];

	if (range && range->is_percpu)
		return percpu_text(aim, word - range->start, text, size);
	if (word - (unsigned long)aim->target < sizeof(struct module))
		return scnprintf(text, size, "its struct module +%lu",
				 word - (unsigned long)aim->target);
	if (is_in_symbol(aim->target, word) && symbol_text(word, symbol, sizeof(symbol)))
		return scnprintf(text, size, "%s", symbol);
	return scnprintf(text, size, "its memory, at %#lx of %lu bytes",
			 range ? word - range->start : 0, range ? range->end - range->start : 0);
}
