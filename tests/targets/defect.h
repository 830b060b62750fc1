/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The defects that wedge the targets. With FIXED defined (see fixed/) they are
 * not there, and the same source is a module that works.
 */
#ifndef T_DEFECT_H
#define T_DEFECT_H

#include <linux/bug.h>
#include <linux/compiler.h>

#ifdef FIXED

static inline void t_defect_oops(void)
{
}

static inline void t_defect_bug(void)
{
}

#else

/*
 * Writes through a NULL pointer. The compiler must not see that it is one, or it
 * may warn, or put a trap instruction there.
 */
static __always_inline void t_defect_oops(void)
{
	int *nowhere = NULL;

	OPTIMIZER_HIDE_VAR(nowhere);
	WRITE_ONCE(*nowhere, 1);
}

/* An alias, so that the report names the line that hit it. */
#define t_defect_bug	BUG

#endif /* FIXED */

#endif /* T_DEFECT_H */
