// SPDX-License-Identifier: GPL-2.0
/*
 * openers: tasks that hold a target by open files.
 *
 * Every task's table of descriptors is walked under its lock, and every address space,
 * since a mapping keeps a file when its descriptor is closed. A task that is forked during
 * the walk is added behind those that were there, so that what it has inherited is not missed;
 * a file that is passed from one task to another through a socket may be.
 *
 * What references an open file has, read in 5.10 to 7.3: one of its operations (fops_get()
 * in do_dentry_open(), chrdev_open(), misc_open(), anon_inode_getfile()); one of its cdev
 * (cdev_get() in fs/char_dev.c); a socket one of its operations (__sock_create() in
 * net/socket.c) and one of its protocol (sk_prot_alloc() in net/core/sock.c); a terminal
 * one of its driver (tty_init_dev()) and one of its line discipline, for all its files; one
 * of debugfs one of the operations that it leads to.
 */
#include <linux/blkdev.h>
#include <linux/cdev.h>
#include <linux/dcache.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/net.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/tty.h>
#include <linux/tty_driver.h>
#include <linux/tty_ldisc.h>
#include <net/sock.h>

#include "kernel/arch/arch.h"
#include "kernel/compat.h"
#include "kernel/ksym.h"
#include "look/disks.h"
#include "look/occupants.h"
#include "look/openers.h"
#include "look/revocable.h"
#include "look/search.h"

#define MAX_TRIES	50
/* The number of descriptors that are looked at before the CPU and the table are released. */
#define BATCH		256
#define NO_FD		UINT_MAX

/*
 * @process: the leader of @task, or what was it before an exec; both are held
 * @inside: a task of that process is inside the target
 */
struct view {
	struct patcher_search *search;
	struct task_struct *process;
	struct task_struct *task;
	bool inside;
	unsigned int left;	/* of this batch */
	unsigned int next;	/* descriptor */
};

static bool protocol_is_of(const struct sock *sk, const struct module *target)
{
	struct proto *prot;

	return sk && read_field(prot, sk->sk_prot_creator) &&
	       patcher_owner_at(&prot->owner) == target;
}

static unsigned int references_of_socket(const struct inode *inode,
					 const struct module *target)
{
	const struct socket *socket = SOCKET_I((struct inode *)inode);
	const struct proto_ops *ops = READ_ONCE(socket->ops);

	return (ops && patcher_owner_at(&ops->owner) == target) +
	       protocol_is_of(READ_ONCE(socket->sk), target);
}

/*
 * tun and tap have a socket of their own behind a file, whose struct sock begins its private
 * data. It is known by the struct socket that points back to both.
 */
static const struct sock *sock_behind(const struct file *file)
{
	const struct sock *sk = READ_ONCE(file->private_data);
	const struct socket *socket;
	struct socket copy;

	if (!sk || !read_field(socket, sk->sk_socket) ||
	    !patcher_arch_read(&copy, socket, sizeof(copy)))
		return NULL;
	return copy.file == file && copy.sk == sk ? sk : NULL;
}

/* The terminal of a file, known by its private data that points back; NULL if it is none. */
static struct tty_struct *tty_of(const struct file *file)
{
	const struct tty_file_private *private = READ_ONCE(file->private_data);
	struct tty_file_private copy;

	if (!private || !patcher_arch_read(&copy, private, sizeof(copy)) || copy.file != file)
		return NULL;
	return copy.tty;
}

static unsigned int references_of_tty(const struct tty_struct *tty,
				      const struct module *target)
{
	const struct tty_driver *driver;
	struct tty_ldisc *discipline;
	struct tty_ldisc_ops *ops;

	return (read_field(driver, tty->driver) &&
		patcher_owner_at(&driver->owner) == target) +
	       (read_field(discipline, tty->ldisc) && read_field(ops, discipline->ops) &&
		patcher_owner_at(&ops->owner) == target);
}

/*
 * What a file of debugfs leads to. Its own operations are then debugfs's, and hold a
 * reference on the real ones (full_proxy_open() in fs/debugfs/file.c); those are the first
 * in what the dentry has. In 6.1 the lowest bit says that it was never opened.
 */
