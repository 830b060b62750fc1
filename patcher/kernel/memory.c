// SPDX-License-Identifier: GPL-2.0
/*
 * memory: the private parts of the kernel's memory management that a sweep needs.
 *
 * Private, and relied on: max_pfn (mm/memblock.c), drain_all_pages() (mm/page_alloc.c),
 * slab_mutex (mm/slab_common.c), __kmem_obj_info() and struct kmem_obj_info (mm/slub.c and
 * mm/slab.h, 5.19 to 7.3), kmem_cache.name (mm/slab.h), vmap_area_list and vmap_area_lock
 * (mm/vmalloc.c, up to 6.8), vmap_nodes and struct vmap_node (there, from 6.9), find_vm_area()
 * (there), get_online_mems() (mm/memory_hotplug.c), kvfree_rcu_barrier() (kernel/rcu/tree.c,
 * 6.12; mm/slab_common.c, 7.3), wq_worker_last_func() (kernel/workqueue.c). What can be tried is
 * tried, on things whose answer is known, before it is trusted.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/static_call.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#ifdef CONFIG_KFENCE
#include <linux/kfence.h>
#endif
#include <asm/pgtable.h>

#include "kernel/arch/arch.h"
#include "kernel/compat.h"
#include "kernel/ksym.h"
#include "kernel/memory.h"

struct patcher_memory patcher_memory;

/* As in ksym.c, there is a static call for each function. */
DEFINE_STATIC_CALL_NULL(patcher_drain, patcher_drain_fn);
DEFINE_STATIC_CALL_NULL(patcher_object, patcher_object_fn);
DEFINE_STATIC_CALL_NULL(patcher_find_area, patcher_find_area_fn);
DEFINE_STATIC_CALL_NULL(patcher_last_work, patcher_last_work_fn);
DEFINE_STATIC_CALL_NULL(patcher_get_mems, patcher_void_fn);
DEFINE_STATIC_CALL_NULL(patcher_put_mems, patcher_void_fn);
DEFINE_STATIC_CALL_NULL(patcher_kvfree_barrier, patcher_void_fn);

static bool has_kvfree_barrier;

/* The offset of a slab cache's name in its struct, which is private from 6.8 on. */
static size_t name_offset;
/* More than any kernel has before the name, in bytes. */
#define CACHE_BYTES	256
#define PROBE_NAME	"patcher_probe"
#define PROBE_SIZE	136

/* As in mm/slab.h; the last two fields are arrays of 16 addresses each. */
struct object_info {
	void *ptr;
	void *slab;
	void *start;
	unsigned long offset;	/* of the object from there: the red zone on its left */
	struct kmem_cache *cache;
	void *caller;
	void *stack[16];
	void *free_stack[16];
	/* In case that a kernel's is longer. */
	void *reserve[32];
};

/* Where areas are up to 6.8: one list, by address. */
static struct list_head *area_list;
static spinlock_t *area_lock;

/*
 * From 6.9 on (d093602919ad "mm: vmalloc: remove global vmap_area_root rb-tree"): nodes, each
 * with trees and lists of its own. Ours has to have the layout of struct vmap_node.
 */
struct area_list {
	struct rb_root root;
	struct list_head head;
	spinlock_t lock;	/* the kernel's own, of the list */
};

struct area_node {
	struct {
		struct list_head head;
		unsigned long number;
	} pools[256];
	spinlock_t pool_lock;	/* the kernel's own, of the pools */
	bool skip_populate;
	struct area_list busy;
	struct area_list lazy;
	struct list_head purge_list;
	struct work_struct purge_work;
	unsigned long purged;
};

static struct area_node **area_nodes;
static int *area_nodes_number;

/* What is free of vmalloc space (mm/vmalloc.c, 5.2 to 7.3); NULL if they are not there. */
static struct list_head *free_areas;
static spinlock_t *free_areas_lock;

/**
 * patcher_memory_is_mapped - is this page in the direct map?
 * @page: which
 *
 * One that KFENCE guards is not, and to read it would be reported, although it may fault here.
 */
bool patcher_memory_is_mapped(struct page *page)
{
#ifdef CONFIG_KFENCE
	unsigned int level;
	pte_t *pte;

	if (!is_kfence_address(page_address(page)))
		return true;
	pte = lookup_address((unsigned long)page_address(page), &level);
	return pte && pte_present(*pte);
#else
	return true;
#endif
}

/**
 * patcher_memory_hold - keep memory from being unplugged
 */
void patcher_memory_hold(void)
{
	static_call_cond(patcher_get_mems)();
}

/**
 * patcher_memory_release - the end of that
 */
