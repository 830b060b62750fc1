/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels that the targets are built for, 5.10 to 7.3.
 */
#ifndef T_COMPAT_H
#define T_COMPAT_H

#include <linux/debugfs.h>
#include <linux/device/class.h>
#include <linux/hrtimer.h>
#include <linux/module.h>
#include <linux/shrinker.h>
#include <linux/sysctl.h>
#include <linux/timer.h>
#include <linux/version.h>
#if KERNEL_VERSION(5, 14, 0) <= LINUX_VERSION_CODE
#include <linux/panic_notifier.h>
#endif

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

/* 908a1d775422 ("hrtimers: Introduce hrtimer_setup() to replace hrtimer_init()"), 6.13 */
static inline void t_hrtimer_setup(struct hrtimer *timer,
				   enum hrtimer_restart (*function)(struct hrtimer *))
{
#if KERNEL_VERSION(6, 13, 0) > LINUX_VERSION_CODE
	hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	timer->function = function;
#else
	hrtimer_setup(timer, function, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
#endif
}

/*
 * A shrinker was the caller's own structure up to 6.6, and is allocated from 6.7 on (c42d50aefd17
 * "mm: shrinker: add infrastructure for dynamically allocating shrinker"). It got a name in 6.0
 * (e33c267ab70d "mm: shrinkers: provide shrinkers with names").
 */
struct t_shrinker {
#if KERNEL_VERSION(6, 7, 0) > LINUX_VERSION_CODE
	struct shrinker shrinker;
#else
	struct shrinker *shrinker;
#endif
};

typedef unsigned long t_shrinker_fn(struct shrinker *shrinker, struct shrink_control *control);

static inline int t_shrinker_register(struct t_shrinker *own, t_shrinker_fn *function)
{
#if KERNEL_VERSION(6, 7, 0) > LINUX_VERSION_CODE
	own->shrinker.count_objects = function;
	own->shrinker.scan_objects = function;
	own->shrinker.seeks = DEFAULT_SEEKS;
#if KERNEL_VERSION(6, 0, 0) > LINUX_VERSION_CODE
	return register_shrinker(&own->shrinker);
#else
	return register_shrinker(&own->shrinker, "t_forget");
#endif
#else
	own->shrinker = shrinker_alloc(0, "t_forget");
	if (!own->shrinker)
		return -ENOMEM;
	own->shrinker->count_objects = function;
	own->shrinker->scan_objects = function;
	shrinker_register(own->shrinker);
	return 0;
#endif
}

static inline void t_shrinker_unregister(struct t_shrinker *own)
{
#if KERNEL_VERSION(6, 7, 0) > LINUX_VERSION_CODE
	unregister_shrinker(&own->shrinker);
#else
	shrinker_free(own->shrinker);
#endif
}

/* From 6.11 on, a table has no empty entry at its end. */
#if KERNEL_VERSION(6, 11, 0) > LINUX_VERSION_CODE
#define T_SYSCTL_END	{ }
#else
#define T_SYSCTL_END
#endif

/* Not all kernels have debugfs_lookup_and_remove(). */
static inline void t_debugfs_remove(const char *name)
{
	debugfs_remove(debugfs_lookup(name, NULL));
}

#endif /* T_COMPAT_H */
