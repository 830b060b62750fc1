// SPDX-License-Identifier: GPL-2.0
/*
 * gate: free_module() of a target leads here.
 *
 * After the exit and the notifiers, delete_module() calls free_module(), and so does
 * do_init_module() when init has failed (kernel/module/main.c). An ftrace handler makes the
 * calling task go on in gate_free_module() instead, which has the same type: in process
 * context, no lock held, and all of the module is still there. When that returns, the caller
 * goes on as if the module had been freed. Whether it has been is decided in leave.c.
 *
 * The handler is registered when the first target is armed, and stays as long as patcher, as
 * to take it off waits for every task of the machine (synchronize_rcu_tasks()). Other modules
 * are not diverted, but with guard=1.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/err.h>
#include <linux/ftrace.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "kernel/compat.h"
#include "kernel/ksym.h"
#include "log.h"
#include "watch/gate.h"

#define POLL_MS		20
#define LOG_INTERVAL	(10 * HZ)

/* A module whose free_module() leads to the gate. */
struct gated {
	struct list_head node;
	struct module *target;
};

/* A task that is to get through to the real free_module(); on its stack. */
struct pass {
	struct list_head node;
	struct task_struct *task;
};

/* Protects what follows up to tasks_in_gate; raw, as the handler takes it, with preemption off. */
static DEFINE_RAW_SPINLOCK(gate_lock);
static LIST_HEAD(gated_modules);
static LIST_HEAD(passes);
/* All modules lead to the gate. */
static bool guards_all;
/* Number of tasks that are in gate_free_module(), or on their way to it. */
static unsigned int tasks_in_gate;

/* Protects the registration. */
static DEFINE_MUTEX(registration_lock);
static bool is_registered;

static void (*decide)(struct module *mod);

static bool has_pass(const struct task_struct *task)
{
	const struct pass *pass;

	list_for_each_entry(pass, &passes, node)
		if (pass->task == task)
			return true;
	return false;
}

static struct gated *find_gated(const struct module *mod)
{
	struct gated *gated;

	list_for_each_entry(gated, &gated_modules, node)
		if (gated->target == mod)
			return gated;
	return NULL;
}

/*
 * What may still run here when this has counted the task out is over before
 * unregister_ftrace_function() has waited for all tasks: patcher_gate_remove().
 */
static void leave_gate(void)
{
	raw_spin_lock(&gate_lock);
	tasks_in_gate--;
	raw_spin_unlock(&gate_lock);
}

/* In place of free_module(). */
static noinline void gate_free_module(struct module *mod)
{
	decide(mod);
	leave_gate();
}

static void notrace lead_to_gate(unsigned long ip, unsigned long parent_ip,
				 struct ftrace_ops *ops, struct patcher_ftrace_regs *regs)
{
	const struct module *mod = (void *)patcher_ftrace_first_argument(regs);

	raw_spin_lock(&gate_lock);
	if ((guards_all || find_gated(mod)) && !has_pass(current)) {
		tasks_in_gate++;
		patcher_ftrace_set_ip(regs, (unsigned long)gate_free_module);
	}
	raw_spin_unlock(&gate_lock);
}

static struct ftrace_ops gate_ops = {
	.func = lead_to_gate,
};

static int register_gate(void)
{
	int err;

	if (!patcher_ksym.free_module)
		return -EOPNOTSUPP;
	gate_ops.flags = patcher_ftrace_flags();
	err = ftrace_set_filter_ip(&gate_ops, patcher_ksym.free_module, 0, 0);
	if (err)
		return err;
	err = register_ftrace_function(&gate_ops);
	if (err)
		ftrace_set_filter_ip(&gate_ops, patcher_ksym.free_module, 1, 0);
	return err;
}

static int register_once(void)
{
	int err = 0;

	mutex_lock(&registration_lock);
	if (!is_registered)
		err = register_gate();
	is_registered = !err;
	mutex_unlock(&registration_lock);
	return err;
}

/**
 * patcher_gate_init - what is to be done at the gate
 * @at_gate: decides what becomes of a module; called instead of free_module()
 *
 * Context: this module's init.
 */
