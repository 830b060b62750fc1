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
 * A file has a reference on the cdev as well through which it was opened, and __fput() in
 * fs/file_table.c gives back one of the cdev that its inode leads to by then. So that must not
 * be the target's, but one that stays: that of all misc devices. There are others, but some
 * keep a list of the files that they have led on, as sound does.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cdev.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/major.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "kernel/arch/arch.h"
#include "kernel/compat.h"
#include "look/holders.h"
#include "log.h"
#include "look/occupants.h"
#include "rescue.h"
#include "act/revoke.h"

/* A struct file_operations, as an array. */
#define SLOTS	(sizeof(const struct file_operations) / sizeof(unsigned long))
#define SLOT(of) (offsetof(const struct file_operations, of) / sizeof(unsigned long))

/**
 * struct patcher_answers - operations in the place of others
 * @node: in a revocation, or among those that are in use until patcher goes
 * @instead_of: which
 * @slots: a struct file_operations, with an answer for each operation that those have
 */
struct patcher_answers {
	struct list_head node;
	const struct file_operations *instead_of;
	unsigned long slots[SLOTS];
};

/* Those of files that were taken; protected by patcher_lock. */
static LIST_HEAD(answering);

static loff_t answer_seek(struct file *file, loff_t offset, int whence)
{
	return -EIO;
}

static ssize_t answer_read(struct file *file, char __user *buf, size_t size, loff_t *pos)
{
	return -EIO;
}

static ssize_t answer_write(struct file *file, const char __user *buf, size_t size,
			    loff_t *pos)
{
	return -EIO;
}

static ssize_t answer_iter(struct kiocb *kiocb, struct iov_iter *iter)
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

static int answer_flush(struct file *file, fl_owner_t id)
{
	return 0;
}

static int answer_sync(struct file *file, loff_t start, loff_t end, int datasync)
{
	return -EIO;
}

static int answer_async(int fd, struct file *file, int on)
{
	return -EIO;
}

static ssize_t answer_splice_write(struct pipe_inode_info *pipe, struct file *file,
				   loff_t *pos, size_t size, unsigned int flags)
{
	return -EIO;
}

static ssize_t answer_splice_read(struct file *file, loff_t *pos, struct pipe_inode_info *pipe,
				  size_t size, unsigned int flags)
{
	return -EIO;
}

static void answer_fdinfo(struct seq_file *seq, struct file *file)
{
}

/* What there is an answer to. */
static const struct file_operations all_answers = {
	.llseek = answer_seek,
	.read = answer_read,
	.write = answer_write,
	.read_iter = answer_iter,
	.write_iter = answer_iter,
	.poll = answer_poll,
	.unlocked_ioctl = answer_ioctl,
	.compat_ioctl = answer_ioctl,
	.mmap = answer_mmap,
	.flush = answer_flush,
	.fsync = answer_sync,
	.fasync = answer_async,
	.splice_write = answer_splice_write,
	.splice_read = answer_splice_read,
	.show_fdinfo = answer_fdinfo,
};

/* Called only when a file is opened, or closed for the last time; nobody is there then. */
static bool needs_no_answer(unsigned int slot)
{
	return slot == SLOT(owner) || slot == SLOT(open) || slot == SLOT(release);
}

/*
 * An answer where there was an operation, and none where there was none: a caller may have
 * looked for an operation just before, and calls it now. False if there is something to which
 * no answer is known.
 */
static bool fill(unsigned long *slots, const struct file_operations *fops)
{
	const unsigned long *all = (const unsigned long *)&all_answers;
	unsigned long old[SLOTS];
	unsigned int i;

	if (!patcher_arch_read(old, fops, sizeof(old)))
		return false;
	for (i = 0; i < SLOTS; i++) {
		slots[i] = 0;
		if (needs_no_answer(i) || !old[i])
			continue;
		if (!all[i])
			return false;
		slots[i] = all[i];
	}
	slots[SLOT(owner)] = (unsigned long)THIS_MODULE;
	return true;
}

static const struct file_operations *fops_of(const struct patcher_answers *answers)
{
	return (const struct file_operations *)answers->slots;
}

