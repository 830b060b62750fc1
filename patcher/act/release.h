/* SPDX-License-Identifier: GPL-2.0 */
/*
 * release: lets the tasks go that are stuck inside the target.
 */
#ifndef PATCHER_RELEASE_H
#define PATCHER_RELEASE_H

struct patcher_rescue;
struct patcher_verdict;

int patcher_release(struct patcher_rescue *rescue, const struct patcher_verdict *verdict);

#endif /* PATCHER_RELEASE_H */
