/* SPDX-License-Identifier: GPL-2.0 */
/*
 * loads: idem_hash, the kernel's table of loads in progress, and the dead records in it.
 */
#ifndef PATCHER_LOADS_H
#define PATCHER_LOADS_H

#include <linux/types.h>

bool patcher_loads_sweep(const char *name, bool died);

#endif /* PATCHER_LOADS_H */
