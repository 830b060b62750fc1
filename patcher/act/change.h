/* SPDX-License-Identifier: GPL-2.0 */
/*
 * change: redirect and correct a target, in an order that can be undone; and undo it.
 */
#ifndef PATCHER_CHANGE_H
#define PATCHER_CHANGE_H

#include <linux/types.h>

struct patcher_rescue;
struct patcher_verdict;

int patcher_change(struct patcher_rescue *rescue, const struct patcher_verdict *verdict);
int patcher_change_undo(struct patcher_rescue *rescue);
bool patcher_change_rmmod_has_died(struct patcher_rescue *rescue);
int patcher_change_abandon(struct patcher_rescue *rescue);
int patcher_change_take_off(struct patcher_rescue *rescue);

#endif /* PATCHER_CHANGE_H */