/* Is it a misc device's? Their cdev is one that is built in, and nobody keeps their files. */
static bool is_misc(const struct file *file, const struct module *target)
{
	const struct inode *inode = file_inode(file);
	struct cdev *cdev = READ_ONCE(inode->i_cdev);

	return S_ISCHR(inode->i_mode) && imajor(inode) == MISC_MAJOR && cdev &&
	       patcher_owner_at(&cdev->owner) != target &&
	       !within_module((unsigned long)cdev, target);
}

/**
 * patcher_revoke_can - can an open file be taken at all?
 * @file: one that has references on the target
 * @target: which
 *
 * Those of misc devices can, unless they have operations to which there is no answer, or
 * pages of their own.
 *
 * Context: any; @file does not go.
 */
bool patcher_revoke_can(const struct file *file, const struct module *target)
{
	const struct file_operations *fops = READ_ONCE(file->f_op);
	unsigned long slots[SLOTS];

	return !(file->f_mode & FMODE_PATH) && is_misc(file, target) &&
	       fops && patcher_owner_at(&fops->owner) == target &&
	       READ_ONCE(file->f_mapping) == &file_inode(file)->i_data && fill(slots, fops);
}

/**
 * patcher_revoke_begin - before a walk over all open files
 * @revocation: the files that it knows stay
 */
void patcher_revoke_begin(struct patcher_revocation *revocation)
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
 * patcher_revoke_note - one of its open files, as often as something leads to it
 * @revocation: to be added to
 * @file: the file; patcher_revoke_can() says yes
 * @lead: the descriptor that leads to it; NULL if a mapping does
 * @in_use: its task is in a system call that may have that descriptor
 *
 * Context: any; @file does not go. Allocates nothing.
 */
void patcher_revoke_note(struct patcher_revocation *revocation, struct file *file,
			 const struct patcher_lead *lead, bool in_use)
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
			.count = file_count(file),
		};
	}
	if (lead)
		revoked->leads += is_new_lead(revocation, lead);
	revoked->in_use |= in_use;
}

/* Why it must not be taken; NULL if nothing speaks against it. */
static const char *objection(const struct patcher_revoked *revoked)
{
	const struct file_operations *fops = revoked->fops;
	struct file *file = revoked->file;

	if (revoked->answers)
		fops = fops_of(revoked->answers);
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
		return "it is mapped, polled, or on its way to somebody";
	return NULL;
}

static int refuse_in_flux(const struct patcher_rescue *rescue)
{
	return patcher_refuse(rescue->name, -EBUSY, "it is being opened or closed; try again");
}

static int check(struct patcher_rescue *rescue, unsigned int references)
{
	const struct patcher_revocation *revocation = rescue->revocation;
	const char *text;
	unsigned int i;

	if (revocation->too_many)
		return patcher_refuse(rescue->name, -EBUSY,
				      "too many of its files are open to take them; close some first");
	for (i = 0; i < revocation->number; i++) {
		text = objection(&revocation->list[i]);
		if (text)
			return patcher_refuse(rescue->name, -EBUSY,
					      "%pD cannot be taken, %s; have it closed, or try again",
					      revocation->list[i].file, text);
	}
	if (revocation->others || revocation->number != references)
		return refuse_in_flux(rescue);
	return 0;
}

/* Did the last two walks find the same descriptors, in the same order? */
static bool has_settled(const struct patcher_revocation *revocation)
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

static int look(struct patcher_rescue *rescue, unsigned int references)
{
	int err = patcher_holders_revoke(rescue->target, rescue->revocation);

	if (err)
		return patcher_refuse(rescue->name, err,
				      "not all could be looked at; try again");
	return check(rescue, references);
}

static const struct patcher_answers *answers_for(struct patcher_revocation *revocation,
						 const struct file_operations *fops)
{
	struct patcher_answers *answers;

	list_for_each_entry(answers, &revocation->answers, node)
		if (answers->instead_of == fops)
			return answers;
	answers = kzalloc(sizeof(*answers), GFP_KERNEL);
	if (!answers || !fill(answers->slots, fops)) {
		kfree(answers);
		return NULL;
	}
	list_add(&answers->node, &revocation->answers);
	answers->instead_of = fops;
	return answers;
}

/* Puts back the first so many of them. */
static void put_back(struct patcher_revocation *revocation, unsigned int number)
{
	struct patcher_revoked *revoked;
	unsigned int i;

	for (i = 0; i < number; i++) {
		revoked = &revocation->list[i];
		WRITE_ONCE(revoked->file->f_op, revoked->fops);
		revoked->answers = NULL;
	}
	/* Somebody may be in an answer. */
	synchronize_rcu_tasks();
	for (i = 0; i < number; i++)
		module_put(THIS_MODULE);
}

