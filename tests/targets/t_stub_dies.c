// SPDX-License-Identifier: GPL-2.0
/*
 * t_stub_dies: a cleanup that oopses, so that the rescue needs one itself.
 */
#include <linux/module.h>
#include <patcher/stub.h>

#include "defect.h"

static void dies_cleanup(void)
{
	t_defect_oops();
}

PATCHER_STUB(
	.cleanup = dies_cleanup,
);

MODULE_DESCRIPTION("patcher test stub: its cleanup oopses");
MODULE_LICENSE("GPL");