void patcher_memory_release(void)
{
	static_call_cond(patcher_put_mems)();
}

/**
 * patcher_memory_settle - wait until what is on its way to be freed is free
 *
 * Context: sleeps; for ever, if a CPU never lets RCU pass.
 */
void patcher_memory_settle(void)
{
	static_call_cond(patcher_kvfree_barrier)();
	rcu_barrier();
	static_call(patcher_drain)(NULL);
	vm_unmap_aliases();
}

/**
 * patcher_memory_settles_at_once - does patcher_memory_settle() wait for kfree_rcu() too?
 *
 * If not, it takes up to KFREE_DRAIN_JIFFIES, which are 5 s, and a grace period.
 */
bool patcher_memory_settles_at_once(void)
{
	return has_kvfree_barrier;
}

/* The object that an address lies in, which is not behind the last one: that is warned of. */
#ifdef PATCHER_HAS_NEAREST_OBJ
/* As nearest_obj() in include/linux/slub_def.h, which calls what is not exported. */
static void ask_for_object(struct page *head, unsigned long addr, struct object_info *info)
{
	unsigned long start = (unsigned long)page_address(head);

	info->cache = READ_ONCE(head->slab_cache);
	if (!info->cache)
		return;
	info->offset = info->cache->flags & SLAB_RED_ZONE ? info->cache->red_left_pad : 0;
	addr -= start + info->offset;
	info->start = (void *)start + addr / info->cache->size * info->cache->size;
}
#else
static void ask_for_object(struct page *head, unsigned long addr, struct object_info *info)
{
	static_call(patcher_object)(info, (void *)addr, head);
}
#endif

/*
 * Objects lie in a row, all as far from the next, and some bytes may be left at the end. So the
 * middle of the slab is not behind the last one: what is left is smaller than what one object
 * takes, and there is at least one. From that one and the one before it follows how many there are.
 */
static void find_object(struct page *head, unsigned long addr, struct object_info *info)
{
	unsigned long start = (unsigned long)page_address(head);
	unsigned long middle, first, last, step = page_size(head);

	ask_for_object(head, start + step / 2, info);
	if (!info->cache)
		return;
	first = start + info->offset;
	last = first;
	middle = (unsigned long)info->start;
	if (middle > start) {
		ask_for_object(head, middle + info->offset - 1, info);
		step = middle - (unsigned long)info->start;
		last += (page_size(head) / step - 1) * step;
	}
	ask_for_object(head, clamp(addr, first, last), info);
}

/**
 * patcher_memory_object - the object of a slab cache that lies at an address
 * @addr: in the direct map, in a page that is PageSlab()
 * @object: out; if @addr lies in none, one that is near
 *
 * Return: false if the page is none of a slab's any more.
 */
bool patcher_memory_object(unsigned long addr, struct patcher_object *object)
{
	struct page *head = compound_head(virt_to_page((void *)addr));
	struct object_info info = {};

	if (!PageSlab(head))
		return false;
	find_object(head, addr, &info);
	if (!info.cache)
		return false;
	*object = (struct patcher_object) {
		.cache = info.cache,
		.start = (unsigned long)info.start + info.offset,
		.size = kmem_cache_size(info.cache),
	};
	return true;
}

/**
 * patcher_memory_is_cache - does this address lie in a page of that cache now?
 * @addr: in the direct map
 * @cache: which
 *
 * While slab_mutex is held, that page keeps the cache from being gone: kmem_cache_destroy()
 * frees all pages under it first.
 */
bool patcher_memory_is_cache(unsigned long addr, const struct kmem_cache *cache)
{
	struct patcher_object object;

	return patcher_memory_object(addr, &object) && object.cache == cache;
}

/**
 * patcher_memory_cache_name - a slab cache's name
 * @cache: which
 */
const char *patcher_memory_cache_name(struct kmem_cache *cache)
{
	return *(const char **)((char *)cache + name_offset);
}

/**
 * patcher_memory_find_area - find_vm_area(): the area in vmalloc space that has an address
 * @addr: which
 *
 * Return: NULL if there is none.
 */
struct vm_struct *patcher_memory_find_area(unsigned long addr)
{
	return static_call(patcher_find_area)((void *)(addr & PAGE_MASK));
}

/**
 * patcher_memory_last_work - wq_worker_last_func(): what a worker has last run
 * @task: with PF_WQ_WORKER; alive
 */
work_func_t patcher_memory_last_work(struct task_struct *task)
{
	return static_call(patcher_last_work)(task);
}

/* So many pages are visited before the lock is given back. */
#define PAGES_A_TURN	4096

/*
 * Goes on from @from; returns from where to go on next time, 0 at the end. The list is by
 * address.
 */
