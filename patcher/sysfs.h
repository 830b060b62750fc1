/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sysfs: /sys/kernel/patcher.
 */
#ifndef PATCHER_SYSFS_H
#define PATCHER_SYSFS_H

#include <linux/kobject.h>
#include <linux/sysfs.h>

struct patcher_rescue;

enum patcher_file_number {
	PATCHER_FILE_STUB,
	PATCHER_FILE_METHOD,
	PATCHER_FILE_SITUATION,
	PATCHER_FILE_STATUS,
	PATCHER_FILE_DISARM,
	PATCHER_FILES,
};

/**
 * struct patcher_file - a file in the directory of a rescue
 * @attribute: sysfs's view of it
 * @rescue: ours
 */
struct patcher_file {
	struct kobj_attribute attribute;
	struct patcher_rescue *rescue;
};

/**
 * struct patcher_directory - what shows one rescue; zeroed before its first use
 * @kobj: the kernel's own, which keeps nothing of ours; NULL if there is none
 * @files: in it
 */
struct patcher_directory {
	struct kobject *kobj;
	struct patcher_file files[PATCHER_FILES];
};

int patcher_sysfs_init(void);
void patcher_sysfs_stop(void);
void patcher_sysfs_exit(void);
int patcher_sysfs_add(struct patcher_rescue *rescue);
int patcher_sysfs_rename(struct patcher_rescue *rescue, const char *name);
void patcher_sysfs_remove(struct patcher_rescue *rescue);

#endif /* PATCHER_SYSFS_H */
