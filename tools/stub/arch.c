// SPDX-License-Identifier: GPL-2.0
/*
 * arch: the architectures.
 */
#include "arch.h"

static const struct arch *const all[] = { &arch_x86 };

const struct arch *arch_of(const struct module *module)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i]->machine == module->machine)
			return all[i];
	fail("is for another architecture (ELF machine %u); known: x86-64", module->machine);
}
