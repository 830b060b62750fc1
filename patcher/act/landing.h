/* SPDX-License-Identifier: GPL-2.0 */
/*
 * landing: how a task ends that was evicted.
 */
#ifndef PATCHER_LANDING_H
#define PATCHER_LANDING_H

struct patcher_diversion;

void patcher_landing_end_task(struct patcher_diversion *diversion);

#endif /* PATCHER_LANDING_H */
