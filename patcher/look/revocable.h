/* SPDX-License-Identifier: GPL-2.0 */
/*
 * revocable: which open files of a target can be taken from the tasks that have them.
 */
#ifndef PATCHER_REVOCABLE_H
#define PATCHER_REVOCABLE_H

#include <linux/fs.h>
#include <linux/list.h>
#include <linux/types.h>

#define PATCHER_REVOKED_MAX	64
#define PATCHER_LEADS_MAX	256

struct patcher_eio;

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
	const struct patcher_eio *answers;
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

bool patcher_is_revocable(const struct file *file, const struct module *target);
void patcher_revocation_begin(struct patcher_revocation *revocation);
bool patcher_revocation_knows(const struct patcher_revocation *revocation,
			      const struct file *file);
void patcher_revocation_note(struct patcher_revocation *revocation, struct file *file,
			     const struct patcher_lead *lead, bool in_use);
const char *patcher_revoked_objection(const struct patcher_revoked *revoked);
bool patcher_revocation_has_settled(const struct patcher_revocation *revocation);

#endif /* PATCHER_REVOCABLE_H */