static unsigned long visit_some(struct list_head *list, spinlock_t *lock, unsigned long from,
				patcher_area_fn visit, void *data)
{
	unsigned long pages = 0, next = 0;
	struct vmap_area *area;

	spin_lock(lock);
	list_for_each_entry(area, list, list) {
		if (area->va_start < from || !area->vm)
			continue;
		if (pages > PAGES_A_TURN) {
			next = area->va_start;
			break;
		}
		pages += (area->va_end - area->va_start) >> PAGE_SHIFT;
		if (!(area->vm->flags & (VM_UNINITIALIZED | VM_IOREMAP)) &&
		    visit(data, area->vm))
			break;
	}
	spin_unlock(lock);
	return next;
}

static void visit_list(struct list_head *list, spinlock_t *lock, patcher_area_fn visit,
		       void *data)
{
	unsigned long from = 0;

	do {
		from = visit_some(list, lock, from, visit, data);
		cond_resched();
	} while (from);
}

/**
 * patcher_memory_each_area - visit all areas of vmalloc space but those of devices
 * @visit: called for each
 * @data: for it
 *
 * Context: may sleep.
 */
void patcher_memory_each_area(patcher_area_fn visit, void *data)
{
	int i;

	if (area_list) {
		visit_list(area_list, area_lock, visit, data);
		return;
	}
	for (i = 0; i < *area_nodes_number; i++)
		visit_list(&(*area_nodes)[i].busy.head, &(*area_nodes)[i].busy.lock, visit, data);
}

static bool is_on_list(const struct list_head *link, struct list_head *list, spinlock_t *lock)
{
	const struct list_head *other;
	bool found = false;

	spin_lock(lock);
	list_for_each(other, list) {
		found = other == link;
		if (found)
			break;
	}
	spin_unlock(lock);
	return found;
}

/**
 * patcher_memory_is_area_record - is this vmalloc's record of a part of its space?
 * @record: what may be a struct vmap_area; it is not read
 *
 * One in use, or free; up to 6.8 one list has all in use, and from 6.9 on several (nodes). Not one
 * that is only on its way to be free: patcher_memory_settle() has waited for those.
 *
 * Context: may sleep.
 */
bool patcher_memory_is_area_record(const struct vmap_area *record)
{
	int i;

	if (free_areas && is_on_list(&record->list, free_areas, free_areas_lock))
		return true;
	if (area_list)
		return is_on_list(&record->list, area_list, area_lock);
	for (i = 0; i < *area_nodes_number; i++)
		if (is_on_list(&record->list, &(*area_nodes)[i].busy.head,
			       &(*area_nodes)[i].busy.lock))
			return true;
	return false;
}

/* One where kmem_cache_alloc() gave the address out; and the last byte of its slab. */
static bool objects_are_right(struct kmem_cache *cache, void *known)
{
	struct page *head = virt_to_head_page(known);
	unsigned long end = (unsigned long)page_address(head) + page_size(head);
	struct patcher_object object, last;

	return patcher_memory_object((unsigned long)known + PROBE_SIZE - 1, &object) &&
	       object.cache == cache && object.start == (unsigned long)known &&
	       object.size == PROBE_SIZE && patcher_memory_object(end - 1, &last) &&
	       last.start >= object.start && last.start + PROBE_SIZE <= end;
}

/* Where in its struct is the name of a cache whose name is known? */
static bool find_name(struct kmem_cache *cache)
{
	char name[sizeof(PROBE_NAME)];
	const char *pointer;
	size_t i;

	for (i = 0; i < CACHE_BYTES; i += sizeof(pointer)) {
		if (!patcher_arch_read(&pointer, (char *)cache + i, sizeof(pointer)) ||
		    !patcher_arch_read(name, pointer, sizeof(name)) ||
		    memcmp(name, PROBE_NAME, sizeof(name)))
			continue;
		name_offset = i;
		return true;
	}
	return false;
}

/* A cache with a constructor is not merged with another, so that its name is its own. */
static void construct_nothing(void *object)
{
}

static int check_slabs(void)
{
	struct kmem_cache *cache;
	bool right = false;
	void *object;

	cache = kmem_cache_create(PROBE_NAME, PROBE_SIZE, 0, 0, construct_nothing);
	if (!cache)
		return -ENOMEM;
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	if (object) {
		right = objects_are_right(cache, object) && find_name(cache);
		kmem_cache_free(cache, object);
	}
	kmem_cache_destroy(cache);
	if (!object)
		return -ENOMEM;
	return right ? 0 : -EOPNOTSUPP;
}

