/* SPDX-License-Identifier: GPL-2.0 */
/*
 * reach: which words lie in memory that nothing leads to.
 */
#ifndef PATCHER_REACH_H
#define PATCHER_REACH_H

#include "look/walk.h"

struct patcher_sweep;

int patcher_reach(const struct patcher_aim *aim, struct patcher_sweep *sweep,
		  struct patcher_hits *hits);

#endif /* PATCHER_REACH_H */
