/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sweep: does anything in the kernel's memory still point into a target?
 */
#ifndef PATCHER_SWEEP_H
#define PATCHER_SWEEP_H

#include <linux/module.h>

#include "look/residue.h"

int patcher_sweep_init(void);
void patcher_sweep_exit(void);
int patcher_sweep(struct module *target, struct patcher_sweep *sweep);

#endif /* PATCHER_SWEEP_H */
