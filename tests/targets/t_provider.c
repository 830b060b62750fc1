// SPDX-License-Identifier: GPL-2.0
/*
 * t_provider: exports a function that t_user and t_user2 use.
 *
 * Situation 1 while either is loaded. Seen from outside: state LIVE, refcount as
 * many as dependents, their names in lsmod. rmmod says "Module t_provider is in
 * use by: t_user". With neither loaded it goes with plain rmmod, unless it was loaded
 * with leak=N: then N references more are nobody's, situation 4.
 */
#include <linux/export.h>
#include <linux/init.h>
#include <linux/module.h>

#include "t_provider.h"

int t_provider_value(void)
{
	return 42;
}
EXPORT_SYMBOL_GPL(t_provider_value);

static unsigned int t_provider_leak;
module_param_named(leak, t_provider_leak, uint, 0444);
MODULE_PARM_DESC(leak, "Takes so many references, and gives none back");

static int __init t_provider_init(void)
{
	unsigned int i;

	for (i = 0; i < t_provider_leak; i++)
		__module_get(THIS_MODULE);
	return 0;
}

static void __exit t_provider_exit(void)
{
}

module_init(t_provider_init);
module_exit(t_provider_exit);

MODULE_DESCRIPTION("patcher target: others depend on it");
MODULE_LICENSE("GPL");
