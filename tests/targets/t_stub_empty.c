// SPDX-License-Identifier: GPL-2.0
/*
 * t_stub_empty: a descriptor with nothing in it.
 */
#include <linux/module.h>
#include <patcher/stub.h>

PATCHER_STUB();

MODULE_DESCRIPTION("patcher test stub: neither cleanup nor release");
MODULE_LICENSE("GPL");
