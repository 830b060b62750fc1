/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rescue: one target being worked on, from diagnosis to unloaded or restored.
 */
#ifndef PATCHER_RESCUE_H
#define PATCHER_RESCUE_H

#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "act/correct.h"
#include "look/diagnose.h"
#include "act/evict.h"
#include "look/occupants.h"
#include "options.h"
#include "act/redirect.h"
#include "sysfs.h"

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
 * @name: the target's, for the log; the target itself may be gone
 * @target: pinned
 * @stub: pinned, its symbols bound; NULL without one
 * @directory: shows it in sysfs
 * @situation: of the target, in words; NULL before the first look
 * @snapshot: how the target was found
 * @occupants: who was inside at the last look
 * @eviction: who is evicted
 * @let_go: the tasks in the way have been let go; the stub's release routine has been called
 * @revocation: the open files that are being taken, while in PATCHER_ARMING; or NULL
 * @loads_are_told: the kernel's table of loads in progress could be swept
 * @left: its own exit has run, or its init has failed, while in PATCHER_ARMING
 * @redirect: of its exit
 * @correction: of its state and count
 * @watch: looks for the last occupant to leave, in PATCHER_LEAVING and
 *	PATCHER_QUARANTINED
 * @next_word: when to say again who is inside, in jiffies
 * @pins_patcher: this module has a reference more while @watch is at work
 *
 * @node, @phase, @stub, @redirect and @correction are protected by patcher_lock; the rest
 * is set before the rescue is on the list, or belongs to whoever does the one thing that
 * its phase allows. The files in @directory read without a lock: each a word that is there
 * as long as they are.
 */
struct patcher_rescue {
	struct list_head node;
	enum patcher_phase phase;
	char name[MODULE_NAME_LEN];
	struct module *target;
	const struct patcher_stub *stub;
	struct patcher_directory directory;
	const char *situation;
	struct patcher_snapshot snapshot;
	struct patcher_occupants occupants;
	struct patcher_eviction eviction;
	bool let_go;
	struct patcher_revocation *revocation;
	bool loads_are_told;
	bool left;
	struct patcher_redirect redirect;
	struct patcher_correction correction;
	struct delayed_work watch;
	unsigned long next_word;
	bool pins_patcher;
};

/*
 * Protects the list and what each rescue changes of its target. Taken before
 * module_mutex and ftrace's locks; a module notifier takes it under the notifier
 * chain's, so nothing that loads a module may be done under it. Nor may a file in sysfs be
 * removed: disarm takes it.
 */
extern struct mutex patcher_lock;
extern struct list_head patcher_rescues;

int patcher_refuse_memory(const char *target);
int patcher_arm(const struct patcher_options *options);
int patcher_disarm(struct patcher_rescue *rescue);
void patcher_disarm_all(void);
void patcher_rescue_end(struct patcher_rescue *rescue);

#endif /* PATCHER_RESCUE_H */
