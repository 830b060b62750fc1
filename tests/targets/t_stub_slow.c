// SPDX-License-Identifier: GPL-2.0
/*
 * t_stub_slow: a cleanup that takes until the rmmod gets a signal.
 */
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>
#include <patcher/stub.h>

static DECLARE_WAIT_QUEUE_HEAD(slow_wait);

static void slow_cleanup(void)
{
	wait_event_interruptible(slow_wait, signal_pending(current));
}

PATCHER_STUB(
	.cleanup = slow_cleanup,
);

MODULE_DESCRIPTION("patcher test stub: its cleanup ends with a signal");
MODULE_LICENSE("GPL");
