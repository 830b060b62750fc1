/* SPDX-License-Identifier: GPL-2.0 */
/*
 * arm: the order of a rescue.
 */
#ifndef PATCHER_ARM_H
#define PATCHER_ARM_H

struct patcher_options;

int patcher_arm(const struct patcher_options *options);

#endif /* PATCHER_ARM_H */
