// SPDX-License-Identifier: GPL-2.0
/*
 * loads: idem_hash, the kernel's table of loads in progress, and the dead records in it.
 *
 * Since 6.5 finit_module() enters each load in a hash table, by the inode of the file,
 * so that a second load of the same file waits for the first (9b9879fc0327 "modules:
 * catch concurrent module loads, treat them as idempotent"). The record is a struct
 * idempotent on the loading task's stack. An insmod that dies in init leaves it there:
 * the next load that meets it faults, or spins for ever, with the table's lock held.
 *
 * Read in kernel/module/main.c of 6.12 and 7.3: idem_hash, idem_lock, struct idempotent,
 * and that everything is done under idem_lock. The first load of a file ends with
 * idempotent_complete(), which removes all records of that inode, those of the loads that
 * wait for it too, and completes them; one whose wait a signal ends removes its own. Each
 * is removed before the finit_module() whose record it is returns. So while we hold the
 * lock, a record is alive if and only if a task is in finit_module(), has the record on
 * its stack, and loads the file whose inode is in the record. The stack of a dead task that
 * was given to another one does not pass, even if that one loads another file. If two records
 * of one task pass, the one nearer to the head is newer, and the other one is dead.
 *
 * Further loads of that file sleep until the first is done, each on the completion in its
 * own record. If the first one is dead, nothing would ever wake them; so they are removed from
 * the table and woken, as idempotent_complete() does it, and their insmod fails with EINTR.
 *
 * That a record has the layout described here is checked with one that is alive for certain:
 * our own, if patcher was loaded with finit_module(), or that of any other task in it. If no
 * task is in finit_module(), no check is needed: while we hold the lock, all records in the
 * table are dead, and all are removed.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/completion.h>
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/spinlock.h>
#include <linux/user_namespace.h>

#include "kernel/arch/arch.h"
#include "kernel/compat.h"
#include "kernel/ksym.h"
#include "kernel/loads.h"
#include "log.h"

/* Sanity limit: a longer chain must be a loop. */
#define MAX_CHAIN	100000
/* The number of live loads in one bucket whose stacks are held at a time. */
#define MAX_HELD	256
/*
 * How often the table is tried, with a pause between. A task that holds its lock walks one
 * chain, and a task in finit_module() without a record is on its way to or from the table. Both
 * take far less than these five seconds, unless they have died or are stopped.
 */
#define TRIES		250
#define PAUSE_MS	20

/* struct idempotent of kernel/module/main.c, 6.5 to 7.3 */
struct record {
	const void *cookie;
	struct hlist_node entry;
	struct completion complete;
	int ret;
};

/* Protected by the table's lock. */
static bool table_is_known;

/*
 * The tasks whose records have been kept in the chain that is being swept. Their stacks are
 * held until that is done: the records are written to, and a task may die of an oops at any
 * time. Protected by the table's lock.
 */
static struct task_struct *held[MAX_HELD];
static unsigned int nr_held;

/* The memory may have been freed. */
static bool read_record(const struct hlist_node *node, struct record *record)
{
	return patcher_arch_read(record, container_of(node, struct record, entry),
				 sizeof(*record));
}

/* Is a task asleep on the record's own completion? The first load of a file never is. */
static bool is_waited_for(const struct record *record)
{
	return !list_empty(&record->complete.wait.task_list);
}

struct wanted_file {
	unsigned int fd;
	const void *inode;
};

static int is_wanted_file(const void *data, struct file *file, unsigned int fd)
{
	const struct wanted_file *wanted = data;

	return fd == wanted->fd && file_inode(file) == wanted->inode ? 1 : -1;
}

/* Is the task in finit_module(), with the file that has this inode? */
static bool loads_inode(struct task_struct *task, const void *inode)
{
	struct wanted_file wanted = { .inode = inode };
	bool yes = false;

	if (!patcher_arch_in_finit_module(task, &wanted.fd))
		return false;
	task_lock(task);
	if (task->files)
		yes = iterate_fd(task->files, wanted.fd, is_wanted_file, &wanted) == 1;
	task_unlock(task);
	return yes;
}

