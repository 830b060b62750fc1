// SPDX-License-Identifier: GPL-2.0
/*
 * seal: makes each function of a module return 0 at once.
 *
 * For a module whose exit has run and whose memory stays. ftrace cannot do it any more:
 * ftrace_release_mod() comes before free_module(). So the first bytes of each function are
 * overwritten. Nobody else patches them later: jump_label_del_module() and
 * static_call_del_module(), called by the notifiers for GOING (kernel/jump_label.c,
 * kernel/static_call_inline.c), have taken the module's sites off the lists of all keys that
 * are not its own, and kprobes in it are dead (kill_kprobe(), kernel/kprobes.c).
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "kernel/arch/arch.h"
#include "kernel/compat.h"
#include "kernel/ksym.h"
#include "kernel/symbols.h"
#include "watch/seal.h"

/* The symbols in a module's text, in the order of their addresses. */
struct text_map {
	struct patcher_text_symbol *places;
	unsigned int number;
};

static int compare_text_symbols(const void *a, const void *b)
{
	const struct patcher_text_symbol *left = a, *right = b;

	if (left->addr != right->addr)
		return left->addr < right->addr ? -1 : 1;
	return right->function - left->function;
}

static int map_text(const struct module *mod, struct text_map *map)
{
	unsigned int number = patcher_symbols_in_text(mod, NULL, 0);

	map->places = kvmalloc_array(number + 1, sizeof(*map->places), GFP_KERNEL);
	if (!map->places)
		return -ENOMEM;
	map->number = patcher_symbols_in_text(mod, map->places, number);
	sort(map->places, map->number, sizeof(*map->places), compare_text_symbols, NULL);
	return 0;
}

static void unmap_text(struct text_map *map)
{
	/* No sweep is to find addresses of the module in freed memory. */
	memset(map->places, 0, map->number * sizeof(*map->places));
	kvfree(map->places);
}

/*
 * Of several symbols at one address the first is a function, if any is: compare_text_symbols().
 * Room is up to the next symbol of whatever kind.
 */
static bool next_function(const struct module *mod, const struct text_map *map,
			  unsigned int *next, unsigned long *addr, unsigned long *room)
{
	const struct patcher_text_symbol *place;
	unsigned int i = *next;

	while (i < map->number) {
		place = &map->places[i];
		for (i++; i < map->number && map->places[i].addr == place->addr; i++)
			;
		if (!place->function)
			continue;
		*addr = place->addr;
		*room = (i < map->number ? map->places[i].addr : ULONG_MAX) - place->addr;
		*room = min(*room, patcher_text_end(mod, *addr) - *addr);
		*next = i;
		return true;
	}
	return false;
}

/**
 * patcher_seal - make each function of a module return 0 at once
 * @target: GOING, its exit has run and the notifiers have been called; no task is inside, and
 *	its symbol table is right
 * @seal: out
 *
 * Context: process context, sleeps; no lock held.
 * Return: 0; -EOPNOTSUPP when this kernel's text cannot be written; -ENOMEM.
 */
int patcher_seal(struct module *target, struct patcher_seal *seal)
{
	unsigned long addr, room;
	struct text_map map;
	unsigned int next = 0, size;
	const u8 *code;
	int err;

	*seal = (struct patcher_seal){};
	if (!patcher_can_poke())
		return -EOPNOTSUPP;
	err = map_text(target, &map);
	if (err)
		return err;
	while (next_function(target, &map, &next, &addr, &room)) {
		size = patcher_arch_return_zero(room, &code);
		if (size && patcher_poke((void *)addr, code, size))
			seal->functions++;
		else
			seal->missed++;
	}
	patcher_poke_sync();
	unmap_text(&map);
	return 0;
}

/**
 * patcher_seal_is_sealed - has a patcher, an earlier one maybe, sealed a module?
 * @mod: pinned, its symbol table is right
 *
 * Context: process context, sleeps.
 */
bool patcher_seal_is_sealed(struct module *mod)
{
	unsigned int next = 0, size, sealed = 0;
	unsigned long addr, room;
	struct text_map map;
	const u8 *code;

	if (READ_ONCE(mod->state) != MODULE_STATE_GOING || map_text(mod, &map))
		return false;
	while (next_function(mod, &map, &next, &addr, &room)) {
		size = patcher_arch_return_zero(room, &code);
		if (!size)
			continue;
		sealed = !memcmp((void *)addr, code, size);
		if (!sealed)
			break;
	}
	unmap_text(&map);
	return sealed;
}
