/* SPDX-License-Identifier: GPL-2.0 */
/*
 * revoke: takes the open files of a target from those who have them, for force=1.
 */
#ifndef PATCHER_REVOKE_H
#define PATCHER_REVOKE_H

#include <linux/fs.h>
#include <linux/types.h>

#define PATCHER_REVOKED_MAX	64

struct cdev;
struct patcher_rescue;

/**
 * struct patcher_revoked - an open file that is to be taken
 * @file: held
 * @fops: its operations, which are the target's
 * @cdev: the target's own, of which the file has a reference; NULL if it has none
 * @descriptors: so many tables of descriptors have led to it
 * @in_use: one of them by the system call that its task is in
 */
struct patcher_revoked {
	struct file *file;
	const struct file_operations *fops;
	struct cdev *cdev;
	unsigned int descriptors;
	bool in_use;
};

/**
 * struct patcher_revocation - all of one target's
 * @number: of @list
 * @too_many: there are more
 * @others: and some that cannot be taken
 * @list: in no order
 */
struct patcher_revocation {
	unsigned int number;
	bool too_many;
	bool others;
	struct patcher_revoked list[PATCHER_REVOKED_MAX];
};

bool patcher_revoke_can(const struct file *file, const struct module *target);
void patcher_revoke_begin(struct patcher_revocation *revocation);
bool patcher_revoke_knows(const struct patcher_revocation *revocation,
			  const struct file *file);
void patcher_revoke_note(struct patcher_revocation *revocation, struct file *file,
			 const struct module *target, bool by_descriptor, bool in_use);
int patcher_revoke(struct patcher_rescue *rescue);
void patcher_revoke_end(struct patcher_rescue *rescue, bool armed);

#endif /* PATCHER_REVOKE_H */
