// SPDX-License-Identifier: GPL-2.0
/*
 * t_stuck_odd: t_stuck_marked, with an .init.text that is a byte longer. Stub: the same.
 */
#define T_STUCK_MARKED_PAD 1
#include "t_stuck_marked.c"
