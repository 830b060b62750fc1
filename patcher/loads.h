/* SPDX-License-Identifier: GPL-2.0 */
/*
 * loads: the kernel's table of loads in progress, and the dead ones in it.
 */
#ifndef PATCHER_LOADS_H
#define PATCHER_LOADS_H

void patcher_loads_init(void);
void patcher_loads_sweep(const char *name);

#endif /* PATCHER_LOADS_H */
