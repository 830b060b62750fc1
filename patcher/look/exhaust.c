// SPDX-License-Identifier: GPL-2.0
/*
 * exhaust: which words lie in objects that are free.
 *
 * An object that the allocator gives out was free. So as many as it takes are asked for, on each
 * CPU, as each has its own free ones, until those that are in question have come; and all are given
 * back. No record of the allocator's own, which differ with each version, is read for that. One
 * that does not come within these bounds counts as in use.
 */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/jiffies.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "kernel/arch/arch.h"
#include "kernel/memory.h"
#include "look/exhaust.h"

/* So many objects, and bytes, are asked for at a time; and so long may a CPU take to begin. */
#define OBJECTS_MAX	6000
#define BYTES_MAX	(16UL << 20)
#define CPU_PATIENCE	(2 * HZ)

struct exhaustion {
	struct patcher_hits *hits;
	/* One of the hits that lies in the cache, and all that do. */
	struct patcher_hit *first;
	unsigned int open;
	void **objects;
	struct work_struct work;
	struct completion done;
};

static bool is_of_cache(const struct patcher_hit *hit, const struct kmem_cache *cache)
{
	return hit->is_residue && hit->place == PATCHER_PLACE_SLAB && hit->cache == cache;
}

/* The list is by address, so that those of one object are neighbours. */
static void note_free(struct exhaustion *ex, const void *object)
{
	struct patcher_hit *hit, *end = ex->hits->list + ex->hits->number;

	for (hit = ex->first; hit < end; hit++)
		if (is_of_cache(hit, ex->first->cache) && hit->object == (unsigned long)object) {
			hit->is_residue = false;
			ex->open--;
		}
}

/* Do the objects that are in question begin and end around there? Most do not. */
static bool is_near(const struct exhaustion *ex, const void *object, unsigned long low,
		    unsigned long high)
{
	return (unsigned long)object >= low && (unsigned long)object <= high;
}

static void find_bounds(const struct exhaustion *ex, unsigned long *low, unsigned long *high)
{
	const struct patcher_hit *hit, *end = ex->hits->list + ex->hits->number;

	*low = ULONG_MAX;
	*high = 0;
	for (hit = ex->first; hit < end; hit++) {
		if (!is_of_cache(hit, ex->first->cache))
			continue;
		*low = min(*low, hit->object);
		*high = max(*high, hit->object);
	}
}

static void exhaust_cache(struct exhaustion *ex)
{
	struct kmem_cache *cache = ex->first->cache;
	unsigned int i, most = min_t(unsigned long, OBJECTS_MAX, BYTES_MAX / (ex->first->size + 1));
	unsigned long low, high;

	find_bounds(ex, &low, &high);
	for (i = 0; i < most && ex->open; i++) {
		ex->objects[i] = kmem_cache_alloc(cache, GFP_KERNEL | __GFP_NOWARN |
						  __GFP_NORETRY);
		if (!ex->objects[i])
			break;
		if (is_near(ex, ex->objects[i], low, high))
			note_free(ex, ex->objects[i]);
		cond_resched();
	}
	while (i--)
		kmem_cache_free(cache, ex->objects[i]);
}

static void exhaust_here(struct work_struct *work)
{
	struct exhaustion *ex = container_of(work, struct exhaustion, work);

	exhaust_cache(ex);
	complete(&ex->done);
}

/* A CPU that does not get to it, as a task of the highest priority has it, is left out. */
static void exhaust_on(struct exhaustion *ex, int cpu)
{
	INIT_WORK_ONSTACK(&ex->work, exhaust_here);
	init_completion(&ex->done);
	queue_work_on(cpu, system_highpri_wq, &ex->work);
	wait_for_completion_timeout(&ex->done, CPU_PATIENCE);
	cancel_work_sync(&ex->work);
	destroy_work_on_stack(&ex->work);
}

static void exhaust_on_each(struct exhaustion *ex)
{
	int cpu;

	for_each_online_cpu(cpu) {
		if (!ex->open)
			break;
		exhaust_on(ex, cpu);
	}
}

