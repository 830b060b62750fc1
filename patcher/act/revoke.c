// SPDX-License-Identifier: GPL-2.0
/*
 * revoke: takes the open files of a target from the tasks that have them, for force=1.
 *
 * A file that is taken has other operations from then on, which answer EIO and have nothing
 * to release, and its reference is on this module instead of the target. The target's own
 * release is never called for it: what that would have freed is lost. If anything else may
 * lead from such a file into the target, none is taken: look/revocable.c.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "act/revoke.h"
#include "kernel/compat.h"
#include "kernel/eio.h"
#include "log.h"
#include "look/holders.h"
#include "look/occupants.h"
#include "look/revocable.h"
#include "rescue.h"

/* Those of files that were taken; protected by patcher_lock. */
static LIST_HEAD(answering);

static int refuse_files_in_flux(const struct patcher_rescue *rescue)
{
	return patcher_refuse(rescue->name, -EBUSY, "it is being opened or closed; try again");
}

static int check_files_to_take(struct patcher_rescue *rescue, unsigned int references)
{
	const struct patcher_revocation *revocation = rescue->revocation;
	const char *text;
	unsigned int i;

	if (revocation->too_many)
		return patcher_refuse(rescue->name, -EBUSY,
				      "too many of its files are open to take them; close some first");
	for (i = 0; i < revocation->number; i++) {
		text = patcher_revoked_objection(&revocation->list[i]);
		if (text)
			return patcher_refuse(rescue->name, -EBUSY,
					      "%pD cannot be taken, %s; have it closed, or try again",
					      revocation->list[i].file, text);
	}
	if (revocation->others || revocation->number != references)
		return refuse_files_in_flux(rescue);
	return 0;
}

static int find_files_to_take(struct patcher_rescue *rescue, unsigned int references)
{
	int err = patcher_holders_revoke(rescue->target, rescue->revocation);

	if (err)
		return patcher_refuse(rescue->name, err,
				      "not all tasks could be scanned, they came and went too fast; try again");
	return check_files_to_take(rescue, references);
}

static const struct patcher_eio *answers_for(struct patcher_revocation *revocation,
					     const struct file_operations *fops)
{
	struct patcher_eio *answers;

	list_for_each_entry(answers, &revocation->answers, node)
		if (answers->instead_of == fops)
			return answers;
	answers = kzalloc(sizeof(*answers), GFP_KERNEL);
	if (!answers || !patcher_eio_fill(answers->slots, fops)) {
		kfree(answers);
		return NULL;
	}
	list_add(&answers->node, &revocation->answers);
	answers->instead_of = fops;
	return answers;
}

/* Puts back the first so many of them. */
static void put_operations_back(struct patcher_revocation *revocation, unsigned int number)
{
	struct patcher_revoked *revoked;
	unsigned int i;

	for (i = 0; i < number; i++) {
		revoked = &revocation->list[i];
		WRITE_ONCE(revoked->file->f_op, revoked->fops);
		revoked->answers = NULL;
	}
	/* A task may be in one of the operations that answer EIO. */
	synchronize_rcu_tasks();
	for (i = 0; i < number; i++)
		module_put(THIS_MODULE);
}

static int replace_operations(struct patcher_rescue *rescue)
{
	struct patcher_revocation *revocation = rescue->revocation;
	struct patcher_revoked *revoked;
	unsigned int i;

	for (i = 0; i < revocation->number; i++) {
		revoked = &revocation->list[i];
		revoked->answers = answers_for(revocation, revoked->fops);
		if (!revoked->answers) {
			put_operations_back(revocation, i);
			return patcher_refuse_memory(rescue->name);
		}
		__module_get(THIS_MODULE);
		WRITE_ONCE(revoked->file->f_op, patcher_eio_fops(revoked->answers));
	}
	return 0;
}

/* Is a task in an operation of the target, now that none can begin one? */
static int check_no_task_is_inside(struct patcher_rescue *rescue)
{
	const unsigned int *count = rescue->occupants.count;
	int err = patcher_occupants_look(rescue->target, true, &rescue->occupants);

	if (!err && (count[PATCHER_USER] || count[PATCHER_LOADER] ||
		     count[PATCHER_INTERRUPT] || count[PATCHER_UNREADABLE]))
		err = -EBUSY;
	if (err)
		return patcher_refuse(rescue->name, err,
				      "a task has come inside meanwhile; try again");
	return 0;
}

/*
 * After two looks. One could count a descriptor that is closed when it has been seen, and
 * opened elsewhere where it will be, and so one too many: that would hide a task in poll().
 * Those that both have found were all there in between.
 */
static int find_the_same_files_again(struct patcher_rescue *rescue, unsigned int references)
{
	int err = find_files_to_take(rescue, references);

	if (!err)
		err = find_files_to_take(rescue, references);
	if (!err && !patcher_revocation_has_settled(rescue->revocation))
		err = refuse_files_in_flux(rescue);
	return err;
}

static int replace_operations_and_check(struct patcher_rescue *rescue, unsigned int references)
{
	int err;

	/* If a task keeps RCU waiting for long, let that be while nothing has changed. */
	synchronize_rcu_tasks();
	err = replace_operations(rescue);
	if (err)
		return err;
	synchronize_rcu_tasks();
	err = find_the_same_files_again(rescue, references);
	if (!err)
		err = check_no_task_is_inside(rescue);
	if (err)
		put_operations_back(rescue->revocation, references);
	return err;
}

static void free_revocation(struct patcher_rescue *rescue)
{
	struct patcher_revocation *revocation = rescue->revocation;
	struct patcher_eio *answers, *next;

	while (revocation->number)
		fput(revocation->list[--revocation->number].file);
	list_for_each_entry_safe(answers, next, &revocation->answers, node)
		kfree(answers);
	kvfree(revocation);
	rescue->revocation = NULL;
}

/**
 * patcher_revoke - take all open files of the target from the tasks that have them
 * @rescue: in PATCHER_ARMING, no task inside
 * @references: number of references that they have, one each
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
	err = find_files_to_take(rescue, references);
	if (!err)
		err = replace_operations_and_check(rescue, references);
	if (err)
		free_revocation(rescue);
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
	struct patcher_eio *answers;

	/* They stay when the target has gone, and no sweep is to find it there. */
	list_for_each_entry(answers, &rescue->revocation->answers, node)
		answers->instead_of = NULL;
	list_splice_init(&rescue->revocation->answers, &answering);
	patcher_notice(rescue->name,
		       "took %u open files: they answer EIO, its release is not called for them, and patcher stays until they are closed",
		       rescue->revocation->number);
	free_revocation(rescue);
}

/**
 * patcher_revoke_undo - give the files back
 * @rescue: after patcher_revoke(); nothing has been corrected
 *
 * Context: process context, sleeps, no lock held; waits for RCU tasks.
 */
void patcher_revoke_undo(struct patcher_rescue *rescue)
{
	put_operations_back(rescue->revocation, rescue->revocation->number);
	free_revocation(rescue);
}

/**
 * patcher_revoke_exit - no file has the answers any more
 *
 * Context: this module's exit: each file that has them holds a reference on it.
 */
void patcher_revoke_exit(void)
{
	struct patcher_eio *answers, *next;

	list_for_each_entry_safe(answers, next, &answering, node)
		kfree(answers);
}
