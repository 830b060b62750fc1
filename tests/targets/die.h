/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An init that dies half way, where the one who loads the module wants it:
 * "insmod t_x.ko die=N" oopses after step N of init, 0 being before the first.
 */
#ifndef T_DIE_H
#define T_DIE_H

#include <linux/moduleparam.h>

#include "defect.h"

#ifdef FIXED

static inline void t_die_after(int step)
{
}

#else

static int die = -1;
module_param(die, int, 0444);
MODULE_PARM_DESC(die, "After which step of init to oops");

static inline void t_die_after(int step)
{
	if (step == die)
		t_defect_oops();
}

#endif /* FIXED */

#endif /* T_DIE_H */
