// SPDX-License-Identifier: GPL-2.0
/*
 * reach: which words lie in memory that nothing leads to.
 *
 * An object that was lost, as the task that had it died or was evicted, may point into the
 * target for ever; so may the stack that such a task has left. Nobody will use that: there is no
 * way to it. So memory is read again, for words that point to such an object; an object from which
 * one of these comes is looked for in turn, and so on, until there is a way from what is not an
 * object, or none. As kmemleak does it, but backwards, and only for what points into the target.
 *
 * What has not been found out within the bounds below counts as reached. So does what lies in
 * pages that are no objects. What a task has left on its stack leads nowhere: it is mostly the
 * frames of functions, to which old pointers remain in many places. A structure there which
 * somebody may come to, as a timer or a work, is known by its own pointers into the target.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "kernel/abandoned.h"
#include "kernel/memory.h"
#include "look/exhaust.h"
#include "look/identity.h"
#include "look/place.h"
#include "look/reach.h"
#include "look/residue.h"

#define NODES_MAX	48
#define EDGES_MAX	256
#define ROUNDS_MAX	8
/* What is on a stack and linked elsewhere is no larger than that, in bytes; a power of two. */
#define STRUCTURE	512

/*
 * Memory that may be reached or not.
 * @range: which
 * @is_reached: something leads to it
 * @is_followed: what leads to it has been looked for
 */
struct node {
	struct patcher_range range;
	bool is_reached;
	bool is_followed;
};

struct edge {
	unsigned int from;
	unsigned int to;
};

/* All that is known of them; those of the last round, and what points to these. */
struct reach {
	struct patcher_sweep *sweep;
	unsigned int nodes_number;
	unsigned int edges_number;
	struct node nodes[NODES_MAX];
	struct edge edges[EDGES_MAX];
	struct patcher_range ranges[NODES_MAX];
	struct patcher_hits hits;
};

/* The node that begins there: no two do. */
static struct node *find_node(struct reach *reach, unsigned long start)
{
	struct node *node;

	for (node = reach->nodes; node < reach->nodes + reach->nodes_number; node++)
		if (start == node->range.start)
			return node;
	return NULL;
}

/* Where a task has been that does not come back there: the part of its stack that it has left. */
static bool left_part(const struct patcher_hit *hit, struct patcher_abandoned_part *part)
{
	if (patcher_abandoned_find(hit->virt, part))
		return true;
	if (!patcher_place_is_left_stack(hit))
		return false;
	part->start = hit->object;
	part->end = hit->object + hit->size;
	return true;
}

/*
 * The memory around a word, if that is of a kind that can be told apart from all other: an object,
 * or a structure on such a part of a stack, of which only the size is known that it may have.
 */
static bool node_of_hit(const struct patcher_hit *hit, struct node *node)
{
	struct patcher_abandoned_part part;
	unsigned long block;

	memset(node, 0, sizeof(*node));
	if (hit->place == PATCHER_PLACE_SLAB) {
		node->range.start = hit->object;
		node->range.end = hit->object + hit->size;
		return true;
	}
	if (!left_part(hit, &part))
		return false;
	block = round_down(hit->virt, STRUCTURE);
	node->range.start = max(block - STRUCTURE, part.start);
	node->range.end = min(block + 2 * STRUCTURE, part.end);
	node->range.is_apart = patcher_memory_is_in_area(node->range.start);
	return true;
}

/* Returns the node that a word lies in, which may be a new one; NULL if it is in none. */
static struct node *add_node(struct reach *reach, const struct patcher_hit *hit)
{
	struct node node, *known;

	if (!node_of_hit(hit, &node))
		return NULL;
	known = find_node(reach, node.range.start);
	if (known)
		return known;
	if (reach->nodes_number == NODES_MAX)
		return NULL;
	reach->nodes[reach->nodes_number] = node;
	return &reach->nodes[reach->nodes_number++];
}

static void add_edge(struct reach *reach, const struct node *from, struct node *to)
{
	if (reach->edges_number == EDGES_MAX) {
		to->is_reached = true;
		return;
	}
	reach->edges[reach->edges_number++] = (struct edge) {
		.from = from - reach->nodes,
		.to = to - reach->nodes,
	};
}

/* What is reached makes what it points to reached as well. */
static void spread_reached(struct reach *reach)
{
	struct edge *edge;
	struct node *to;
	bool again;

	do {
		again = false;
		for (edge = reach->edges; edge < reach->edges + reach->edges_number; edge++) {
			to = &reach->nodes[edge->to];
			if (!reach->nodes[edge->from].is_reached || to->is_reached)
				continue;
			to->is_reached = true;
			again = true;
		}
	} while (again);
}

static void reach_by(struct node *to, const struct patcher_hit *hit)
{
	char text[PATCHER_SWEEP_LINE];

	to->is_reached = true;
	patcher_place_text(hit, text, sizeof(text));
	pr_debug("%s leads to %#lx, in %lu bytes from %#lx on\n", text, patcher_hit_value(hit),
		 to->range.end - to->range.start, to->range.start);
}

static void follow_to(struct reach *reach, const struct patcher_hit *hit, struct node *to)
{
	struct node *from = add_node(reach, hit);

	if (!from)
		reach_by(to, hit);
	else if (from != to)
		add_edge(reach, from, to);
}

