/* SPDX-License-Identifier: GPL-2.0 */
/*
 * eio: file operations that answer EIO.
 */
#ifndef PATCHER_EIO_H
#define PATCHER_EIO_H

#include <linux/fs.h>
#include <linux/list.h>
#include <linux/types.h>

/* A struct file_operations, as an array. */
#define PATCHER_FOPS_SLOTS	(sizeof(const struct file_operations) / sizeof(unsigned long))

/**
 * struct patcher_eio - operations that take the place of others
 * @node: in a list of its user
 * @instead_of: the others; NULL when that does not matter any more
 * @slots: a struct file_operations, with an operation that answers EIO for each of those
 */
struct patcher_eio {
	struct list_head node;
	const struct file_operations *instead_of;
	unsigned long slots[PATCHER_FOPS_SLOTS];
};

static inline const struct file_operations *patcher_eio_fops(const struct patcher_eio *eio)
{
	return (const struct file_operations *)eio->slots;
}

bool patcher_eio_fill(unsigned long *slots, const struct file_operations *fops);
bool patcher_eio_answers(const struct file *file);

#endif /* PATCHER_EIO_H */
