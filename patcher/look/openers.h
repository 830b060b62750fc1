/* SPDX-License-Identifier: GPL-2.0 */
/*
 * openers: tasks that hold a target by open files.
 */
#ifndef PATCHER_OPENERS_H
#define PATCHER_OPENERS_H

struct patcher_search;

int patcher_openers_look(struct patcher_search *search);

#endif /* PATCHER_OPENERS_H */
