// SPDX-License-Identifier: GPL-2.0
/*
 * revoke: takes the open files of a target from those who have them, for force=1.
 *
 * A file that is taken has other operations from then on, which answer EIO and have nothing
 * to release, and its reference is on this module instead of the target. The target's own
 * release is never called for it: what that would have freed is lost.
 *
 * The kernel has no revoke, so all that may still lead from such a file into the target is
 * looked for, and if there is any, nothing is taken:
 *
 *   - Who had read the old operations when they were replaced has slept since, or left the
 *     kernel (synchronize_rcu_tasks()). Then he is inside the target, or in something that it
 *     has called: in a system call with that descriptor. Where tasks share a table of
 *     descriptors, such a call has a reference on the file (fdget() in fs/file.c).
 *   - A mapping, poll and select, asynchronous I/O, a message with the file in it: each has a
 *     reference on the file beside those of the descriptors.
 *   - epoll and SIGIO have none, and are seen in the file.
 *
 * A character device's file has a reference on its cdev, too, which __fput() would give back
 * when the target has gone. So the inode forgets the cdev (cd_forget() in fs/char_dev.c, as
 * for an inode that goes), and the reference is given back here.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cdev.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "arch.h"
#include "compat.h"
#include "holders.h"
#include "ksym.h"
#include "log.h"
#include "occupants.h"
#include "rescue.h"
#include "revoke.h"

static ssize_t answer_read(struct file *file, char __user *buf, size_t size, loff_t *pos)
{
	return -EIO;
}

static ssize_t answer_write(struct file *file, const char __user *buf, size_t size,
			    loff_t *pos)
{
	return -EIO;
}

static loff_t answer_seek(struct file *file, loff_t offset, int whence)
{
	return -EIO;
}

static __poll_t answer_poll(struct file *file, struct poll_table_struct *table)
{
	return EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM | EPOLLERR | EPOLLHUP;
}

static long answer_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return -EIO;
}

static int answer_mmap(struct file *file, struct vm_area_struct *vma)
{
	return -EIO;
}

static int answer_sync(struct file *file, loff_t start, loff_t end, int datasync)
{
	return -EIO;
}

static const struct file_operations answers = {
	.owner = THIS_MODULE,
	.llseek = answer_seek,
	.read = answer_read,
	.write = answer_write,
	.poll = answer_poll,
	.unlocked_ioctl = answer_ioctl,
	.compat_ioctl = answer_ioctl,
	.mmap = answer_mmap,
	.fsync = answer_sync,
};

/* The target's own cdev, by its owner, which many leave out, or by its operations. */
static struct cdev *own_cdev(const struct file *file, const struct module *target)
{
	struct cdev *cdev = READ_ONCE(file_inode(file)->i_cdev);
	const struct file_operations *fops;

	if (!cdev || !read_field(fops, cdev->ops))
		return NULL;
	return patcher_owner_at(&cdev->owner) == target ||
	       within_module((unsigned long)cdev, target) ||
	       within_module((unsigned long)fops, target) ? cdev : NULL;
}

/**
 * patcher_revoke_can - can an open file be taken at all?
 * @file: one that has references on the target
 * @target: which
 *
 * Those of character devices can, unless the operations that the file has are not the
 * target's, as for a terminal, or it has pages of its own.
 *
 * Context: any; @file does not go.
 */
bool patcher_revoke_can(const struct file *file, const struct module *target)
{
	const struct file_operations *fops = READ_ONCE(file->f_op);
	const struct inode *inode = file_inode(file);

	return S_ISCHR(inode->i_mode) && !(file->f_mode & FMODE_PATH) &&
	       fops && patcher_owner_at(&fops->owner) == target &&
	       READ_ONCE(file->f_mapping) == READ_ONCE(inode->i_mapping) &&
	       (patcher_ksym.cd_forget || !own_cdev(file, target));
}