static bool is_area_of(void *data, struct vm_struct *area)
{
	void **known = data;

	if (area->addr != known[0])
		return false;
	known[1] = area;
	return true;
}

static int check_areas(void)
{
	void *known[2] = { vzalloc(PAGE_SIZE), NULL };
	bool right;

	if (!known[0])
		return -ENOMEM;
	patcher_memory_each_area(is_area_of, known);
	right = known[1] && known[1] == patcher_memory_find_area((unsigned long)known[0]);
	vfree(known[0]);
	return right ? 0 : -EOPNOTSUPP;
}

static int resolve_symbols(void)
{
	/* Not on the stack, of which they would take a large part. */
	static unsigned long max_pfn, text, etext, end, drain, slabs, object, list, lock, nodes;
	static unsigned long nodes_number, find_area, get_mems, put_mems, kvfree_barrier;
	static unsigned long last_work, percpu_start, percpu_end, free_list, free_lock;
	static const struct patcher_wanted wanted[] = {
		{ "max_pfn", &max_pfn },
		{ "_text", &text },
		{ "_etext", &etext },
		{ "_end", &end },
		{ "drain_all_pages", &drain },
		{ "slab_mutex", &slabs },
		{ "find_vm_area", &find_area },
		{ "wq_worker_last_func", &last_work },
		{ "__per_cpu_start", &percpu_start, true },
		{ "__per_cpu_end", &percpu_end, true },
		{ "__kmem_obj_info", &object, true },
		{ "vmap_area_list", &list, true },
		{ "vmap_area_lock", &lock, true },
		{ "free_vmap_area_list", &free_list, true },
		{ "free_vmap_area_lock", &free_lock, true },
		{ "vmap_nodes", &nodes, true },
		{ "nr_vmap_nodes", &nodes_number, true },
		{ "get_online_mems", &get_mems, true },
		{ "put_online_mems", &put_mems, true },
		{ "kvfree_rcu_barrier", &kvfree_barrier, true },
		{ }
	};
	const char *missing = patcher_resolve(wanted);

#ifndef PATCHER_HAS_NEAREST_OBJ
	if (!missing && !object)
		missing = "__kmem_obj_info";
#endif
	if (!missing && !(list && lock) && !(nodes && nodes_number))
		missing = "vmap_nodes";
	if (missing) {
		pr_notice("memory cannot be swept: this kernel has no %s\n", missing);
		return -EOPNOTSUPP;
	}
	patcher_memory = (struct patcher_memory) {
		.max_pfn = *(unsigned long *)max_pfn,
		.text = text,
		.etext = etext,
		.end = end,
		.percpu_start = percpu_start,
		.percpu_end = percpu_end,
		.slab_mutex = (struct mutex *)slabs,
	};
	if (list && lock) {
		area_list = (struct list_head *)list;
		area_lock = (spinlock_t *)lock;
	} else {
		area_nodes = (struct area_node **)nodes;
		area_nodes_number = (int *)nodes_number;
	}
	free_areas = free_lock ? (struct list_head *)free_list : NULL;
	free_areas_lock = (spinlock_t *)free_lock;
	static_call_update(patcher_drain, (typeof(patcher_drain_fn) *)drain);
	static_call_update(patcher_find_area, (typeof(patcher_find_area_fn) *)find_area);
	static_call_update(patcher_last_work, (typeof(patcher_last_work_fn) *)last_work);
	if (object)
		static_call_update(patcher_object, (typeof(patcher_object_fn) *)object);
	if (get_mems && put_mems) {
		static_call_update(patcher_get_mems, (typeof(patcher_void_fn) *)get_mems);
		static_call_update(patcher_put_mems, (typeof(patcher_void_fn) *)put_mems);
	}
	has_kvfree_barrier = kvfree_barrier;
	if (kvfree_barrier)
		static_call_update(patcher_kvfree_barrier,
				   (typeof(patcher_void_fn) *)kvfree_barrier);
	return 0;
}

/**
 * patcher_memory_init - resolve and check all of it
 *
 * Context: this module's init, after patcher_ksym_init(); may sleep.
 * Return: 0; -EOPNOTSUPP, and then the log says why; -ENOMEM.
 */
int patcher_memory_init(void)
{
	int err = resolve_symbols();

	if (err)
		return err;
	err = check_slabs();
	if (err == -EOPNOTSUPP)
		pr_notice("memory cannot be swept: slab caches are not as expected on this kernel\n");
	if (err)
		return err;
	err = check_areas();
	if (err == -EOPNOTSUPP)
		pr_notice("memory cannot be swept: the areas of vmalloc space are not as expected on this kernel\n");
	return err;
}
