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
	PATCHER_LEAVING,	/* its exit has run; the redirect is off */
	PATCHER_QUARANTINED,	/* given up; waits for the last task to leave */
	PATCHER_RESTORED,	/* as it was found; about to end */
};

/**
 * struct patcher_rescue - one target being worked on
 * @node: in patcher_rescues
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
 * @revocation: the open files that are being taken, while in PATCHER_ARMING; or NULL
 * @loads_are_known: idem_hash, the kernel's table of loads in progress, could be swept
 * @left: its own exit has run, or its init has failed, while in PATCHER_ARMING
 * @gated: free_module() of the target leads to the gate; written before the rescue is armed
 * @redirect: of its exit
 * @correction: of its state and refcount
 * @watch: looks for the last occupant to leave, in PATCHER_LEAVING and
 *	PATCHER_QUARANTINED
 * @next_word: when to log again which task is inside, in jiffies
 * @pins_patcher: this module has one reference more while @watch is at work
 *
 * @node, @phase, @stub, @redirect and @correction are protected by patcher_lock; the rest
 * is set before the rescue is on the list, or belongs to the one step that its phase
 * allows. What shows the rescue reads without a lock: each a word that stays as long as
 * it is shown.
 */
struct patcher_rescue {
	struct list_head node;
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
	struct patcher_revocation *revocation;
	bool loads_are_known;
	bool left;
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
 * Protects the list and what each rescue changes of its target. Taken before
 * module_mutex and ftrace's locks; a module notifier takes it under the notifier
 * chain's, so nothing that loads a module may be done under it. Nor may a rescue be
 * hidden: the disarm file takes it.
 */
extern struct mutex patcher_lock;
extern struct list_head patcher_rescues;

void patcher_rescue_set_display(const struct patcher_display *display);
int patcher_rescue_show(struct patcher_rescue *rescue);
int patcher_rescue_rename(struct patcher_rescue *rescue, const char *name);
void patcher_rescue_hide(struct patcher_rescue *rescue);

struct patcher_rescue *patcher_rescue_find(const struct module *target);
bool patcher_rescue_of(const struct module *target);

int patcher_refuse_memory(const char *target);
int patcher_rescue_lock_settled(const struct patcher_rescue *rescue);
int patcher_rescue_add(struct patcher_rescue *rescue);
int patcher_rescue_check_stub(const struct patcher_rescue *rescue,
			      const struct patcher_stub *stub);
void patcher_rescue_set_restored(struct patcher_rescue *rescue);
void patcher_rescue_free(struct patcher_rescue *rescue);
bool patcher_rescue_wait_for_none(long timeout);

#endif /* PATCHER_RESCUE_H */
