/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mounts: superblocks that hold a target.
 */
#ifndef PATCHER_MOUNTS_H
#define PATCHER_MOUNTS_H

struct patcher_search;

void patcher_mounts_look(struct patcher_search *search);

#endif /* PATCHER_MOUNTS_H */
