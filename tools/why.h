/* SPDX-License-Identifier: GPL-2.0 */
/* Why a module cannot be unloaded: what patcher.ko and the kernel's files say, put together. */
#ifndef PATCHER_WHY_H
#define PATCHER_WHY_H

#include "live.h"

struct kmod_ctx;

struct why {
	struct live live;
	int status;			/* exit status: cmd.h */
	bool judged;			/* there is a situation */
	enum patcher_situation situation;
	bool needs_stub;
	bool by_patcher;		/* or else from /sys and /proc alone */
	const char *sentence;
	const char *refusal;		/* patcher's words; NULL: it would not refuse */
	const char *rescue;		/* the status of a rescue that it has already; NULL */
	const char *inside;		/* tasks, or NULL */
	const char *held_by;		/* or NULL */
	int unaccounted;		/* references; -1: nobody has looked for their holders */
	struct names may_have;		/* what in memory may have them */
	const char *devices;		/* or NULL */
	struct names died_at;
	struct names remedies;
};

/*
 * The dry runs of one command. The first one loads patcher.ko, unless it is loaded;
 * why_end() unloads it then.
 */
struct dry_runs {
	struct kmod_ctx *ctx;
	const char *file;		/* patcher.ko; NULL: it is looked for */
	bool loaded;			/* by us */
	bool impossible;		/* it was tried, and the user was told why not */
};

/* why_find(): all of it about one module. A name that is not loaded is no error. */
void why_find(struct why *why, struct dry_runs *dry, const char *name);

/* For a list: no dry run where /proc/modules has the answer. False if nothing is in the way. */
bool why_find_briefly(struct why *why, struct dry_runs *dry, const char *name);

/* Unloads patcher.ko again. False if that does not work, after it has said why. */
bool why_end(struct dry_runs *dry);

/* The file patcher.ko that @dry would load; NULL if there is none. */
const char *patcher_file(struct dry_runs *dry);

/* What a state other than live means; NULL for live. */
const char *state_words(const struct live *live);

/* "5b (its exit died)", or "none". */
const char *why_situation(const struct why *why);

#endif /* PATCHER_WHY_H */
