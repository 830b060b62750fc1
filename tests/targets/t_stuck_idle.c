// SPDX-License-Identifier: GPL-2.0
/*
 * t_stuck_idle: cleans up after t_stuck; its release lets nothing go.
 */
#include "t_stuck_stub.h"

PATCHER_STUB(
	.release = idle_release,
	.cleanup = stuck_cleanup,
	.evicted = stuck_evicted,
	.symbols = symbols,
);

MODULE_DESCRIPTION("patcher test stub: lets nothing go, and cleans up");
MODULE_LICENSE("GPL");
