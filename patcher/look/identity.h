/* SPDX-License-Identifier: GPL-2.0 */
/*
 * identity: which words that point into a target are no residue.
 */
#ifndef PATCHER_IDENTITY_H
#define PATCHER_IDENTITY_H

#include "look/walk.h"

struct patcher_sweep;

int patcher_identify(const struct patcher_aim *aim, const struct patcher_sweep *sweep,
		     struct patcher_hits *hits);
int patcher_identify_links(const struct patcher_aim *aim, const struct patcher_sweep *sweep,
			   struct patcher_hits *hits);

#endif /* PATCHER_IDENTITY_H */
