// SPDX-License-Identifier: GPL-2.0
/*
 * t_provider: exports a function that t_user and t_user2 use.
 *
 * Situation 1 while either is loaded. Seen from outside: state LIVE, refcount as
 * many as dependents, their names in lsmod. rmmod says "Module t_provider is in
 * use by: t_user". With neither loaded it goes with plain rmmod.
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

static int __init t_provider_init(void)
{
	return 0;
}

static void __exit t_provider_exit(void)
{
}

module_init(t_provider_init);
module_exit(t_provider_exit);

MODULE_DESCRIPTION("patcher target: others depend on it");
MODULE_LICENSE("GPL");
