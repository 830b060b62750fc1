// SPDX-License-Identifier: GPL-2.0
/*
 * waits: what a task that sleeps inside a target waits for.
 *
 * The kernel's function that the target has called determines what kind of wait it is. A task
 * that waits for a completion or on a wait queue has an entry on its own stack, which is linked
 * into the list of the object (struct swait_queue, struct wait_queue_entry): so the object is
 * found from the entry for certain. The list is read with care, as it may change
 * meanwhile; what is found is valid only if the task did not run meanwhile, which the caller
 * checks. A lock's list is private and differs between kernels, and only the lock's name is
 * needed: the variable of a lock's size whose address is on the stack.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/kallsyms.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/sched/task_stack.h>
#include <linux/semaphore.h>
#include <linux/string.h>
#include <linux/swait.h>
#include <linux/wait.h>

#include "kernel/arch/arch.h"
#include "kernel/compat.h"
#include "kernel/ksym.h"
#include "kernel/symbols.h"
#include "look/waits.h"

/* A list with more entries is taken for none. */
#define MAX_ENTRIES	1000

/* From the names of functions, without the "__" that some begin with. */
static const struct {
	const char *prefix;
	enum patcher_wait_kind kind;
} kinds[] = {
	{ "wait_for_completion", PATCHER_WAIT_COMPLETION },
	{ "wait_for_common", PATCHER_WAIT_COMPLETION },
	{ "schedule", PATCHER_WAIT_QUEUE },
	{ "io_schedule", PATCHER_WAIT_QUEUE },
	{ "mutex_lock", PATCHER_WAIT_LOCK },
	{ "rt_mutex_lock", PATCHER_WAIT_LOCK },
	{ "down", PATCHER_WAIT_LOCK },
};

static enum patcher_wait_kind wait_kind_of(unsigned long function)
{
	char symbol[KSYM_SYMBOL_LEN];
	const char *name = symbol;
	unsigned int i;

	sprint_symbol(symbol, function);
	while (*name == '_')
		name++;
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (str_has_prefix(name, kinds[i].prefix))
			return kinds[i].kind;
	return PATCHER_WAIT_UNKNOWN;
}

static bool read_node(const struct list_head *node, struct list_head *copy)
{
	return patcher_arch_read(copy, node, sizeof(*copy));
}

static bool read_pointer(const void *at, void **value)
{
	return patcher_arch_read(value, at, sizeof(*value));
}

/* Is it an entry in a list, with others beside it that point back? */
static bool is_linked(const struct list_head *node)
{
	struct list_head copy, next, prev;

	return read_node(node, &copy) && copy.next != node &&
	       read_node(copy.next, &next) && next.prev == node &&
	       read_node(copy.prev, &prev) && prev.next == node;
}

static bool is_entry_of(const struct list_head *node, enum patcher_wait_kind kind,
			const struct task_struct *task)
{
	const void *at;
	void *owner;

	if (kind == PATCHER_WAIT_COMPLETION)
		at = &container_of(node, struct swait_queue, task_list)->task;
	else
		at = &container_of(node, struct wait_queue_entry, entry)->private;
	return read_pointer(at, &owner) && owner == task;
}

/* A wait queue's entry has a function where the head has the end of its lock. */
static bool is_queue_entry(const struct list_head *node)
{
	const struct wait_queue_entry *entry =
		container_of(node, struct wait_queue_entry, entry);
	unsigned long offset, size;
	void *function;

	return read_pointer(&entry->func, &function) && function &&
	       patcher_symbol_at((unsigned long)function, &offset, &size) && !offset;
}

/* The head of the list that @node is in, if it lies in the target's memory. */
static const struct list_head *head_in(const struct module *target,
				       const struct list_head *node)
{
	const struct list_head *at = node;
	struct list_head copy;
	unsigned int steps;

	for (steps = 0; steps < MAX_ENTRIES && read_node(at, &copy); steps++) {
		at = copy.next;
		if (at == node)
			break;
		if (within_module_core((unsigned long)at, target))
			return is_queue_entry(at) ? NULL : at;
	}
	return NULL;
}

static unsigned long object_of(enum patcher_wait_kind kind, const struct list_head *head)
{
	if (kind == PATCHER_WAIT_COMPLETION)
		return (unsigned long)container_of(head, struct completion, wait.task_list);
	return (unsigned long)container_of(head, struct wait_queue_head, head);
}

static __no_sanitize_address unsigned long word_at(unsigned long at)
{
	return READ_ONCE_NOCHECK(*(unsigned long *)at);
}

/* Is there a variable of that size at this very address? */
static bool is_lock(const struct module *target, unsigned long address)
{
	unsigned long size;

	if (!within_module_core(address, target) || patcher_within_text(target, address))
		return false;
	size = patcher_symbols_size_at(target, address);
	return size == sizeof(struct mutex) || size == sizeof(struct semaphore);
}

static unsigned long find_object(enum patcher_wait_kind kind, struct task_struct *task,
				 const struct module *target)
{
	unsigned long start = (unsigned long)task_stack_page(task);
	unsigned long end = start + THREAD_SIZE - sizeof(struct list_head);
	unsigned long at = patcher_arch_stack_pointer(task);
	const struct list_head *head;

	if (at < start || at > end)
		return 0;
	for (; at <= end; at += sizeof(long)) {
		const struct list_head *node = (const struct list_head *)at;

		if (kind == PATCHER_WAIT_LOCK) {
			if (is_lock(target, word_at(at)))
				return word_at(at);
			continue;
		}
		if (!is_entry_of(node, kind, task) || !is_linked(node))
			continue;
		head = head_in(target, node);
		if (head)
			return object_of(kind, head);
	}
	return 0;
}

