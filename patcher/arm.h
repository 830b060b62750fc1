/* SPDX-License-Identifier: GPL-2.0 */
/*
 * arm: the order of a rescue, and back.
 */
#ifndef PATCHER_ARM_H
#define PATCHER_ARM_H

#include "options.h"

struct patcher_rescue;

int patcher_arm(const struct patcher_options *options);
int patcher_disarm(struct patcher_rescue *rescue);
void patcher_disarm_all(void);

#endif /* PATCHER_ARM_H */
