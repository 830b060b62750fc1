/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sysfs: /sys/kernel/patcher.
 */
#ifndef PATCHER_SYSFS_H
#define PATCHER_SYSFS_H

int patcher_sysfs_init(void);
void patcher_sysfs_stop(void);
void patcher_sysfs_exit(void);

#endif /* PATCHER_SYSFS_H */