void patcher_gate_init(void (*at_gate)(struct module *mod))
{
	decide = at_gate;
}

/**
 * patcher_gate_add - lead free_module() of a target to the gate from now on
 * @target: pinned
 *
 * Context: process context, sleeps; not under patcher_lock.
 * Return: 0; -EOPNOTSUPP or -EINVAL when this kernel's free_module() cannot be found or has no
 * ftrace site, -EBUSY when something else modifies it, or ftrace is switched off; another errno
 * from ftrace; -ENOMEM. Then its memory is freed as ever.
 */
int patcher_gate_add(struct module *target)
{
	struct gated *gated;
	int err;

	gated = kzalloc(sizeof(*gated), GFP_KERNEL);
	if (!gated)
		return -ENOMEM;
	err = register_once();
	if (err) {
		kfree(gated);
		return err;
	}
	gated->target = target;
	raw_spin_lock(&gate_lock);
	list_add(&gated->node, &gated_modules);
	raw_spin_unlock(&gate_lock);
	return 0;
}

/**
 * patcher_gate_guard - lead free_module() of every module to the gate from now on
 *
 * Context: process context, sleeps; no lock held.
 * Return: 0 or what patcher_gate_add() returns.
 */
int patcher_gate_guard(void)
{
	int err = register_once();

	if (err)
		return err;
	raw_spin_lock(&gate_lock);
	guards_all = true;
	raw_spin_unlock(&gate_lock);
	return 0;
}

/**
 * patcher_gate_is_guard - does every module lead to the gate?
 */
bool patcher_gate_is_guard(void)
{
	return READ_ONCE(guards_all);
}

/**
 * patcher_gate_drop - do not lead it there any more
 * @target: what patcher_gate_add() was called for
 *
 * A task that is there already stays there.
 *
 * Context: process context.
 */
void patcher_gate_drop(struct module *target)
{
	struct gated *gated;

	raw_spin_lock(&gate_lock);
	gated = find_gated(target);
	if (gated)
		list_del(&gated->node);
	raw_spin_unlock(&gate_lock);
	if (gated)
		gated->target = NULL;	/* no sweep is to find it in freed memory */
	kfree(gated);
}

/**
 * patcher_gate_free - call the real free_module()
 * @mod: whose; not to be used any more
 *
 * Context: process context, sleeps; no lock held.
 */
void patcher_gate_free(struct module *mod)
{
	struct pass pass = { .task = current };

	raw_spin_lock(&gate_lock);
	list_add(&pass.node, &passes);
	raw_spin_unlock(&gate_lock);
	patcher_free_module(mod);
	raw_spin_lock(&gate_lock);
	list_del(&pass.node);
	raw_spin_unlock(&gate_lock);
}

/*
 * ftrace lets go of nothing once it has switched itself off for a fault of its own. The handler
 * would be called after this module has gone, so it does not go.
 */
static void stay_for_good(int err)
{
	for (;;) {
		patcher_err(KBUILD_MODNAME,
			    "ftrace does not let go of free_module(), so its rmmod cannot end; reboot when it suits (%pe)",
			    ERR_PTR(err));
		msleep(jiffies_to_msecs(LOG_INTERVAL));
	}
}

/**
 * patcher_gate_close - no module leads here any more
 *
 * Returns when no task decides here any more.
 *
 * Context: this module's exit, or its init that has failed; sleeps; no lock held. Every target
 * has been dropped.
 */
void patcher_gate_close(void)
{
	raw_spin_lock(&gate_lock);
	guards_all = false;
	raw_spin_unlock(&gate_lock);
	while (READ_ONCE(tasks_in_gate))
		msleep(POLL_MS);
}

/**
 * patcher_gate_remove - take the gate away
 *
 * Returns when no task has anything of it on its way any more.
 *
 * Context: after patcher_gate_close(); sleeps; no lock held.
 */
void patcher_gate_remove(void)
{
	int err;

	if (!is_registered)
		return;
	err = unregister_ftrace_function(&gate_ops);
	if (err)
		stay_for_good(err);
	ftrace_set_filter_ip(&gate_ops, patcher_ksym.free_module, 1, 0);
	is_registered = false;
}