static bool has_on_stack(struct task_struct *task, const void *address)
{
	unsigned long start = (unsigned long)task_stack_page(task);

	return (unsigned long)address - start < THREAD_SIZE;
}

/* Is that task's load the one that the record at @node stands for? Then its stack is held. */
static bool get_if_loading(struct task_struct *task, const struct hlist_node *node,
			   const struct record *record)
{
	if (!patcher_get_syscall_stack(task))
		return false;
	if (has_on_stack(task, node) && loads_inode(task, record->cookie))
		return true;
	patcher_put_task_stack(task);
	return false;
}

/*
 * The task whose load the record at @node stands for, with its stack held; NULL if it is
 * dead. Most often it is the current one. Caller holds the table's lock and rcu_read_lock().
 */
static struct task_struct *loading_task(const struct hlist_node *node,
					const struct record *record)
{
	struct task_struct *process, *task;

	if (get_if_loading(current, node, record))
		return current;
	for_each_process_thread(process, task)
		if (get_if_loading(task, node, record))
			return task;
	return NULL;
}

/* Has a record of that task been kept in the chain? */
static bool stack_is_held(const struct task_struct *task)
{
	unsigned int i;

	for (i = 0; i < nr_held; i++)
		if (held[i] == task)
			return true;
	return false;
}

static void put_held(void)
{
	while (nr_held)
		patcher_put_task_stack(held[--nr_held]);
}

static __no_sanitize_address struct hlist_node *
points_back(struct task_struct *task, struct hlist_node *const *link)
{
	unsigned long *word = task_stack_page(task);
	unsigned long *end = word + THREAD_SIZE / sizeof(*word);
	struct hlist_node *node;
	struct record record;

	for (; word < end; word++) {
		if (READ_ONCE_NOCHECK(*word) != (unsigned long)link)
			continue;
		node = container_of((struct hlist_node ***)word, struct hlist_node, pprev);
		if (read_record(node, &record) && loads_inode(task, record.cookie))
			return node;
	}
	return NULL;
}

/*
 * The record behind one whose memory has been reused: if it is alive, it points back to where
 * the link was. NULL if there is none, or it is dead as well.
 */
static struct hlist_node *node_behind(struct hlist_node *const *link)
{
	struct task_struct *process, *task;
	struct hlist_node *node = NULL;
	unsigned int fd;

	for_each_process_thread(process, task) {
		if (!patcher_get_syscall_stack(task))
			continue;
		if (patcher_arch_in_finit_module(task, &fd))
			node = points_back(task, link);
		patcher_put_task_stack(task);
		if (node)
			return node;
	}
	return NULL;
}

/*
 * The record behind a dead one whose link is at @link: the next one by that link, if that
 * points back. The dead record may be half overwritten.
 */
static struct hlist_node *behind_dead(struct hlist_node *next, struct hlist_node *const *link)
{
	struct record record;

	if (next && read_record(next, &record) && record.entry.pprev == link)
		return next;
	return node_behind(link);
}

/*
 * Removes the dead records from one chain. @reached is the link that led to a node in the
 * chain as it was found; a sound node points back to it. The stacks of all records that are
 * kept are held afterwards. If there are too many, the rest of the chain stays as it is.
 */
static unsigned int sweep_chain(struct hlist_head *head)
{
	struct hlist_node **link = &head->first, **reached = link, *node = *link;
	struct task_struct *task;
	unsigned int dead = 0, steps = 0;
	struct record record;

	while (node && steps++ < MAX_CHAIN) {
		bool sound = read_record(node, &record) &&
			     record.entry.pprev == reached &&
			     hash_ptr(record.cookie, PATCHER_LOAD_CHAINS_BITS) ==
			     head - patcher_ksym.idem_hash;

		task = sound ? loading_task(node, &record) : NULL;
		reached = &node->next;
		if (task && !stack_is_held(task)) {
			/* Only if one before it was removed: most chains are not written to. */
			if (*link != node) {
				WRITE_ONCE(*link, node);
				node->pprev = link;
			}
			link = &node->next;
			node = record.entry.next;
			if (nr_held == MAX_HELD) {
				patcher_put_task_stack(task);
				return dead;
			}
			held[nr_held++] = task;
		} else {
			if (task)
				patcher_put_task_stack(task);
			dead++;
			node = behind_dead(sound ? record.entry.next : NULL, reached);
		}
	}
	if (*link)
		WRITE_ONCE(*link, NULL);
	return dead;
}

