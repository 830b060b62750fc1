/* SPDX-License-Identifier: GPL-2.0 */
/*
 * memory: the private parts of the kernel's memory management that a sweep needs.
 */
#ifndef PATCHER_MEMORY_H
#define PATCHER_MEMORY_H

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/types.h>
#include <linux/vmalloc.h>

/**
 * struct patcher_memory - what is known of this kernel's memory
 * @max_pfn: no page is behind it
 * @text: where the kernel's image begins, with its text
 * @etext: where that text ends
 * @end: where the image ends
 * @percpu_start: where the symbols of per-CPU variables begin; not a place in memory
 * @percpu_end: and where they end
 * @slab_mutex: no cache is destroyed while it is held; the kernel's own
 *
 * All are set if patcher_memory_init() returned 0.
 */
struct patcher_memory {
	unsigned long max_pfn;
	unsigned long text;
	unsigned long etext;
	unsigned long end;
	unsigned long percpu_start;
	unsigned long percpu_end;
	struct mutex *slab_mutex;	/* the kernel's own */
};

extern struct patcher_memory patcher_memory;

/**
 * struct patcher_object - one object of a slab cache
 * @cache: whose
 * @start: where it begins
 * @size: in bytes; what lies behind is the cache's own
 */
struct patcher_object {
	struct kmem_cache *cache;
	unsigned long start;
	unsigned long size;
};

/**
 * typedef patcher_area_fn - called for each area in vmalloc space
 * @data: as given
 * @area: stays as long as this function runs
 *
 * Under a spinlock: must not sleep. Return: true to end.
 */
typedef bool (*patcher_area_fn)(void *data, struct vm_struct *area);

/* No functions: the types of those that memory.c calls by address. */
struct zone;
struct page;
void patcher_drain_fn(struct zone *zone);
void patcher_void_fn(void);
void patcher_object_fn(void *info, void *object, void *slab);
struct vm_struct *patcher_find_area_fn(const void *addr);
work_func_t patcher_last_work_fn(struct task_struct *task);

/* As is_vmalloc_or_module_addr(), which is not exported. */
static inline bool patcher_memory_is_in_area(unsigned long addr)
{
	return is_vmalloc_addr((void *)addr) || (addr >= MODULES_VADDR && addr < MODULES_END);
}

int patcher_memory_init(void);
bool patcher_memory_is_mapped(struct page *page);
void patcher_memory_hold(void);
void patcher_memory_release(void);
void patcher_memory_settle(void);
bool patcher_memory_settles_at_once(void);
bool patcher_memory_object(unsigned long addr, struct patcher_object *object);
const char *patcher_memory_cache_name(struct kmem_cache *cache);
bool patcher_memory_is_cache(unsigned long addr, const struct kmem_cache *cache);
struct vm_struct *patcher_memory_find_area(unsigned long addr);
void patcher_memory_each_area(patcher_area_fn visit, void *data);
bool patcher_memory_is_area_record(const struct vmap_area *record);
work_func_t patcher_memory_last_work(struct task_struct *task);

#endif /* PATCHER_MEMORY_H */
