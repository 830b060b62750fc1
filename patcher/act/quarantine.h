/* SPDX-License-Identifier: GPL-2.0 */
/*
 * quarantine: gives the target's memory up, so that its name and what it has registered
 * are free.
 */
#ifndef PATCHER_QUARANTINE_H
#define PATCHER_QUARANTINE_H

#include <linux/types.h>

struct patcher_rescue;

void patcher_quarantine_undo(struct patcher_rescue *rescue);
int patcher_quarantine(struct patcher_rescue *rescue);
bool patcher_quarantine_is_over(struct patcher_rescue *rescue);

#endif /* PATCHER_QUARANTINE_H */