/**
 * patcher_revoke_begin - before a walk over all open files
 * @revocation: zeroed before its first one; the files that it knows stay
 */
void patcher_revoke_begin(struct patcher_revocation *revocation)
{
	unsigned int i;

	revocation->others = false;
	for (i = 0; i < revocation->number; i++) {
		revocation->list[i].descriptors = 0;
		revocation->list[i].in_use = false;
	}
}

static struct patcher_revoked *find(struct patcher_revocation *revocation,
				    const struct file *file)
{
	unsigned int i;

	for (i = 0; i < revocation->number; i++)
		if (revocation->list[i].file == file)
			return &revocation->list[i];
	return NULL;
}

/**
 * patcher_revoke_knows - is this file among them already?
 * @revocation: which
 * @file: the file; its operations may have been replaced
 */
bool patcher_revoke_knows(const struct patcher_revocation *revocation,
			  const struct file *file)
{
	return find((struct patcher_revocation *)revocation, file);
}

/**
 * patcher_revoke_note - one of its open files, as often as something leads to it
 * @revocation: to be added to
 * @file: the file; patcher_revoke_can() says yes
 * @target: whose it is
 * @by_descriptor: a descriptor leads to it; otherwise a mapping
 * @in_use: its task is in a system call that may have that descriptor
 *
 * Context: any; @file does not go. Allocates nothing.
 */
void patcher_revoke_note(struct patcher_revocation *revocation, struct file *file,
			 const struct module *target, bool by_descriptor, bool in_use)
{
	struct patcher_revoked *revoked = find(revocation, file);

	if (!revoked && revocation->number == PATCHER_REVOKED_MAX) {
		revocation->too_many = true;
		return;
	}
	if (!revoked) {
		revoked = &revocation->list[revocation->number++];
		*revoked = (struct patcher_revoked){
			.file = get_file(file),
			.fops = file->f_op,
			.cdev = own_cdev(file, target),
		};
	}
	revoked->descriptors += by_descriptor;
	revoked->in_use |= in_use;
}

/* Why it must not be taken; NULL if nothing speaks against it. */
static const char *objection(const struct patcher_revoked *revoked)
{
	struct file *file = revoked->file;

	if (READ_ONCE(file->f_flags) & FASYNC)
		return "it sends SIGIO";
	if (patcher_has_epoll(file))
		return "it is watched by epoll";
	if (revoked->in_use)
		return "a system call is using it";
	/* One reference is ours. */
	if (file_count(file) != revoked->descriptors + 1)
		return "it is mapped, polled, or on its way to somebody";
	return NULL;
}

static int check(struct patcher_rescue *rescue)
{
	const struct patcher_revocation *revocation = rescue->revocation;
	const char *text;
	unsigned int i;

	if (revocation->too_many)
		return patcher_refuse(rescue->name, -EBUSY,
				      "more than %u of its files are open, too many to take them; close some first",
				      PATCHER_REVOKED_MAX);
	if (revocation->others)
		return patcher_refuse(rescue->name, -EBUSY,
				      "somebody has opened it in another way meanwhile; try again");
	for (i = 0; i < revocation->number; i++) {
		text = objection(&revocation->list[i]);
		if (text)
			return patcher_refuse(rescue->name, -EBUSY,
					      "%pD cannot be taken, %s; have it closed, or try again",
					      revocation->list[i].file, text);
	}
	return 0;
}

static void replace(struct patcher_revocation *revocation)
{
	unsigned int i;

	for (i = 0; i < revocation->number; i++) {
		__module_get(THIS_MODULE);
		WRITE_ONCE(revocation->list[i].file->f_op, &answers);
	}
}

static void put_back(struct patcher_revocation *revocation)
{
	unsigned int i;

	for (i = 0; i < revocation->number; i++) {
		WRITE_ONCE(revocation->list[i].file->f_op, revocation->list[i].fops);
		module_put(THIS_MODULE);
	}
}

