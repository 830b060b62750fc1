/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs for the stubs between the kernels that they are built for, 5.10 to
 * 7.3. A stub for one kernel needs none of it.
 */
#ifndef STUB_COMPAT_H
#define STUB_COMPAT_H

#include <linux/timer.h>
#include <linux/version.h>

/*
 * 9b13df3fb64e ("timers: Rename del_timer_sync() to timer_delete_sync()"), 6.2.
 * The stable kernels that backported it kept the old name beside the new one.
 */
static inline int stub_timer_delete_sync(struct timer_list *timer)
{
#if KERNEL_VERSION(6, 2, 0) > LINUX_VERSION_CODE
	return del_timer_sync(timer);
#else
	return timer_delete_sync(timer);
#endif
}

#endif /* STUB_COMPAT_H */
