// SPDX-License-Identifier: GPL-2.0
/*
 * redirect: makes the target's exit run the stub's cleanup, and undoes it.
 *
 * By ftrace, the exit's first instruction leads on to the cleanup, whatever calls the
 * exit. A function marked __exit has no ftrace site (__exit contains notrace), and a
 * module may have no exit at all: then it is mod->exit, the slot, which delete_module()
 * reads after it has set GOING (kernel/module/main.c).
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ftrace.h>
#include <linux/module.h>

#include "kernel/compat.h"
#include "kernel/ksym.h"
#include "log.h"
#include "act/redirect.h"

static void notrace lead_to_cleanup(unsigned long ip, unsigned long parent_ip,
				    struct ftrace_ops *ops, struct patcher_ftrace_regs *regs)
{
	struct patcher_redirect *redirect =
		container_of(ops, struct patcher_redirect, ops);

	patcher_ftrace_set_ip(regs, (unsigned long)redirect->to);
}

/**
 * patcher_redirect_ftrace - redirect by ftrace
 * @redirect: out; unchanged on error
 * @target: pinned, and held: no rmmod can begin
 * @to: what is to run instead of its exit
 *
 * FTRACE_OPS_FL_PERMANENT, since the exit must not come back because something writes
 * to kernel.ftrace_enabled.
 *
 * Context: process context, may sleep; not under module_mutex.
 * Return: 0; -EINVAL when the exit has no ftrace site; -EBUSY when something else
 * modifies it, or ftrace is switched off; another errno from ftrace. Nothing has
 * changed then.
 */
int patcher_redirect_ftrace(struct patcher_redirect *redirect, struct module *target,
			    void (*to)(void))
{
	struct ftrace_ops *ops = &redirect->ops;
	int err;

	if (!target->exit)
		return -EINVAL;

	ops->func = lead_to_cleanup;
	ops->flags = patcher_ftrace_flags();
	err = ftrace_set_filter_ip(ops, (unsigned long)target->exit, 0, 0);
	if (err)
		return err;

	/* Read by lead_to_cleanup() as soon as the registration is under way. */
	redirect->to = to;
	err = register_ftrace_function(ops);
	if (err) {
		ftrace_set_filter_ip(ops, (unsigned long)target->exit, 1, 0);
		return err;
	}
	redirect->from = target->exit;
	redirect->target = target;
	redirect->method = PATCHER_FTRACE;
	return 0;
}

/**
 * patcher_redirect_undo_ftrace - take the redirect by ftrace off, if there is one
 * @redirect: not in use any more: the exit has returned, or cannot be called
 *
 * Returns when no CPU is in the handler any more.
 *
 * Context: process context, may sleep; not under module_mutex.
 */
void patcher_redirect_undo_ftrace(struct patcher_redirect *redirect)
{
	int err;

	if (redirect->method != PATCHER_FTRACE)
		return;
	err = unregister_ftrace_function(&redirect->ops);
	if (!err)
		err = ftrace_set_filter_ip(&redirect->ops, (unsigned long)redirect->from,
					   1, 0);
	if (err)
		patcher_warn(redirect->target->name,
			     "the redirect of %ps could not be taken off cleanly (%pe)",
			     redirect->from, ERR_PTR(err));
	redirect->method = PATCHER_NO_REDIRECT;
}

/**
 * patcher_redirect_slot - redirect by the exit slot
 * @redirect: out
 * @target: pinned; its exit is not running
 * @to: what is to run instead of its exit
 *
 * Context: under module_mutex. delete_module() reads the slot later than it took that
 * mutex to set GOING, so it sees this.
 */
void patcher_redirect_slot(struct patcher_redirect *redirect, struct module *target,
			   void (*to)(void))
{
	lockdep_assert_held(patcher_ksym.module_mutex);
	redirect->from = target->exit;
	redirect->to = to;
	redirect->target = target;
	redirect->method = PATCHER_SLOT;
	WRITE_ONCE(target->exit, to);
}

/**
 * patcher_redirect_undo_slot - put the exit slot back, if it was changed
 * @redirect: not in use any more
 *
 * Context: under module_mutex.
 * Return: false if something else has changed the slot since; it is left alone then.
 */
bool patcher_redirect_undo_slot(struct patcher_redirect *redirect)
{
	lockdep_assert_held(patcher_ksym.module_mutex);
	if (redirect->method != PATCHER_SLOT)
		return true;
	redirect->method = PATCHER_NO_REDIRECT;
	if (redirect->target->exit != redirect->to)
		return false;
	WRITE_ONCE(redirect->target->exit, redirect->from);
	return true;
}
