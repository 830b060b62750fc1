// SPDX-License-Identifier: GPL-2.0
/*
 * identity: which words that point into a target are no residue.
 *
 * Each rule says what a word is, and not what it looks like: one of patcher's own (here), a record
 * of the kernel's module loader (known_loader.c) or of those who manage memory (known_memory.c), on
 * a dead part of a stack (known_stacks.c), in what is out of use (known_dead.c), or noted to find
 * faults (known_debug.c). A word that none of them knows is residue.
 */
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include <patcher/stub.h>

#include "kernel/arch/arch.h"
#include "look/identity.h"
#include "look/residue.h"
#include "look/word.h"
#include "rescue.h"

/*
 * Patcher's own: the stack of the task that sweeps, rescues, and what the caller has told of. Not
 * all of this module's variables: its notifiers are on the kernel's lists, and may have neighbours.
 */
static bool is_own(const struct patcher_word *word)
{
	unsigned int i;

	if (patcher_is_within(word->hit->virt, current->stack, THREAD_SIZE))
		return true;
	if (patcher_is_within(word->hit->virt, word->sweep, sizeof(*word->sweep)) ||
	    patcher_is_within(word->hit->virt, word->aim->ranges,
			      word->aim->number * sizeof(*word->aim->ranges)) ||
	    patcher_rescue_has(word->hit->virt))
		return true;
	for (i = 0; i < word->sweep->owns; i++)
		if (patcher_is_within(word->hit->virt, word->sweep->own[i].start,
				      word->sweep->own[i].size))
			return true;
	return false;
}

/* The stub's variables that patcher has bound to those of the target. */
static bool is_bound(const struct patcher_word *word)
{
	const struct patcher_symbol *symbol;

	if (!word->sweep->stub || !word->sweep->stub->symbols)
		return false;
	for (symbol = word->sweep->stub->symbols; symbol->name; symbol++)
		if (word_is_field(word, symbol->where))
			return true;
	return false;
}

/* It has changed since it was found, and points elsewhere now. */
static bool is_gone(const struct patcher_word *word)
{
	return !patcher_aim_range(word->aim, patcher_arch_load_word(word->hit->at));
}

/* Those that are cheap and often true come first. */
static const patcher_rule_fn rules[] = {
	is_gone,
	patcher_known_as_free,
	is_own,
	is_bound,
	patcher_known_to_loader,
	patcher_known_as_dead,
	patcher_known_to_debugging,
	patcher_known_on_stack,
	patcher_known_to_memory,
};

/*
 * Those that are true of what points to any memory: the loader's are not, as a module may have
 * pointers to such in what is read-only once it is loaded.
 */
static const patcher_rule_fn link_rules[] = {
	is_gone,
	patcher_known_as_free,
	is_own,
	patcher_known_as_dead,
	patcher_known_to_debugging,
	patcher_known_on_stack,
	patcher_known_to_memory,
};

static void find_symbol(struct patcher_word *word)
{
	char *plus;

	word->symbol[0] = '\0';
	if (word->hit->place != PATCHER_PLACE_IMAGE)
		return;
	sprint_symbol(word->symbol, word->hit->virt);
	plus = strchr(word->symbol, '+');
	if (plus)
		*plus = '\0';
}

static int apply_rules(const struct patcher_aim *aim, const struct patcher_sweep *sweep,
		       struct patcher_hits *hits, const patcher_rule_fn *rule,
		       unsigned int rules_number)
{
	struct patcher_word word = { .aim = aim, .sweep = sweep };
	unsigned int i;
	int number = 0;

	for (i = 0; i < hits->number; i++) {
		word.hit = &hits->list[i];
		word.value = patcher_hit_value(word.hit);
		find_symbol(&word);
		hits->list[i].is_residue = !word_matches(&word, rule, rules_number);
		number += hits->list[i].is_residue;
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return number;
}

/**
 * patcher_identify - which of the words may be residue?
 * @aim: what was looked for
 * @sweep: what is the caller's own
 * @hits: their places are known; is_residue is set
 *
 * What is in free objects of a slab cache counts, too: patcher_exhaust() knows.
 *
 * Context: may sleep.
 * Return: how many, or -EINTR.
 */
int patcher_identify(const struct patcher_aim *aim, const struct patcher_sweep *sweep,
		     struct patcher_hits *hits)
{
	return apply_rules(aim, sweep, hits, rules, ARRAY_SIZE(rules));
}

/**
 * patcher_identify_links - which of the words may lead to what they point to?
 * @aim: what was looked for, which is not the target
 * @sweep: what is the caller's own
 * @hits: their places are known; is_residue is set
 *
 * As patcher_identify() in all else.
 */
int patcher_identify_links(const struct patcher_aim *aim, const struct patcher_sweep *sweep,
			   struct patcher_hits *hits)
{
	return apply_rules(aim, sweep, hits, link_rules, ARRAY_SIZE(link_rules));
}
