// SPDX-License-Identifier: GPL-2.0
/*
 * t_noexit: registers nothing and has no exit.
 *
 * Situation 3. Seen from outside: state LIVE, refcount 0, "[permanent]" in
 * /proc/modules. rmmod says "Device or resource busy".
 *
 * Stub: stub_noop.
 */
#include <linux/init.h>
#include <linux/module.h>

static int __init t_noexit_init(void)
{
	return 0;
}

module_init(t_noexit_init);

#ifdef FIXED
static void __exit t_noexit_exit(void)
{
}

module_exit(t_noexit_exit);
#endif

MODULE_DESCRIPTION("patcher target: no exit");
MODULE_LICENSE("GPL");
