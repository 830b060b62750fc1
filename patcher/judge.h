/* SPDX-License-Identifier: GPL-2.0 */
/*
 * judge: a diagnosis and what the user asked for -> an action, with its reason.
 *
 * Pure: no kernel call, no lock, no allocation, so that tests/unit can compile it
 * on the host and try every combination.
 */
#ifndef PATCHER_JUDGE_H
#define PATCHER_JUDGE_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/types.h>
#else
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#endif

/* The states that enum module_state of linux/module.h has. */
enum patcher_state {
	PATCHER_LIVE,
	PATCHER_COMING,
	PATCHER_GOING,
	PATCHER_UNFORMED,
};

/* The situations of docs/how-it-works.md. */
enum patcher_situation {
	PATCHER_HEALTHY,	/* nothing keeps rmmod from working */
	PATCHER_DEPENDENTS,	/* 1 */
	PATCHER_INIT_DIED,	/* 2a */
	PATCHER_INIT_RUNS,	/* 2b, or an insmod that is simply not done yet */
	PATCHER_NO_EXIT,	/* 3 */
	PATCHER_LEAKED,		/* 4 */
	PATCHER_HELD,		/* 4', references really held */
	PATCHER_EXIT_BROKEN,	/* 5a */
	PATCHER_EXIT_DIED,	/* 5b */
	PATCHER_EXIT_BLOCKS,	/* 5c, or an rmmod that is simply not done yet */
	PATCHER_EXIT_SPINS,	/* 5d, or likewise */
	PATCHER_OCCUPIED,	/* LIVE, with tasks inside */
};

#define PATCHER_WHO_LEN	320
#define PATCHER_SPARED_LEN	80

/**
 * struct patcher_account - what holds the references that are counted
 * @held: number of references whose holder was found; dependents are not among them
 * @holders: number of holders that were found
 * @files: number of @holders that are open or mapped files
 * @revocable: number of @holders that can be taken from the tasks that have them, by force
 * @elsewhere: number of @holders that would stay if all user tasks inside the target ended
 * @idle_devices: number of its network devices, and of its disks that are not open; they
 *	have no reference
 * @unseen: number of tasks whose mappings could not be looked at
 * @mounts_unknown: mounts could not be looked for on this kernel
 * @disks_unknown: disks could not be looked for on this kernel
 * @held_by: the first of @holders, in words
 * @devices: the first of @idle_devices, in words
 */
struct patcher_account {
	unsigned int held;
	unsigned int holders;
	unsigned int files;
	unsigned int revocable;
	unsigned int elsewhere;
	unsigned int idle_devices;
	unsigned int unseen;
	bool mounts_unknown;
	bool disks_unknown;
	char held_by[PATCHER_WHO_LEN];
	char devices[PATCHER_WHO_LEN];
};

/**
 * struct patcher_diagnosis - what was found about a target
 * @state: its state
 * @references: as /sys/module/TARGET/refcnt shows them: the base count taken
 *	off, so -1 for a module whose exit was called
 * @has_init: it has a module_init
 * @has_exit: it has a module_exit
 * @exit_is_foreign: its exit is a function outside of its own text
 * @is_livepatch: it is a livepatch
 * @dependents: number of modules that use its symbols
 * @stub_depends: the stub is one of them
 * @spins: one of @loaders runs rather than sleeps
 * @crowded: more tasks are inside than can be evicted
 * @can_evict: this architecture can end a task in the target's text
 * @loaders: number of live tasks that are loading or unloading it
 * @users: number of other user tasks with a frame in its text
 * @threads: number of kernel threads of its own with a frame in its text
 * @workers: number of the kernel's threads with a frame in its text
 * @interrupts: number of CPUs with an interrupt handler in its text
 * @unreadable: number of tasks whose stack could not be read for certain
 * @account: what holds the references
 * @dependent_names: @dependents, in words
 * @who: the first of all these tasks, and where they are, in words
 * @spared: the first task inside that must not be ended, and why, in words; "" if there is none
 */
struct patcher_diagnosis {
	enum patcher_state state;
	int references;
	bool has_init;
	bool has_exit;
	bool exit_is_foreign;
	bool is_livepatch;
	bool stub_depends;
	bool spins;
	bool crowded;
	bool can_evict;
	unsigned int dependents;
	unsigned int loaders;
	unsigned int users;
	unsigned int threads;
	unsigned int workers;
	unsigned int interrupts;
	unsigned int unreadable;
	struct patcher_account account;
	char dependent_names[PATCHER_WHO_LEN];
	char who[PATCHER_WHO_LEN];
	char spared[PATCHER_SPARED_LEN];
};

/**
 * struct patcher_request - what the user asked for, and how far the rescue has come
 * @has_stub: a stub was given
 * @has_cleanup: and it has a cleanup routine
 * @has_release: and it has a release routine
 * @force: force=1
 * @quarantine: quarantine=1
 * @waited: tasks were in the way before; their files may be closed a moment after they left
 * @let_go: those in the way have been let go
 * @ending: a task was evicted and has not quite ended yet
 * @time_is_up: tasks in the way are not waited for any longer
 */
struct patcher_request {
	bool has_stub;
	bool has_cleanup;
	bool has_release;
	bool force;
	bool quarantine;
	bool waited;
	bool let_go;
	bool ending;
	bool time_is_up;
};

enum patcher_action {
	PATCHER_REFUSE,		/* change nothing, and tell the user why */
	PATCHER_WAIT,		/* for tasks or files that may go by themselves; then judge again */
	PATCHER_LET_GO,		/* let tasks go, or evict them; then judge again */
	PATCHER_QUARANTINE,	/* give up the target's memory */
	PATCHER_ARM,		/* redirect and correct, so that rmmod works */
};

/**
 * struct patcher_verdict - what to do about it
 * @situation: which situation this is
 * @action: what is to be done now
 * @error: of PATCHER_REFUSE: the negative errno; otherwise 0
 * @evict_loaders: of PATCHER_LET_GO: the task that is loading or unloading the target must not
 *	run its code again
 * @evict_others: of PATCHER_LET_GO: nor must other tasks inside it
 * @quarantine_next: of PATCHER_LET_GO: tasks that are still inside when the time is up lead to
 *	PATCHER_QUARANTINE
 * @revoke: of PATCHER_ARM: so many references are first to be taken, with open files, from
 *	the tasks that hold them
 * @redirect: of PATCHER_ARM: redirect the exit to the stub's cleanup
 * @set_state: of PATCHER_ARM: set the state to LIVE
 * @set_count: of PATCHER_ARM: set the refcount to the base count
 * @text: of PATCHER_REFUSE, PATCHER_WAIT and PATCHER_LET_GO: what is in the way, and the remedy;
 *	of PATCHER_ARM: a warning, or ""
 */
struct patcher_verdict {
	enum patcher_situation situation;
	enum patcher_action action;
	int error;
	bool evict_loaders;
	bool evict_others;
	bool quarantine_next;
	unsigned int revoke;
	bool redirect;
	bool set_state;
	bool set_count;
	char text[2 * PATCHER_WHO_LEN + 200];
};

void patcher_judge(const struct patcher_diagnosis *found,
		   const struct patcher_request *asked,
		   struct patcher_verdict *verdict);
int patcher_judge_references(const struct patcher_diagnosis *found);
int patcher_judge_unaccounted(const struct patcher_diagnosis *found);
const char *patcher_situation_text(enum patcher_situation situation);
const char *patcher_state_text(enum patcher_state state);

#endif /* PATCHER_JUDGE_H */
