// SPDX-License-Identifier: GPL-2.0
/*
 * eio: file operations that answer EIO.
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>

#include "kernel/arch/arch.h"
#include "kernel/eio.h"

#define SLOT(of) (offsetof(const struct file_operations, of) / sizeof(unsigned long))

static loff_t eio_seek(struct file *file, loff_t offset, int whence)
{
	return -EIO;
}

static ssize_t eio_read(struct file *file, char __user *buf, size_t size, loff_t *pos)
{
	return -EIO;
}

static ssize_t eio_write(struct file *file, const char __user *buf, size_t size,
			 loff_t *pos)
{
	return -EIO;
}

static ssize_t eio_iter(struct kiocb *kiocb, struct iov_iter *iter)
{
	return -EIO;
}

static __poll_t eio_poll(struct file *file, struct poll_table_struct *table)
{
	return EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM | EPOLLERR | EPOLLHUP;
}

static long eio_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return -EIO;
}

static int eio_mmap(struct file *file, struct vm_area_struct *vma)
{
	return -EIO;
}

static int eio_flush(struct file *file, fl_owner_t id)
{
	return 0;
}

static int eio_sync(struct file *file, loff_t start, loff_t end, int datasync)
{
	return -EIO;
}

static int eio_async(int fd, struct file *file, int on)
{
	return -EIO;
}

static ssize_t eio_splice_write(struct pipe_inode_info *pipe, struct file *file,
				loff_t *pos, size_t size, unsigned int flags)
{
	return -EIO;
}

static ssize_t eio_splice_read(struct file *file, loff_t *pos, struct pipe_inode_info *pipe,
			       size_t size, unsigned int flags)
{
	return -EIO;
}

static void eio_fdinfo(struct seq_file *seq, struct file *file)
{
}

/* The operations for which there is an answer. */
static const struct file_operations all_answers = {
	.llseek = eio_seek,
	.read = eio_read,
	.write = eio_write,
	.read_iter = eio_iter,
	.write_iter = eio_iter,
	.poll = eio_poll,
	.unlocked_ioctl = eio_ioctl,
	.compat_ioctl = eio_ioctl,
	.mmap = eio_mmap,
	.flush = eio_flush,
	.fsync = eio_sync,
	.fasync = eio_async,
	.splice_write = eio_splice_write,
	.splice_read = eio_splice_read,
	.show_fdinfo = eio_fdinfo,
};

/* Called only when a file is opened, or closed for the last time: not while it is taken. */
static bool needs_no_answer(unsigned int slot)
{
	return slot == SLOT(owner) || slot == SLOT(open) || slot == SLOT(release);
}

/**
 * patcher_eio_fill - replace exactly the operations that are not NULL
 * @slots: out, PATCHER_FOPS_SLOTS of them
 * @fops: may be gone
 *
 * Exactly those, as callers test an operation for NULL and then call it. The owner is this
 * module.
 *
 * Context: any.
 * Return: false if @fops cannot be read, or has an operation for which there is no answer.
 */
bool patcher_eio_fill(unsigned long *slots, const struct file_operations *fops)
{
	const unsigned long *all = (const unsigned long *)&all_answers;
	unsigned long old[PATCHER_FOPS_SLOTS];
	unsigned int i;

	if (!patcher_arch_read(old, fops, sizeof(old)))
		return false;
	for (i = 0; i < PATCHER_FOPS_SLOTS; i++) {
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

/**
 * patcher_eio_answers - does a file have such operations?
 * @file: any
 *
 * They follow nothing that the file has.
 *
 * Context: any.
 */
bool patcher_eio_answers(const struct file *file)
{
	unsigned long has[PATCHER_FOPS_SLOTS];

	return patcher_arch_read(has, READ_ONCE(file->f_op), sizeof(has)) &&
	       has[SLOT(owner)] == (unsigned long)THIS_MODULE &&
	       !has[SLOT(open)] && !has[SLOT(release)];
}
