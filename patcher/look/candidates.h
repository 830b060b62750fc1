/* SPDX-License-Identifier: GPL-2.0 */
/*
 * candidates: what in memory may have a reference on a target, though no holder was found.
 */
#ifndef PATCHER_CANDIDATES_H
#define PATCHER_CANDIDATES_H

#include <linux/types.h>

struct patcher_aim;
struct patcher_hit;
struct patcher_hits;

int patcher_candidates_tell(const struct patcher_aim *aim, struct patcher_hits *hits);
size_t patcher_candidates_text(const struct patcher_aim *aim, const struct patcher_hit *hit,
			       char *text, size_t size);

#endif /* PATCHER_CANDIDATES_H */
