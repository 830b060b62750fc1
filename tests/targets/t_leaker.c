// SPDX-License-Identifier: GPL-2.0
/*
 * t_leaker: leaks references on any module.
 *
 *   insmod t_leaker.ko target=NAME [count=N]
 *
 * takes N references (one, if not said) on the module NAME, and then fails with
 * -ECANCELED on purpose, so that nothing of it stays: insmod prints "Operation
 * canceled", and NAME is left in situation 4, with a count and no holder. Any
 * other error means that nothing was taken: -ENODEV when NAME is not loaded.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>

#include "find.h"

static char target[MODULE_NAME_LEN];
module_param_string(target, target, sizeof(target), 0);
MODULE_PARM_DESC(target, "Name of the module to leak references on");

static unsigned int count = 1;
module_param(count, uint, 0);
MODULE_PARM_DESC(count, "How many");

static int __init t_leaker_init(void)
{
	struct module *mod = t_find_get(target);
	unsigned int i;

	if (!mod)
		return -ENODEV;
	for (i = 0; i < count; i++)
		__module_get(mod);
	t_find_put(mod);
	return -ECANCELED;
}

module_init(t_leaker_init);

MODULE_DESCRIPTION("patcher test: leaks references on another module");
MODULE_LICENSE("GPL");
