/* SPDX-License-Identifier: GPL-2.0 */
/*
 * revoke: takes the open files of a target from those who have them, for force=1.
 */
#ifndef PATCHER_REVOKE_H
#define PATCHER_REVOKE_H

#include <linux/fs.h>
#include <linux/list.h>
#include <linux/types.h>

#define PATCHER_REVOKED_MAX	64
#define PATCHER_LEADS_MAX	256

struct patcher_answers;
struct patcher_rescue;

/**
 * struct patcher_revoked - an open file that is to be taken
 * @file: held
 * @fops: its operations, which are the target's
 * @answers: those that take their place, as soon as they do
 * @count: its references, ours among them, before all that lead to it were looked for
 * @leads: descriptors that lead to it
 * @in_use: one of them by the system call that its task is in
 */
struct patcher_revoked {
	struct file *file;
	const struct file_operations *fops;
	const struct patcher_answers *answers;
	long count;
	unsigned int leads;
	bool in_use;
};

/**
 * struct patcher_lead - a descriptor that leads to a file that is to be taken
 * @table: its table, which tasks may share
 * @fd: its number
 */
struct patcher_lead {
	const void *table;
	unsigned int fd;
};

/**
 * struct patcher_revocation - all of one target's
 * @number: of @list
 * @leads_number: of @leads
 * @before_number: of @leads_before
 * @too_many: there are more of either
 * @others: and some that cannot be taken
 * @answers: what their operations are replaced by
 * @list: in no order
 * @leads: those that lead to them, as they were found
 * @leads_before: the same of the walk before
 */
struct patcher_revocation {
	unsigned int number;
	unsigned int leads_number;
	unsigned int before_number;
	bool too_many;
	bool others;
	struct list_head answers;
	struct patcher_revoked list[PATCHER_REVOKED_MAX];
	struct patcher_lead leads[PATCHER_LEADS_MAX];
	struct patcher_lead leads_before[PATCHER_LEADS_MAX];
};

bool patcher_revoke_can(const struct file *file, const struct module *target);
void patcher_revoke_begin(struct patcher_revocation *revocation);
bool patcher_revoke_knows(const struct patcher_revocation *revocation,
			  const struct file *file);
void patcher_revoke_note(struct patcher_revocation *revocation, struct file *file,
			 const struct patcher_lead *lead, bool in_use);
int patcher_revoke(struct patcher_rescue *rescue, unsigned int references);
void patcher_revoke_done(struct patcher_rescue *rescue);
void patcher_revoke_undo(struct patcher_rescue *rescue);
void patcher_revoke_exit(void);

#endif /* PATCHER_REVOKE_H */
