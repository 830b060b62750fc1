/* SPDX-License-Identifier: GPL-2.0 */
/*
 * disks: open disks that hold a target.
 */
#ifndef PATCHER_DISKS_H
#define PATCHER_DISKS_H

#include <linux/types.h>

struct gendisk;
struct module;
struct patcher_search;

#ifdef CONFIG_BLOCK
void patcher_disks_look(struct patcher_search *search);
bool patcher_disk_is_of(const struct gendisk *disk, const struct module *target);
#else	/* there are none */
static inline void patcher_disks_look(struct patcher_search *search)
{
}

static inline bool patcher_disk_is_of(const struct gendisk *disk, const struct module *target)
{
	return false;
}
#endif

#endif /* PATCHER_DISKS_H */
