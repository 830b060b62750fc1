/* SPDX-License-Identifier: GPL-2.0 */
/*
 * judge: a diagnosis and what the user asked for -> a plan, or a refusal.
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
	PATCHER_HELD,		/* 4', references that somebody has */
	PATCHER_EXIT_BROKEN,	/* 5a */
	PATCHER_EXIT_DIED,	/* 5b */
	PATCHER_EXIT_BLOCKS,	/* 5c, or an rmmod that is simply not done yet */
	PATCHER_EXIT_SPINS,	/* 5d, or likewise */
	PATCHER_OCCUPIED,	/* LIVE, with tasks inside */
};

#define PATCHER_WHO_LEN	320

/**
 * struct patcher_account - who has the references that are counted
 * @held: so many are held by somebody who is known; dependents are not among them
 * @holders: number of those who hold them
 * @files: number of those that are open or mapped files
 * @revocable: number of those that can be taken from who has them, by force
 * @idle_devices: number of its network devices, and of its disks that are not open; they
 *	have no reference
 * @unseen: number of tasks whose mappings could not be looked at
 * @mounts_unknown: mounts could not be looked for on this kernel
 * @disks_unknown: disks could not be looked for on this kernel
 * @held_by: who the first of @holders are
 * @devices: who the first of @idle_devices are
 */
struct patcher_account {
	unsigned int held;
	unsigned int holders;
	unsigned int files;
	unsigned int revocable;
	unsigned int idle_devices;
	unsigned int unseen;
	bool mounts_unknown;
	bool disks_unknown;
	char held_by[PATCHER_WHO_LEN];
	char devices[PATCHER_WHO_LEN];
};

/**
 * struct patcher_diagnosis - what was seen of a target
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
 * @account: who has the references
 * @dependent_names: who @dependents are
 * @who: who the first of all these tasks are, and where
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
};

/**
 * struct patcher_request - what the user asked for
 * @has_stub: a stub was given
 * @has_cleanup: and it has a cleanup routine
 * @has_release: and it has a release routine
 * @force: force=1
 * @quarantine: quarantine=1
 * @waited: tasks have left meanwhile, whose files may be closed a moment later
 * @let_go: those in the way have been let go
 */
struct patcher_request {
	bool has_stub;
	bool has_cleanup;
	bool has_release;
	bool force;
	bool quarantine;
	bool waited;
	bool let_go;
};

/**
 * struct patcher_verdict - what to do about it
 * @situation: which situation this is
 * @error: 0, or the negative errno of a refusal
 * @wait: refused only because of tasks that may leave
 * @release: they are to be let go
 * @evict_loaders: who is loading or unloading it must not run its code again
 * @evict_others: nor must other tasks inside it
 * @quarantine: and if they stay, its memory is to be given up
 * @revoke: so many references are to be taken, with open files, from who has them
 * @redirect: the exit has to be redirected to the stub's cleanup
 * @set_state: the state has to be set to LIVE
 * @set_count: the reference count has to be set to the base count
 * @text: the reason of a refusal and its remedy, or a warning, or ""
 */
struct patcher_verdict {
	enum patcher_situation situation;
	int error;
	bool wait;
	bool release;
	bool evict_loaders;
	bool evict_others;
	bool quarantine;
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