/* The first load of that file, the one nearest to the end of the chain. */
static struct record *first_load(struct hlist_head *head, const void *cookie)
{
	struct record *record, *first = NULL;

	hlist_for_each_entry(record, head, entry)
		if (record->cookie == cookie)
			first = record;
	return first;
}

/* In a chain whose records are all held: wake the tasks that wait for a load that is gone. */
static unsigned int wake_orphans(struct hlist_head *head)
{
	struct hlist_node *next;
	struct record *record;
	unsigned int woken = 0;

	hlist_for_each_entry_safe(record, next, head, entry) {
		if (!is_waited_for(first_load(head, record->cookie)))
			continue;
		hlist_del_init(&record->entry);
		record->ret = -EINTR;
		complete(&record->complete);
		woken++;
	}
	return woken;
}

/*
 * Is the record that of a load which has not been completed? Then its wait queue is empty, or
 * the first entry points back.
 */
static bool is_in_progress(const struct hlist_node *node, const struct record *copy)
{
	const struct record *record = container_of(node, struct record, entry);
	const struct list_head *waiting = &record->complete.wait.task_list;
	struct list_head first;

	return !copy->complete.done &&
	       patcher_arch_read(&first, copy->complete.wait.task_list.next, sizeof(first)) &&
	       first.prev == waiting && (copy->ret == -EINTR || !copy->ret);
}

/* If it is the first in a chain, it has to be in that of its inode. */
static bool is_in_its_chain(const struct record *record)
{
	unsigned long offset = (unsigned long)record->entry.pprev -
			       (unsigned long)patcher_ksym.idem_hash;

	return offset >= PATCHER_LOAD_CHAINS * sizeof(struct hlist_head) ||
	       offset == hash_ptr(record->cookie, PATCHER_LOAD_CHAINS_BITS) *
			 sizeof(struct hlist_head);
}

/*
 * Does the task, whose stack is held, have a record of the expected layout on it? It need not
 * be reachable from the table, if there is a dead one in front of it.
 */
static bool has_known_record(struct task_struct *task)
{
	unsigned long start = (unsigned long)task_stack_page(task), at;
	struct record *record, copy;

	for (at = start; at + sizeof(*record) <= start + THREAD_SIZE; at += sizeof(long)) {
		record = (struct record *)at;
		if (read_record(&record->entry, &copy) && is_in_progress(&record->entry, &copy) &&
		    is_in_its_chain(&copy) && loads_inode(task, copy.cookie))
			return true;
	}
	return false;
}

/*
 * Does the task come as far as to have a record? Not without CAP_SYS_MODULE (may_init_module() in
 * kernel/module/main.c), and then any user's task could be kept at the entry of finit_module().
 * No other task can change that while it is in there. Caller holds rcu_read_lock().
 */
static bool may_load_modules(struct task_struct *task)
{
	const struct cred *cred = __task_cred(task);

	return cred->user_ns == &init_user_ns && cap_raised(cred->cap_effective, CAP_SYS_MODULE);
}

enum loads { NO_LOADS, KNOWN_LOADS, UNKNOWN_LOADS };

/* Are the records of the tasks in finit_module() as expected? Dying tasks do not count. */
static enum loads check_live_loads(void)
{
	enum loads loads = NO_LOADS;
	struct task_struct *process, *task;
	unsigned int fd;

	for_each_process_thread(process, task) {
		if (!patcher_get_syscall_stack(task))
			continue;
		if (patcher_arch_in_finit_module(task, &fd) && may_load_modules(task))
			loads = has_known_record(task) ? KNOWN_LOADS : UNKNOWN_LOADS;
		patcher_put_task_stack(task);
		if (loads == KNOWN_LOADS)
			break;
	}
	return loads;
}

