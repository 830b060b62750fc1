// SPDX-License-Identifier: GPL-2.0
/*
 * landing: how a task ends that was evicted.
 *
 * It runs here itself, in process context, on top of the frames that it will never return to. They
 * may have linked what they have on the stack: an entry in a wait queue is taken off, a timer or
 * a completion cannot be found. So its stack is never given back (condemned.c).
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/sched.h>

#include "act/condemned.h"
#include "act/landing.h"
#include "kernel/compat.h"
#include "kernel/divert.h"
#include "log.h"
#include "look/waits.h"

static void __noreturn park_current_task(void)
{
	for (;;) {
		set_current_state(TASK_IDLE);
		schedule();
	}
}

static void log_landing(const struct patcher_condemned *condemned, unsigned long addr)
{
	patcher_notice(condemned->target,
		       "%s %s[%d] at %pS, before it could run on; what it had locked stays locked",
		       condemned->parks ? "parked" : "evicted", condemned->comm, condemned->pid,
		       (void *)addr);
}

/* The target, the stub and the eviction may be gone. */
static void end_left_behind(const struct patcher_condemned *condemned)
{
	patcher_forget_locks();
	patcher_notice(condemned->target, "%s[%d], which could not be put back, has come back and ends",
		       condemned->comm, condemned->pid);
	if (condemned->parks)
		park_current_task();
}

/**
 * patcher_landing_end_task - the end of the calling task
 * @diversion: of a condemned task; it stays until that has ended
 *
 * The entries on the stack are taken off first, as the hook may free what they are linked into.
 *
 * Context: process context, sleeps; the task ends when this returns.
 */
void patcher_landing_end_task(struct patcher_diversion *diversion)
{
	struct patcher_condemned *condemned =
		container_of(diversion, struct patcher_condemned, diversion);
	unsigned long addr = patcher_divert_origin(current);

	condemned->log_next = jiffies + condemned->timeout;
	if (atomic_cmpxchg(&condemned->fate, PATCHER_CONDEMNED, PATCHER_LANDED) !=
	    PATCHER_CONDEMNED) {
		end_left_behind(condemned);
		return;
	}

	add_taint(TAINT_FORCED_RMMOD, LOCKDEP_STILL_OK);
	if (!patcher_wait_unlink())
		patcher_warn(condemned->target,
			     "%s[%d] is still on a wait queue, whose lock could not be found",
			     condemned->comm, condemned->pid);
	if (condemned->hook)
		condemned->hook();
	patcher_forget_locks();
	log_landing(condemned, addr);

	/* Pairs with patcher_condemned_is_landing(): @condemned may be freed from here on. */
	if (condemned->parks) {
		atomic_set_release(&condemned->fate, PATCHER_PARKED);
		park_current_task();
	}
	atomic_set_release(&condemned->fate, PATCHER_ENDING);
}