static int look(struct patcher_rescue *rescue)
{
	int err = patcher_holders_revoke(rescue->target, rescue->revocation);

	if (err)
		return patcher_refuse(rescue->name, err,
				      "not all could be looked at; try again");
	return check(rescue);
}

/* Is anybody in an operation of the target, now that nobody can begin one? */
static int look_inside(struct patcher_rescue *rescue)
{
	const unsigned int *count = rescue->occupants.count;
	int err = patcher_occupants_look(rescue->target, true, &rescue->occupants);

	if (!err && (count[PATCHER_USER] || count[PATCHER_LOADER] ||
		     count[PATCHER_INTERRUPT] || count[PATCHER_UNREADABLE]))
		err = -EBUSY;
	if (err)
		return patcher_refuse(rescue->name, err,
				      "somebody has come inside meanwhile; try again");
	return 0;
}

static int replace_and_check(struct patcher_rescue *rescue)
{
	const unsigned int number = rescue->revocation->number;
	int err;

	replace(rescue->revocation);
	synchronize_rcu_tasks();
	err = look(rescue);
	if (!err && rescue->revocation->number != number)
		err = patcher_refuse(rescue->name, -EBUSY,
				     "it is being opened; try again");
	if (!err)
		err = look_inside(rescue);
	/* What was found since is not replaced. */
	while (rescue->revocation->number > number)
		fput(rescue->revocation->list[--rescue->revocation->number].file);
	if (err)
		put_back(rescue->revocation);
	return err;
}

static void let_go(struct patcher_rescue *rescue)
{
	struct patcher_revocation *revocation = rescue->revocation;

	while (revocation->number)
		fput(revocation->list[--revocation->number].file);
	kvfree(revocation);
	rescue->revocation = NULL;
}

/**
 * patcher_revoke - take all open files of the target
 * @rescue: in PATCHER_ARMING, nobody inside
 *
 * Context: process context, sleeps, no lock held; waits for RCU tasks.
 * Return: 0, and patcher_revoke_end() is to be called; or -EBUSY, -ENOMEM or -EAGAIN, and then
 * the log says so, and the files are as they were.
 */
int patcher_revoke(struct patcher_rescue *rescue)
{
	int err;

	rescue->revocation = kvzalloc(sizeof(*rescue->revocation), GFP_KERNEL);
	if (!rescue->revocation)
		return patcher_refuse(rescue->name, -ENOMEM,
				      "there is no memory for it now; try again");
	err = look(rescue);
	if (!err)
		err = replace_and_check(rescue);
	if (err)
		let_go(rescue);
	return err;
}

/* Those that have an inode in common have its cdev in common. */
static void forget_cdevs(struct patcher_revocation *revocation)
{
	unsigned int i;

	for (i = 0; i < revocation->number; i++) {
		if (!revocation->list[i].cdev)
			continue;
		patcher_cd_forget(file_inode(revocation->list[i].file));
		kobject_put(&revocation->list[i].cdev->kobj);
	}
}

/**
 * patcher_revoke_end - after patcher_revoke()
 * @rescue: the same
 * @armed: the references have been corrected, those of the files among them; otherwise the
 *	files are given back
 *
 * Context: process context, may sleep; the target is pinned, and has not been unloaded if the
 * caller holds patcher_lock.
 */
void patcher_revoke_end(struct patcher_rescue *rescue, bool armed)
{
	if (armed) {
		forget_cdevs(rescue->revocation);
		patcher_notice(rescue->name, "took %u open files: they answer EIO, its release is not called for them, and patcher stays until they are closed",
			       rescue->revocation->number);
		/* If before cd_forget(), its cdev has a reference that nobody gives back. */
		if (module_refcount(rescue->target) > 0)
			patcher_warn(rescue->name, "somebody has opened it meanwhile; if rmmod finds it in use when that is closed, disarm it and arm it again");
	} else {
		put_back(rescue->revocation);
	}
	let_go(rescue);
}