static void count_open(struct exhaustion *ex)
{
	const struct patcher_hit *hit, *end = ex->hits->list + ex->hits->number;

	ex->open = 0;
	for (hit = ex->first; hit < end; hit++)
		ex->open += is_of_cache(hit, ex->first->cache);
}

/* Whether an earlier one has been of the same cache. */
static bool is_first(const struct patcher_hits *hits, const struct patcher_hit *hit)
{
	const struct patcher_hit *before;

	for (before = hits->list; before < hit; before++)
		if (is_of_cache(before, hit->cache))
			return false;
	return true;
}

static int exhaust_caches(struct exhaustion *ex)
{
	struct patcher_hit *hit, *end = ex->hits->list + ex->hits->number;

	for (hit = ex->hits->list; hit < end; hit++) {
		if (!hit->is_residue || hit->place != PATCHER_PLACE_SLAB ||
		    !is_first(ex->hits, hit))
			continue;
		ex->first = hit;
		count_open(ex);
		if (mutex_lock_interruptible(patcher_memory.slab_mutex))
			return -EINTR;
		/* Else the cache may be gone; and its pages are, with what was in this one. */
		if (patcher_memory_is_cache(hit->at, hit->cache))
			exhaust_on_each(ex);
		mutex_unlock(patcher_memory.slab_mutex);
	}
	return 0;
}

/* Free per-CPU memory is the same for all CPUs. */
static bool may_be_percpu(const struct patcher_hit *hit)
{
	char symbol[KSYM_SYMBOL_LEN];

	if (!hit->is_residue)
		return false;
	if (hit->place == PATCHER_PLACE_RESERVED)
		return true;
	if (hit->place != PATCHER_PLACE_AREA)
		return false;
	sprint_symbol(symbol, hit->caller);
	return !strncmp(symbol, "pcpu_get_vm_areas", 17);
}

static void note_free_percpu(struct patcher_hits *hits, unsigned long __percpu *word)
{
	struct patcher_hit *hit, *end = hits->list + hits->number;
	int cpu;

	for (hit = hits->list; hit < end; hit++) {
		if (!hit->is_residue || hit->place == PATCHER_PLACE_SLAB)
			continue;
		for_each_possible_cpu(cpu)
			if ((unsigned long)per_cpu_ptr(word, cpu) == hit->virt)
				hit->is_residue = false;
	}
}

/* A pointer to per-CPU memory is in an address space of its own, so these are in a structure. */
struct percpu_word {
	unsigned long __percpu *at;
};

static void exhaust_percpu(struct patcher_hits *hits)
{
	struct percpu_word *words;
	unsigned int i;

	words = kvmalloc_array(OBJECTS_MAX, sizeof(*words), GFP_KERNEL);
	/* Then they count as in use. */
	if (!words)
		return;
	for (i = 0; i < OBJECTS_MAX; i++) {
		words[i].at = alloc_percpu(unsigned long);
		if (!words[i].at)
			break;
		note_free_percpu(hits, words[i].at);
		cond_resched();
	}
	while (i--)
		free_percpu(words[i].at);
	kvfree(words);
}

static bool has_percpu(const struct patcher_hits *hits)
{
	unsigned int i;

	for (i = 0; i < hits->number; i++)
		if (may_be_percpu(&hits->list[i]))
			return true;
	return false;
}

/**
 * patcher_exhaust - tell the words that lie in free memory, which are no residue
 * @hits: patcher_identify() has told the others
 *
 * Context: sleeps; takes slab_mutex.
 * Return: how many are left, or -EINTR or -ENOMEM.
 */
int patcher_exhaust(struct patcher_hits *hits)
{
	struct exhaustion ex = { .hits = hits };
	int err;

	ex.objects = kvmalloc_array(OBJECTS_MAX, sizeof(*ex.objects), GFP_KERNEL);
	if (!ex.objects)
		return -ENOMEM;
	err = exhaust_caches(&ex);
	if (!err && has_percpu(hits))
		exhaust_percpu(hits);
	kvfree(ex.objects);
	return err ? err : patcher_hits_residue(hits);
}
