/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lists: which of the kernel's lists has a word that points into a target, and what takes it off.
 */
#ifndef PATCHER_LISTS_H
#define PATCHER_LISTS_H

#include "look/walk.h"

void patcher_lists_find(void);
void patcher_lists_forget(void);
size_t patcher_lists_text(const struct patcher_aim *aim, const struct patcher_hit *hit,
			  char *text, size_t size);

#endif /* PATCHER_LISTS_H */