struct swept {
	unsigned int dead;
	unsigned int woken;
};

static void sweep_known(struct swept *swept)
{
	struct hlist_head *head;
	unsigned int i;

	for (i = 0; i < PATCHER_LOAD_CHAINS; i++) {
		head = &patcher_ksym.idem_hash[i];
		swept->dead += sweep_chain(head);
		if (nr_held < MAX_HELD)
			swept->woken += wake_orphans(head);
		put_held();
	}
}

/* The number of chains that are not empty; with @empty, all of them are emptied. */
static unsigned int used_chains(bool empty)
{
	struct hlist_head *head;
	unsigned int i, used = 0;

	for (i = 0; i < PATCHER_LOAD_CHAINS; i++) {
		head = &patcher_ksym.idem_hash[i];
		if (!head->first)
			continue;
		used++;
		if (empty)
			WRITE_ONCE(head->first, NULL);
	}
	return used;
}

/* False if the records are not recognised. Caller holds the table's lock. */
static bool sweep_locked(struct swept *swept)
{
	enum loads loads = KNOWN_LOADS;

	if (!used_chains(false))
		return true;
	rcu_read_lock();
	if (!table_is_known)
		loads = check_live_loads();
	if (loads == KNOWN_LOADS) {
		table_is_known = true;
		sweep_known(swept);
	} else if (loads == NO_LOADS) {
		swept->dead = used_chains(true);
	}
	rcu_read_unlock();
	return loads != UNKNOWN_LOADS;
}

enum table_state { SWEPT, NOT_RECOGNISED, LOCKED };

static enum table_state try_to_sweep(struct swept *swept)
{
	bool swept_all;

	if (!patcher_spin_trylock(patcher_ksym.idem_lock))
		return LOCKED;
	swept_all = sweep_locked(swept);
	spin_unlock(patcher_ksym.idem_lock);
	return swept_all ? SWEPT : NOT_RECOGNISED;
}

static enum table_state sweep_table(struct swept *swept)
{
	enum table_state state = try_to_sweep(swept);
	unsigned int i;

	for (i = 1; i < TRIES && state != SWEPT; i++) {
		msleep(PAUSE_MS);
		state = try_to_sweep(swept);
	}
	return state;
}

static void warn_not_recognised(const char *name)
{
	patcher_warn(name,
		     "the records in idem_hash, the kernel's table of loads in progress, are not recognised, and a dead one may remain; do not load the same file again before a reboot");
}

/**
 * patcher_loads_sweep - remove the records of loads whose task has died
 * @name: the target's, for the log
 * @died: a load is known to have died; log if this kernel's table is not known
 *
 * Tasks that wait for such a load are interrupted.
 *
 * Context: process context, may sleep, for seconds if a task has died with the table's lock;
 * takes that lock.
 * Return: false if it could not be done; the log says so, and another try is of no use.
 */
bool patcher_loads_sweep(const char *name, bool died)
{
	struct swept swept = {};

	if (!patcher_ksym.idem_hash || !patcher_ksym.idem_lock) {
		if (died && patcher_has_load_table())
			warn_not_recognised(name);
		return true;
	}
	switch (sweep_table(&swept)) {
	case LOCKED:
		patcher_warn(name,
			     "the kernel's table of loads in progress stays locked: a task has died in it, and every further insmod hangs; reboot when it suits");
		return false;
	case NOT_RECOGNISED:
		warn_not_recognised(name);
		return false;
	case SWEPT:
		break;
	}
	if (swept.dead)
		patcher_notice(name, "removed %u dead %s from the kernel's table of loads in progress",
			       swept.dead, swept.dead == 1 ? "load" : "loads");
	if (swept.woken)
		patcher_notice(name, "interrupted %u %s that waited for a dead one",
			       swept.woken, swept.woken == 1 ? "load" : "loads");
	return true;
}