static bool debugfs_leads_to(const struct file *file, const struct module *target)
{
	const unsigned long data = (unsigned long)READ_ONCE(file->f_path.dentry->d_fsdata);
	const struct file_operations *real;

	return file_inode(file)->i_sb->s_magic == DEBUGFS_MAGIC && !(data & 1) &&
	       patcher_arch_read(&real, (void *)data, sizeof(real)) && real != file->f_op &&
	       patcher_owner_at(&real->owner) == target;
}

/* The disk or superblock by which an open file belongs to the target, which has its own. */
static const void *place_of(struct file *file, const struct module *target)
{
	struct inode *inode = file_inode(file);
	struct gendisk *disk;

	if (S_ISBLK(inode->i_mode) && !(file->f_mode & FMODE_PATH)) {
		disk = patcher_disk_of_file(file);
		if (disk && patcher_disk_is_of(disk, target))
			return disk;
	}
	return patcher_owner_at(&inode->i_sb->s_type->owner) == target ? inode->i_sb : NULL;
}

static bool can_be_taken(const struct file *file, const struct module *target)
{
	return !sock_behind(file) && patcher_is_revocable(file, target);
}

static void name_opener(struct view *view, const struct file *file, unsigned int fd)
{
	struct patcher_search *search = view->search;
	char *path = d_path(&file->f_path, search->path, sizeof(search->path));
	struct task_struct *task = view->task;
	char how[16] = "mapping";

	if (IS_ERR(path))
		path = "?";
	if (fd != NO_FD)
		snprintf(how, sizeof(how), "fd %u", fd);
	search->account->files++;
	search->account->revocable += fd != NO_FD && can_be_taken(file, search->target);
	/* The name is read without task_lock(): at worst it is half of an old one. */
	patcher_search_name(search, "%*pE[%d] %s (%*pE)",
			    (int)strnlen(task->comm, sizeof(task->comm)), task->comm,
			    task_pid_nr(task), how, (int)strlen(path), path);
}

/* Is the task in a system call that may have this descriptor? */
static bool may_be_using(struct task_struct *task, unsigned int fd)
{
	bool may;

	if (!patcher_get_syscall_stack(task))
		return false;
	may = patcher_arch_may_be_using(task, fd);
	patcher_put_task_stack(task);
	return may;
}

static void note_to_take(struct view *view, struct file *file, unsigned int fd)
{
	/* Of a descriptor: task_lock() is held, so its table stays. */
	const struct patcher_lead lead = { .table = view->task->files, .fd = fd };
	bool by_descriptor = fd != NO_FD;

	patcher_revocation_note(view->search->revocation, file, by_descriptor ? &lead : NULL,
				by_descriptor && may_be_using(view->task, fd));
}

/* Allocates nothing: a lock of the task's may be held. */
static void look_at_file(struct view *view, struct file *file, unsigned int fd)
{
	struct patcher_found found = { .object = file };
	const struct module *target = view->search->target;
	const struct inode *inode = file_inode(file);
	const struct file_operations *fops = READ_ONCE(file->f_op);
	unsigned int references;
	struct cdev *cdev;

	if (view->search->revocation && patcher_revocation_knows(view->search->revocation, file)) {
		note_to_take(view, file, fd);
		return;
	}
	references = fops && patcher_owner_at(&fops->owner) == target;
	if (references)
		references += protocol_is_of(sock_behind(file), target);
	if (S_ISCHR(inode->i_mode) && !(file->f_mode & FMODE_PATH)) {
		const struct tty_struct *tty = tty_of(file);
		unsigned int more = tty ? references_of_tty(tty, target) : 0;

		if (more) {
			found.object = tty;
			references += more;
		}
		cdev = READ_ONCE(inode->i_cdev);
		references += cdev && patcher_owner_at(&cdev->owner) == target;
	}
	if (S_ISREG(inode->i_mode) && !(file->f_mode & FMODE_PATH))
		references += debugfs_leads_to(file, target);
	if (S_ISSOCK(inode->i_mode) && inode->i_sb->s_magic == SOCKFS_MAGIC)
		references += references_of_socket(inode, target);
	found.place = place_of(file, target);
	if (!references && !found.place)
		return;
	if (view->search->revocation) {
		if (can_be_taken(file, target))
			note_to_take(view, file, fd);
		else
			view->search->revocation->others = true;
		return;
	}
	if (patcher_search_note(view->search, &found, references))
		name_opener(view, file, fd);
	if (!view->inside)
		patcher_search_set_elsewhere(view->search, found.object);
}

