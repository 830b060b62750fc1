/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels that the targets are built for, 5.10 to 7.3.
 */
#ifndef T_COMPAT_H
#define T_COMPAT_H

#include <linux/device/class.h>
#include <linux/module.h>
#include <linux/timer.h>
#include <linux/version.h>

/* 1aaba11da9aa ("driver core: class: remove module * from class_create()"), 6.4: no macro then */
static inline struct class *t_class_create(const char *name)
{
#ifdef class_create
	return class_create(THIS_MODULE, name);
#else
	return class_create(name);
#endif
}

/*
 * 9b13df3fb64e ("timers: Rename del_timer_sync() to timer_delete_sync()"), 6.2.
 * The stable kernels that backported it kept the old name beside the new one.
 */
static inline int t_timer_delete_sync(struct timer_list *timer)
{
#if KERNEL_VERSION(6, 2, 0) > LINUX_VERSION_CODE
	return del_timer_sync(timer);
#else
	return timer_delete_sync(timer);
#endif
}

#endif /* T_COMPAT_H */
