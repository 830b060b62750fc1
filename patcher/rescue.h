/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rescue: one target being worked on, and the registry of all of them.
 *
 * The structure is what the steps hand to each other: each keeps in it what it has found, or
 * what it has changed and can put back. Those parts are declared by the steps' own headers;
 * nothing of the registry calls a step.
 */
#ifndef PATCHER_RESCUE_H
#define PATCHER_RESCUE_H

#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "act/correct.h"
#include "act/evict.h"
#include "act/redirect.h"
#include "look/diagnose.h"
#include "look/occupants.h"

struct patcher_revocation;
struct patcher_stub;

enum patcher_phase {
	PATCHER_ARMING,		/* look, judge, let tasks go; nothing has been changed */
	PATCHER_ARMED,		/* waits for rmmod */
	PATCHER_RESTORING,	/* is being put back */
	PATCHER_LEAVING,	/* its exit has run */
	PATCHER_QUARANTINED,	/* given up; waits for the last task to leave */
	PATCHER_CALLING,	/* given up; ends when the stub's routine that runs has ended */
	PATCHER_RESTORED,	/* as it was found; about to end */
};

/**
 * struct patcher_call - one call of a stub's routine; zeroed before its first use
 * @task: runs it, held; NULL: no call is under way
 * @pid: its pid
 * @what: which routine, ".release" say
 * @routine: the routine
 * @returned: it has
 */
struct patcher_call {
	struct task_struct *task;
	pid_t pid;
	const char *what;
	void (*routine)(void);
	bool returned;
};

/**
 * struct patcher_rescue - one target being worked on
 * @node: in patcher_rescues
 * @memory: in the list of all that are allocated
 * @phase: how far it has come
 * @name: the target's name, for the log; the target itself may be gone
 * @target: pinned
 * @stub: pinned, its symbols bound; NULL without one
 * @display: belongs to whatever shows the rescue to the user; NULL while it is not shown
 * @situation: of the target, in words; NULL before the first look
 * @snapshot: how the target was found
 * @occupants: which tasks were inside at the last look
 * @eviction: which tasks are evicted
 * @let_go: the tasks in the way have been let go; the stub's release routine has been called
 * @timeout_ms: how long to wait for what may hang, in milliseconds
 * @call: of a routine of the stub
 * @revocation: the open files that are being taken, while in PATCHER_ARMING; or NULL
 * @loads_are_known: idem_hash, the kernel's table of loads in progress, could be swept
 * @left: its exit has run, or its init has failed, while in PATCHER_ARMING or PATCHER_RESTORING
 * @stranded: ftrace cannot take the redirect off: this structure is never freed
 * @gated: free_module() of the target leads to the gate; written before the rescue is armed
 * @redirect: of its exit
 * @correction: of its state and refcount
 * @watch: waits for the last occupant to leave, in PATCHER_LEAVING and PATCHER_QUARANTINED,
 *	and for @call to end
 * @next_word: when to log again which task is inside, in jiffies
 * @pins_patcher: this module has one reference more while @watch is at work
 *
 * @node, @phase, @stub and @left are protected by patcher_lock; the rest is set before the
 * rescue is on the list, or belongs to the one step that its phase allows. What shows the
 * rescue reads without a lock: each a word that stays as long as it is shown.
 */
struct patcher_rescue {
	struct list_head node;
	struct list_head memory;
	enum patcher_phase phase;
	char name[MODULE_NAME_LEN];
	struct module *target;
	const struct patcher_stub *stub;
	void *display;
	const char *situation;
	struct patcher_snapshot snapshot;
	struct patcher_occupants occupants;
	struct patcher_eviction eviction;
	bool let_go;
	unsigned int timeout_ms;
	struct patcher_call call;
	struct patcher_revocation *revocation;
	bool loads_are_known;
	bool left;
	bool stranded;
	bool gated;
	struct patcher_redirect redirect;
	struct patcher_correction correction;
	struct delayed_work watch;
	unsigned long next_word;
	bool pins_patcher;
};

/**
 * struct patcher_display - shows rescues to the user
 * @show: begin to show a rescue; 0 or -ENOMEM, and then @hide is to be called all the same
 * @rename: show it under a name that no loaded module has; 0 or a negative errno
 * @hide: end that; returns when no task uses what was shown any more
 *
 * All of them in process context, may sleep, and not under patcher_lock.
 */
struct patcher_display {
	int (*show)(struct patcher_rescue *rescue);
	int (*rename)(struct patcher_rescue *rescue, const char *name);
	void (*hide)(struct patcher_rescue *rescue);
};

/*
 * Protects the list and the phases. Taken before module_mutex; a module notifier takes it under
 * the notifier chain's, so nothing that loads a module may be done under it. Nor may a rescue be
 * hidden: the disarm file takes it. Nor may ftrace be asked for anything: it may wait for RCU
 * tasks, and that for a task that spins.
 */
extern struct mutex patcher_lock;
extern struct list_head patcher_rescues;

void patcher_rescue_set_display(const struct patcher_display *display);
int patcher_rescue_show(struct patcher_rescue *rescue);
int patcher_rescue_rename(struct patcher_rescue *rescue, const char *name);
void patcher_rescue_hide(struct patcher_rescue *rescue);

struct patcher_rescue *patcher_rescue_find(const struct module *target);
bool patcher_rescue_of(const struct module *target);

struct patcher_rescue *patcher_rescue_alloc(void);
void patcher_rescue_discard(struct patcher_rescue *rescue);
bool patcher_rescue_has(unsigned long addr);
int patcher_refuse_memory(const char *target);
int patcher_rescue_lock_settled(const struct patcher_rescue *rescue);
int patcher_rescue_add(struct patcher_rescue *rescue);
int patcher_rescue_check_stub(const struct patcher_rescue *rescue,
			      const struct patcher_stub *stub);
void patcher_rescue_set_restored(struct patcher_rescue *rescue);
void patcher_rescue_free(struct patcher_rescue *rescue);
bool patcher_rescue_is_any_stranded(void);
bool patcher_rescue_wait_for_none(long timeout);

#endif /* PATCHER_RESCUE_H */