/* A word that points to nodes, of which those on a stack may overlap: where does it lie? */
static void follow_word(struct reach *reach, const struct patcher_hit *hit)
{
	unsigned long value = patcher_hit_value(hit);
	unsigned int i, number = reach->nodes_number;
	struct patcher_abandoned_part part;
	struct node *to;

	if (left_part(hit, &part))
		return;
	for (i = 0; i < number; i++) {
		to = &reach->nodes[i];
		if (value >= to->range.start && value < to->range.end && !to->is_reached)
			follow_to(reach, hit, to);
	}
}

/* Returns whether all is known. */
static bool is_complete(const struct reach *reach)
{
	unsigned int i;

	for (i = 0; i < reach->nodes_number; i++)
		if (!reach->nodes[i].is_reached && !reach->nodes[i].is_followed)
			return false;
	return true;
}

static int aim_at_new_nodes(struct reach *reach, const struct patcher_aim *from,
			    struct patcher_aim *aim)
{
	struct node *node;
	unsigned int number = 0;

	for (node = reach->nodes; node < reach->nodes + reach->nodes_number; node++) {
		if (node->is_reached || node->is_followed)
			continue;
		node->is_followed = true;
		reach->ranges[number++] = node->range;
	}
	return patcher_aim_init_ranges(aim, from, reach->ranges, number);
}

/* Finds what points to the nodes that are new since the last round. */
static int read_memory(struct reach *reach, const struct patcher_aim *aim)
{
	struct patcher_hits *hits = &reach->hits;
	int number = patcher_walk(aim, hits);

	if (number)
		return number;
	/* More than are kept: any could be reached. */
	if (atomic_read(&hits->found) > PATCHER_HITS_MAX)
		return -E2BIG;
	patcher_place_hits(hits);
	number = patcher_identify_links(aim, reach->sweep, hits);
	return number > 0 ? patcher_exhaust(hits) : number;
}

static int follow_once(struct reach *reach, const struct patcher_aim *from)
{
	struct patcher_aim aim;
	unsigned int i;
	int err;

	err = aim_at_new_nodes(reach, from, &aim);
	if (err)
		return err;
	err = read_memory(reach, &aim);
	patcher_aim_free(&aim);
	if (err < 0)
		return err;
	for (i = 0; i < reach->hits.number; i++)
		if (reach->hits.list[i].is_residue)
			follow_word(reach, &reach->hits.list[i]);
	spread_reached(reach);
	return 0;
}

static int follow_all(struct reach *reach, const struct patcher_aim *aim)
{
	unsigned int i, rounds = 0;
	int err;

	while (!is_complete(reach) && rounds++ < ROUNDS_MAX) {
		err = follow_once(reach, aim);
		if (err)
			return err;
	}
	for (i = 0; i < reach->nodes_number; i++)
		reach->nodes[i].is_reached |= !reach->nodes[i].is_followed;
	spread_reached(reach);
	return 0;
}

/* Returns whether there is any. */
static bool add_nodes_of_residue(struct reach *reach, const struct patcher_hits *hits)
{
	unsigned int i;

	for (i = 0; i < hits->number; i++)
		if (hits->list[i].is_residue)
			add_node(reach, &hits->list[i]);
	return reach->nodes_number;
}

/* Returns how many words are left. */
static int drop_unreached(struct reach *reach, struct patcher_hits *hits)
{
	struct patcher_hit *hit;
	struct node node, *known;
	int number = 0;

	for (hit = hits->list; hit < hits->list + hits->number; hit++) {
		if (!hit->is_residue)
			continue;
		known = node_of_hit(hit, &node) ? find_node(reach, node.range.start) : NULL;
		hit->is_residue = !known || known->is_reached;
		number += hit->is_residue;
	}
	return number;
}

static int reach_with(struct reach *reach, const struct patcher_aim *aim,
		      struct patcher_hits *hits)
{
	struct patcher_sweep *sweep = reach->sweep;
	unsigned int owns = sweep->owns;
	int err;

	if (!add_nodes_of_residue(reach, hits))
		return patcher_hits_residue(hits);
	patcher_sweep_add_own(sweep, reach, sizeof(*reach));
	patcher_sweep_add_own(sweep, hits, sizeof(*hits));
	err = follow_all(reach, aim);
	sweep->owns = owns;
	if (err == -E2BIG)
		return patcher_hits_residue(hits);
	return err ? err : drop_unreached(reach, hits);
}

/**
 * patcher_reach - tell the words that lie in memory that nothing leads to, which are no residue
 * @aim: what was looked for
 * @sweep: what is the caller's own
 * @hits: what the others have told apart
 *
 * Context: sleeps; reads memory once or more often.
 * Return: how many are left, or -EINTR or -ENOMEM.
 */
int patcher_reach(const struct patcher_aim *aim, struct patcher_sweep *sweep,
		  struct patcher_hits *hits)
{
	struct reach *reach = kvzalloc(sizeof(*reach), GFP_KERNEL);
	int number;

	if (!reach)
		return -ENOMEM;
	reach->sweep = sweep;
	number = reach_with(reach, aim, hits);
	kvfree(reach);
	return number;
}
