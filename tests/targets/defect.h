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
 * Reads through a NULL pointer, in the same way with KASAN: its own check would
 * find it first, and the report would be another one. The compiler must not see that
 * it is NULL, or it may warn, or put a trap instruction there.
 */
static __always_inline void t_defect_oops(void)
{
	unsigned long *nowhere = NULL;

	OPTIMIZER_HIDE_VAR(nowhere);
	(void)READ_ONCE_NOCHECK(*nowhere);
}

/* An alias, so that the report names the line that hit it. */
#define t_defect_bug	BUG

#endif /* FIXED */

#endif /* T_DEFECT_H */