static int look_at_descriptor(const void *data, struct file *file, unsigned int fd)
{
	struct view *view = *(struct view *const *)data;

	look_at_file(view, file, fd);
	view->next = fd + 1;
	return !--view->left;
}

/* Threads share the table of their process, mostly. */
static bool shares_files(const struct view *view)
{
	return view->task != view->process &&
	       view->task->files == READ_ONCE(view->process->files);
}

/* False: there is more. */
static bool look_at_descriptors(struct view *view)
{
	struct task_struct *task = view->task;
	bool done = true;

	view->left = BATCH;
	task_lock(task);
	if (task->files && !shares_files(view))
		done = !iterate_fd(task->files, view->next, look_at_descriptor, &view);
	task_unlock(task);
	return done;
}

/* A task may have died with the lock held, and would be waited for in vain. */
static bool lock_mappings(struct mm_struct *mm)
{
	int tries;

	for (tries = 0; tries < MAX_TRIES; tries++) {
		if (mmap_read_trylock(mm))
			return true;
		schedule_timeout_uninterruptible(1);
	}
	return false;
}

static void look_at_mapped(struct view *view, struct mm_struct *mm)
{
	struct vm_area_struct *vma;

	if (!lock_mappings(mm)) {
		view->search->account->unseen++;
		return;
	}
	for (vma = find_vma(mm, 0); vma; vma = find_vma(mm, vma->vm_end)) {
		if (vma->vm_file)
			look_at_file(view, vma->vm_file, NO_FD);
		cond_resched();
	}
	mmap_read_unlock(mm);
}

static bool shares_mm(const struct view *view)
{
	return view->task != view->process &&
	       READ_ONCE(view->task->mm) == READ_ONCE(view->process->mm);
}

/* When a user task is evicted, its whole process ends. */
static bool process_is_inside(const struct view *view)
{
	const struct patcher_occupants *inside = view->search->inside;
	unsigned int i;

	if (!inside)
		return false;
	for (i = 0; i < patcher_occupants_listed(inside); i++)
		if (inside->list[i].kind == PATCHER_USER &&
		    same_thread_group(inside->list[i].task, view->task))
			return true;
	return false;
}

/* No lock is held. */
static void look_for_files_of(struct view *view)
{
	struct mm_struct *mm;

	view->inside = process_is_inside(view);
	view->next = 0;
	while (!look_at_descriptors(view))
		cond_resched();
	if (shares_mm(view))
		return;
	mm = get_task_mm(view->task);
	if (!mm)
		return;
	look_at_mapped(view, mm);
	mmput(mm);
}

/*
 * One walk over all tasks; -EAGAIN when it lost its place, as the task that it stood at
 * has died.
 */
static int look_for_files_of_all(struct view *view)
{
	struct task_struct *process, *thread;
	bool alive = true;

	rcu_read_lock();
	for_each_process_thread(process, thread) {
		if (thread->flags & PF_KTHREAD)
			continue;
		get_task_struct(process);
		get_task_struct(thread);
		rcu_read_unlock();
		view->process = process;
		view->task = thread;
		look_for_files_of(view);
		cond_resched();
		rcu_read_lock();
		alive = pid_alive(process) && pid_alive(thread);
		put_task_struct(thread);
		put_task_struct(process);
		if (!alive)
			goto unlock;
	}
unlock:
	rcu_read_unlock();
	return alive ? 0 : -EAGAIN;
}

/**
 * patcher_openers_look - files of the target that are open or mapped
 * @search: to be added to; mounts have been looked at
 *
 * Context: process context, may sleep, no lock held.
 * Return: 0; -EAGAIN if tasks came and went so fast that the walk never reached its end.
 */
int patcher_openers_look(struct patcher_search *search)
{
	struct patcher_account *account = search->account;
	const unsigned int held = account->held, holders = account->holders;
	const unsigned int number = search->number, named = search->named;
	struct view view = { .search = search };
	const int used = search->used;
	int tries, err = -EAGAIN;

	/* A walk that lost its place leaves nothing behind. */
	for (tries = 0; err && tries < MAX_TRIES; tries++) {
		account->held = held;
		account->holders = holders;
		account->files = 0;
		account->revocable = 0;
		account->unseen = 0;
		account->held_by[used] = '\0';
		search->number = number;
		search->named = named;
		search->used = used;
		if (search->revocation)
			patcher_revocation_begin(search->revocation);
		err = look_for_files_of_all(&view);
	}
	return err;
}
