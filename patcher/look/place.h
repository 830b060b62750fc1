/* SPDX-License-Identifier: GPL-2.0 */
/*
 * place: where does a word lie that points into a target, and what does it point at, in words.
 */
#ifndef PATCHER_PLACE_H
#define PATCHER_PLACE_H

#include <linux/sched.h>

#include "look/walk.h"

void patcher_place_hits(struct patcher_hits *hits);
size_t patcher_place_text(const struct patcher_hit *hit, char *text, size_t size);
size_t patcher_place_aim_text(const struct patcher_aim *aim, unsigned long word, char *text,
			      size_t size);
bool patcher_place_is_stack(const struct patcher_hit *hit);
bool patcher_place_is_left_stack(const struct patcher_hit *hit);
struct task_struct *patcher_place_task(const struct patcher_hit *hit);
bool patcher_place_percpu(unsigned long at, char *name, size_t size, unsigned long *offset);

#endif /* PATCHER_PLACE_H */
