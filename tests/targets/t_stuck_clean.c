// SPDX-License-Identifier: GPL-2.0
/*
 * t_stuck_clean: cleans up after t_stuck; has no release.
 */
#include "t_stuck_stub.h"

PATCHER_STUB(
	.cleanup = stuck_cleanup,
	.evicted = stuck_evicted,
	.symbols = symbols,
);

MODULE_DESCRIPTION("patcher test stub: cleans up after what is stuck");
MODULE_LICENSE("GPL");
