// SPDX-License-Identifier: GPL-2.0
/*
 * redirect: makes the target's exit run the stub's cleanup, and undoes it.
 *
 * By ftrace, the exit's first instruction leads on to the cleanup, whoever calls the
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

/*
 * Whether setting the instruction pointer has an effect is not only a matter of the version:
 * where it has none, the broken exit would run. So the first redirect also leads
 * check_site() elsewhere, which is called then. Not one of its own when patcher is loaded:
 * unregister_ftrace_function() waits for RCU tasks, and a task that spins in the target's exit
 * would keep insmod waiting.
 */
static enum { FTRACE_UNCHECKED, FTRACE_WORKS, FTRACE_FAILS } ftrace_state;
static DEFINE_MUTEX(check_lock);
static bool check_result;

static noinline __noclone bool check_site(void)
{
	return READ_ONCE(check_result);
}

static noinline __noclone bool check_passed(void)
{
	return !READ_ONCE(check_result);
}

static void notrace lead_to_cleanup(unsigned long ip, unsigned long parent_ip,
				    struct ftrace_ops *ops, struct patcher_ftrace_regs *regs)
{
	struct patcher_redirect *redirect =
		container_of(ops, struct patcher_redirect, ops);

	patcher_ftrace_set_ip(regs, within_module(ip, THIS_MODULE) ?
			      (unsigned long)check_passed : (unsigned long)redirect->to);
}

/* Caller holds check_lock; the redirect is registered, for check_site() too. */
static int check_redirect(struct patcher_redirect *redirect)
{
	if (check_site()) {
		ftrace_state = FTRACE_WORKS;
		ftrace_set_filter_ip(&redirect->ops, (unsigned long)check_site, 1, 0);
		return 0;
	}
	ftrace_state = FTRACE_FAILS;
	pr_warn("ftrace does not redirect functions on this kernel; exits are redirected by slot\n");
	patcher_redirect_undo_ftrace(redirect);
	return -EOPNOTSUPP;
}

/* Caller holds check_lock. */
static int set_redirect(struct patcher_redirect *redirect)
{
	struct ftrace_ops *ops = &redirect->ops;
	int err;

	ops->func = lead_to_cleanup;
	ops->flags = patcher_ftrace_flags();
	err = ftrace_set_filter_ip(ops, (unsigned long)redirect->from, 0, 0);
	if (!err && ftrace_state == FTRACE_UNCHECKED)
		err = ftrace_set_filter_ip(ops, (unsigned long)check_site, 0, 0);
	if (!err)
		err = register_ftrace_function(ops);
	if (err) {
		ftrace_set_filter(ops, NULL, 0, 1);
		return err;
	}
	redirect->method = PATCHER_FTRACE;
	return ftrace_state == FTRACE_UNCHECKED ? check_redirect(redirect) : 0;
}

/**
 * patcher_redirect_ftrace - redirect by ftrace
 * @redirect: out
 * @target: pinned, and held: no rmmod can begin
 * @to: what is to run instead of its exit
 *
 * FTRACE_OPS_FL_PERMANENT, since the exit must not come back because something writes
 * to kernel.ftrace_enabled.
 *
 * Context: process context, may sleep, also for as long as ftrace waits for RCU tasks; not
 * under module_mutex or patcher_lock.
 * Return: 0; -EINVAL when the exit has no ftrace site; -EBUSY when something else
 * modifies it, or ftrace is switched off; -EOPNOTSUPP when ftrace does not redirect
 * functions on this kernel; another errno from ftrace. Nothing has changed then, but if
 * the method is PATCHER_FTRACE ftrace could not take back what has no effect.
 */
int patcher_redirect_ftrace(struct patcher_redirect *redirect, struct module *target,
			    void (*to)(void))
{
	int err = -EOPNOTSUPP;

	if (!target->exit)
		return -EINVAL;

	redirect->from = target->exit;
	redirect->target = target;
	/* Read by lead_to_cleanup() as soon as the registration is under way. */
	redirect->to = to;
	mutex_lock(&check_lock);
	if (patcher_ftrace_can_set_ip() && ftrace_state != FTRACE_FAILS)
		err = set_redirect(redirect);
	mutex_unlock(&check_lock);
	return err;
}

/**
 * patcher_redirect_undo_ftrace - take the redirect by ftrace off, if there is one
 * @redirect: not in use any more: the exit has returned, or cannot be called
 *
 * Returns when no CPU is in the handler any more.
 *
 * Context: process context, may sleep, for as long as ftrace waits for RCU tasks; not under
 * module_mutex, patcher_lock or a notifier chain's lock.
 * Return: 0; or an errno of ftrace's, which has broken down then (ftrace_disabled), and the
 * redirect stands: @redirect must not be freed, nor this module or the stub unloaded.
 */
int patcher_redirect_undo_ftrace(struct patcher_redirect *redirect)
{
	int err;

	if (redirect->method != PATCHER_FTRACE)
		return 0;
	err = unregister_ftrace_function(&redirect->ops);
	if (err)
		return err;
	/* Not by address: ftrace may have forgotten the target by now. */
	ftrace_set_filter(&redirect->ops, NULL, 0, 1);
	redirect->method = PATCHER_NO_REDIRECT;
	return 0;
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
 * Return: false if somebody else has changed the slot since; it is left alone then.
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