/**
 * patcher_wait_find - what does it wait for?
 * @wait: out
 * @task: sleeps; the caller holds its stack
 * @target: the task has a frame in its text
 * @frames: the task's stack, the innermost first
 * @inner: the first of @frames in the target's text
 *
 * Context: any; takes no lock.
 */
void patcher_wait_find(struct patcher_wait *wait, struct task_struct *task,
		       const struct module *target, const unsigned long *frames,
		       unsigned int inner)
{
	*wait = (struct patcher_wait){};
	if (!inner)
		return;
	wait->function = frames[inner - 1];
	wait->kind = wait_kind_of(wait->function);
	if (wait->kind != PATCHER_WAIT_UNKNOWN)
		wait->object = find_object(wait->kind, task, target);
}

/**
 * patcher_wait_text - " in FUNCTION for OBJECT"
 * @wait: what patcher_wait_find() found
 * @text: out, nothing if nothing was found
 * @size: of @text, in bytes
 *
 * Return: how many bytes were written, the final 0 not counted.
 */
int patcher_wait_text(const struct patcher_wait *wait, char *text, size_t size)
{
	if (!wait->function)
		return 0;
	if (!wait->object)
		return scnprintf(text, size, " in %ps", (void *)wait->function);
	return scnprintf(text, size, " in %ps for %ps", (void *)wait->function,
			 (void *)wait->object);
}

/**
 * patcher_wait_end - let a wait end, where that is known and does no harm
 * @wait: of that task, and it still sleeps there
 * @task: it was caught, and does not return into the target
 *
 * A completion in the target's own memory is completed, a wait queue woken. A task that has
 * called schedule() itself has to expect spurious wakeups, and is woken.
 *
 * Context: process context.
 * Return: false if there is nothing to be done.
 */
bool patcher_wait_end(const struct patcher_wait *wait, struct task_struct *task)
{
	switch (wait->kind) {
	case PATCHER_WAIT_COMPLETION:
		if (!wait->object)
			return false;
		complete((struct completion *)wait->object);
		return true;
	case PATCHER_WAIT_QUEUE:
		if (wait->object)
			wake_up_all((struct wait_queue_head *)wait->object);
		else
			wake_up_process(task);
		return true;
	default:
		return false;
	}
}

/**
 * patcher_wait_is_on - does the task wait on that queue?
 * @queue: of the kernel's own
 * @task: the task
 *
 * One that has just been woken does not, until it has seen that it has to wait on.
 *
 * Context: any but interrupts; takes the queue's lock.
 */
bool patcher_wait_is_on(struct wait_queue_head *queue, const struct task_struct *task)
{
	const struct wait_queue_entry *entry;
	unsigned long flags;
	bool found = false;

	spin_lock_irqsave(&queue->lock, flags);
	list_for_each_entry(entry, &queue->head, entry) {
		found = entry->private == task;
		if (found)
			break;
	}
	spin_unlock_irqrestore(&queue->lock, flags);
	return found;
}

static struct wait_queue_head *queue_of(const struct list_head *node)
{
	const struct list_head *at = node, *head = NULL;
	struct list_head copy;
	unsigned int steps;

	for (steps = 0; steps < MAX_ENTRIES; steps++) {
		if (!is_queue_entry(at)) {
			if (head)
				return NULL;
			head = at;
		}
		if (!read_node(at, &copy))
			return NULL;
		at = copy.next;
		if (at == node)
			break;
	}
	return head && at == node ? container_of(head, struct wait_queue_head, head) : NULL;
}

/* True if @node does not lead to our stack any more. */
static bool unlink_from_queue(struct list_head *node)
{
	struct wait_queue_head *queue = queue_of(node);
	unsigned long flags;

	if (!queue)
		return false;
	spin_lock_irqsave(&queue->lock, flags);
	if (is_linked(node))
		list_del_init(node);
	spin_unlock_irqrestore(&queue->lock, flags);
	return true;
}

/*
 * The poll() or select() whose entry in a wait queue this is, if it is the calling task's: the
 * entry points at it (pollwake() and __pollwait() in fs/select.c), and lies in it. Those of
 * more than a few files are elsewhere, but the first ones come here.
 */
static struct poll_wqueues *poll_of_current(struct list_head *node)
{
	unsigned long start = (unsigned long)task_stack_page(current), at = (unsigned long)node;
	struct poll_wqueues *poll;
	void *private;

	if (!read_pointer(&container_of(node, struct wait_queue_entry, entry)->private, &private))
		return NULL;
	poll = private;
	if ((unsigned long)poll - start > THREAD_SIZE - sizeof(*poll) ||
	    at - (unsigned long)poll->inline_entries >= sizeof(poll->inline_entries))
		return NULL;
	return poll->polling_task == current ? poll : NULL;
}

/**
 * patcher_wait_unlink - take the calling task off the wait queues that it is on
 *
 * For a task that will not return to a function which has called schedule(), and which
 * would have called finish_wait(): its entry lies on the stack that is about to go. One that
 * polls is on the queues of many files, and has a reference on each of them.
 *
 * Context: process context.
 * Return: false if the task is still on one, as its lock is not known.
 */
bool patcher_wait_unlink(void)
{
	unsigned long end = (unsigned long)task_stack_page(current) + THREAD_SIZE -
			    sizeof(struct list_head);
	unsigned long at = current_stack_pointer;
	struct poll_wqueues *poll;
	bool all = true;

	for (; at <= end; at += sizeof(long)) {
		struct list_head *node = (struct list_head *)at;

		if (!is_linked(node) || !is_queue_entry(node))
			continue;
		poll = poll_of_current(node);
		if (poll)
			poll_freewait(poll);
		else if (is_entry_of(node, PATCHER_WAIT_QUEUE, current))
			all &= unlink_from_queue(node);
	}
	return all;
}