static int replace(struct patcher_rescue *rescue)
{
	struct patcher_revocation *revocation = rescue->revocation;
	struct patcher_revoked *revoked;
	unsigned int i;

	for (i = 0; i < revocation->number; i++) {
		revoked = &revocation->list[i];
		revoked->answers = answers_for(revocation, revoked->fops);
		if (!revoked->answers) {
			put_back(revocation, i);
			return patcher_refuse_memory(rescue->name);
		}
		__module_get(THIS_MODULE);
		WRITE_ONCE(revoked->file->f_op, fops_of(revoked->answers));
	}
	return 0;
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

/*
 * After two looks. One could count a descriptor that is closed when it has been seen, and
 * opened elsewhere where it will be, and so one too many: that would hide a task in poll().
 * Those that both have found were all there in between.
 */
static int look_again(struct patcher_rescue *rescue, unsigned int references)
{
	int err = look(rescue, references);

	if (!err)
		err = look(rescue, references);
	if (!err && !has_settled(rescue->revocation))
		err = refuse_in_flux(rescue);
	return err;
}

static int replace_and_check(struct patcher_rescue *rescue, unsigned int references)
{
	int err;

	/* If somebody keeps RCU waiting for long, let that be while nothing has changed. */
	synchronize_rcu_tasks();
	err = replace(rescue);
	if (err)
		return err;
	synchronize_rcu_tasks();
	err = look_again(rescue, references);
	if (!err)
		err = look_inside(rescue);
	if (err)
		put_back(rescue->revocation, references);
	return err;
}

static void let_go(struct patcher_rescue *rescue)
{
	struct patcher_revocation *revocation = rescue->revocation;
	struct patcher_answers *answers, *next;

	while (revocation->number)
		fput(revocation->list[--revocation->number].file);
	list_for_each_entry_safe(answers, next, &revocation->answers, node)
		kfree(answers);
	kvfree(revocation);
	rescue->revocation = NULL;
}

/**
 * patcher_revoke - take all open files of the target
 * @rescue: in PATCHER_ARMING, nobody inside
 * @references: so many they have; one each
 *
 * Context: process context, sleeps, no lock held; waits for RCU tasks.
 * Return: 0, and then patcher_revoke_done() or patcher_revoke_undo() is to be called; or
 * -EBUSY, -ENOMEM or -EAGAIN, and then the log says so, and the files are as they were.
 */
int patcher_revoke(struct patcher_rescue *rescue, unsigned int references)
{
	int err;

	rescue->revocation = kvzalloc(sizeof(*rescue->revocation), GFP_KERNEL);
	if (!rescue->revocation)
		return patcher_refuse_memory(rescue->name);
	INIT_LIST_HEAD(&rescue->revocation->answers);
	err = look(rescue, references);
	if (!err)
		err = replace_and_check(rescue, references);
	if (err)
		let_go(rescue);
	return err;
}

/**
 * patcher_revoke_done - the references have been corrected, those of the files among them
 * @rescue: after patcher_revoke()
 *
 * Context: process context, may sleep; patcher_lock is held.
 */
void patcher_revoke_done(struct patcher_rescue *rescue)
{
	list_splice_init(&rescue->revocation->answers, &answering);
	patcher_notice(rescue->name,
		       "took %u open files: they answer EIO, its release is not called for them, and patcher stays until they are closed",
		       rescue->revocation->number);
	let_go(rescue);
}

/**
 * patcher_revoke_undo - give the files back
 * @rescue: after patcher_revoke(); nothing has been corrected
 *
 * Context: process context, sleeps, no lock held; waits for RCU tasks.
 */
void patcher_revoke_undo(struct patcher_rescue *rescue)
{
	put_back(rescue->revocation, rescue->revocation->number);
	let_go(rescue);
}

/**
 * patcher_revoke_exit - no file has the answers any more
 *
 * Context: this module's exit: each file that has them holds a reference on it.
 */
void patcher_revoke_exit(void)
{
	struct patcher_answers *answers, *next;

	list_for_each_entry_safe(answers, next, &answering, node)
		kfree(answers);
}
