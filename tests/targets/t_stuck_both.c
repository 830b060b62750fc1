// SPDX-License-Identifier: GPL-2.0
/*
 * t_stuck_both: lets go what is stuck in t_stuck, and cleans up after it.
 */
#include "t_stuck_stub.h"

PATCHER_STUB(
	.release = stuck_release,
	.cleanup = stuck_cleanup,
	.evicted = stuck_evicted,
	.symbols = symbols,
);

MODULE_DESCRIPTION("patcher test stub: lets go what is stuck, and cleans up");
MODULE_LICENSE("GPL");
