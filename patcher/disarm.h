/* SPDX-License-Identifier: GPL-2.0 */
/*
 * disarm: puts a target back as it was found.
 */
#ifndef PATCHER_DISARM_H
#define PATCHER_DISARM_H

struct patcher_rescue;

int patcher_disarm(struct patcher_rescue *rescue);
void patcher_disarm_all(void);

#endif /* PATCHER_DISARM_H */
