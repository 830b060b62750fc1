// SPDX-License-Identifier: GPL-2.0
/*
 * t_stuck_let: lets go what is stuck in t_stuck, which keeps its own exit.
 */
#include "t_stuck_stub.h"

PATCHER_STUB(
	.release = stuck_release,
	.symbols = symbols,
);

MODULE_DESCRIPTION("patcher test stub: lets go what is stuck");
MODULE_LICENSE("GPL");
