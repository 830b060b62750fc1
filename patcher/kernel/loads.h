/* SPDX-License-Identifier: GPL-2.0 */
/*
 * loads: idem_hash, the kernel's table of loads in progress, and the dead records in it.
 */
#ifndef PATCHER_LOADS_H
#define PATCHER_LOADS_H

#include <linux/bits.h>
#include <linux/types.h>

/* IDEM_HASH_BITS of kernel/module/main.c, 6.5 to 7.3 */
#define PATCHER_LOAD_CHAINS_BITS	8
#define PATCHER_LOAD_CHAINS		BIT(PATCHER_LOAD_CHAINS_BITS)

bool patcher_loads_sweep(const char *name, bool died);

#endif /* PATCHER_LOADS_H */
