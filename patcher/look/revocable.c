// SPDX-License-Identifier: GPL-2.0
/*
 * revocable: which open files of a target can be taken from the tasks that have them.
 *
 * A file can be taken if nothing leads from it into the target but descriptors that no system
 * call is using. The kernel has no revoke, so all else that may lead there is looked for:
 *
 *   - A task that had read the old operations when they were replaced has slept since, or left
 *     the kernel (synchronize_rcu_tasks()). Then it is inside the target, or in something that
 *     the target has called: in a system call with that descriptor. Where tasks share a table
 *     of descriptors, such a call has a reference on the file (fdget() in fs/file.c).
 *   - A mapping, poll and select, asynchronous I/O, a message with the file in it: each has a
 *     reference on the file beside those of the descriptors.
 *   - epoll and SIGIO have none, and are seen in the file.
 *
 * A file has a reference on the cdev as well through which it was opened, and __fput() in
 * fs/file_table.c gives back one of the cdev that its inode leads to by then. So that must not
 * be the target's, but one that stays: that of all misc devices. There are others, but some
 * keep a list of the files that they have led on, as sound does.
 */
#include <linux/cdev.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/major.h>
#include <linux/module.h>

#include "kernel/arch/arch.h"
#include "kernel/compat.h"
#include "kernel/eio.h"
#include "look/revocable.h"
#include "look/search.h"

/* Its cdev is that of all misc devices, which is built in and keeps no list of its files. */
static bool is_of_misc_device(const struct file *file, const struct module *target)
{
	const struct inode *inode = file_inode(file);
	struct cdev *cdev = READ_ONCE(inode->i_cdev);

	return S_ISCHR(inode->i_mode) && imajor(inode) == MISC_MAJOR && cdev &&
	       patcher_owner_at(&cdev->owner) != target &&
	       !within_module((unsigned long)cdev, target);
}

/**
 * patcher_is_revocable - can an open file be taken at all?
 * @file: one that has references on the target
 * @target: which
 *
 * Those of misc devices can, unless they have operations to which there is no answer, or
 * pages of their own.
 *
 * Context: any; @file does not go.
 */
bool patcher_is_revocable(const struct file *file, const struct module *target)
{
	const struct file_operations *fops = READ_ONCE(file->f_op);
	unsigned long slots[PATCHER_FOPS_SLOTS];

	return !(file->f_mode & FMODE_PATH) && is_of_misc_device(file, target) &&
	       fops && patcher_owner_at(&fops->owner) == target &&
	       READ_ONCE(file->f_mapping) == &file_inode(file)->i_data &&
	       patcher_eio_fill(slots, fops);
}

/**
 * patcher_revocation_begin - before a walk over all open files
 * @revocation: the files that it knows stay
 */
void patcher_revocation_begin(struct patcher_revocation *revocation)
{
	struct patcher_revoked *revoked = revocation->list;
	unsigned int i;

	revocation->others = false;
	memcpy(revocation->leads_before, revocation->leads, sizeof(revocation->leads));
	revocation->before_number = revocation->leads_number;
	revocation->leads_number = 0;
	for (i = 0; i < revocation->number; i++, revoked++) {
		revoked->count = file_count(revoked->file);
		revoked->leads = 0;
		revoked->in_use = false;
	}
}

static struct patcher_revoked *find_revoked(struct patcher_revocation *revocation,
					    const struct file *file)
{
	unsigned int i;

	for (i = 0; i < revocation->number; i++)
		if (revocation->list[i].file == file)
			return &revocation->list[i];
	return NULL;
}

/**
 * patcher_revocation_knows - is this file among them already?
 * @revocation: which
 * @file: the file; its operations may have been replaced
 */
bool patcher_revocation_knows(const struct patcher_revocation *revocation,
			      const struct file *file)
{
	return find_revoked((struct patcher_revocation *)revocation, file);
}

/* False if it was seen before: tasks share tables. */
static bool is_new_lead(struct patcher_revocation *revocation, const struct patcher_lead *lead)
{
	unsigned int i;

	for (i = 0; i < revocation->leads_number; i++)
		if (revocation->leads[i].table == lead->table &&
		    revocation->leads[i].fd == lead->fd)
			return false;
	if (revocation->leads_number == PATCHER_LEADS_MAX) {
		revocation->too_many = true;
		return false;
	}
	revocation->leads[revocation->leads_number++] = *lead;
	return true;
}

/**
 * patcher_revocation_note - one of its open files, as often as something leads to it
 * @revocation: to be added to
 * @file: the file; patcher_is_revocable()
 * @lead: the descriptor that leads to it; NULL if a mapping does
 * @in_use: its task is in a system call that may have that descriptor
 *
 * Context: any; @file does not go. Allocates nothing.
 */
void patcher_revocation_note(struct patcher_revocation *revocation, struct file *file,
			     const struct patcher_lead *lead, bool in_use)
{
	struct patcher_revoked *revoked = find_revoked(revocation, file);

	if (!revoked && revocation->number == PATCHER_REVOKED_MAX) {
		revocation->too_many = true;
		return;
	}
	if (!revoked) {
		revoked = &revocation->list[revocation->number++];
		*revoked = (struct patcher_revoked){
			.file = get_file(file),
			.fops = file->f_op,
			.count = file_count(file),
		};
	}
	if (lead)
		revoked->leads += is_new_lead(revocation, lead);
	revoked->in_use |= in_use;
}

/**
 * patcher_revoked_objection - why an open file must not be taken
 * @revoked: the file, after a walk
 *
 * Return: NULL if nothing is in the way; otherwise the reason, for the log.
 */
const char *patcher_revoked_objection(const struct patcher_revoked *revoked)
{
	const struct file_operations *fops = revoked->fops;
	struct file *file = revoked->file;

	if (revoked->answers)
		fops = patcher_eio_fops(revoked->answers);
	if (READ_ONCE(file->f_op) != fops)
		return "its operations have changed";
	if (READ_ONCE(file->f_flags) & FASYNC)
		return "it sends SIGIO";
	if (patcher_has_epoll(file))
		return "it is watched by epoll";
	if (revoked->in_use)
		return "a system call is using it";
	/* One reference is ours. */
	if (revoked->count != revoked->leads + 1 || file_count(file) != revoked->count)
		return "it is mapped, polled, or on its way to another task";
	return NULL;
}

/**
 * patcher_revocation_has_settled - did the last two walks find the same descriptors, in the
 *	same order?
 * @revocation: after two walks
 */
bool patcher_revocation_has_settled(const struct patcher_revocation *revocation)
{
	unsigned int i;

	if (revocation->leads_number != revocation->before_number)
		return false;
	for (i = 0; i < revocation->leads_number; i++)
		if (revocation->leads[i].table != revocation->leads_before[i].table ||
		    revocation->leads[i].fd != revocation->leads_before[i].fd)
			return false;
	return true;
}
