// SPDX-License-Identifier: GPL-2.0
/*
 * The other half of t_symbols: the same two names once more.
 */
#include <linux/compiler.h>
#include <linux/module.h>

#include "t_symbols.h"

static unsigned int t_symbols_twin = 2;

static noinline __used unsigned int t_symbols_twin_get(void)
{
	return READ_ONCE(t_symbols_twin);
}

unsigned int t_symbols_other(void)
{
	WRITE_ONCE(t_symbols_twin, t_symbols_twin + 1);
	return t_symbols_twin_get();
}
