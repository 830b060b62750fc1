/* SPDX-License-Identifier: GPL-2.0 */
/* What /sys and /proc have about one module, for a machine without patcher.ko as well. */
#ifndef PATCHER_LIVE_H
#define PATCHER_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "judge.h"

struct names {
	const char **at;
	size_t n;
};

void add_name(struct names *names, const char *name);
/* "a, b, c"; with_blanks: "a b c" */
const char *joined_names(const struct names *names, const char *between);

struct live {
	const char *name;
	bool built_in;
	bool loaded;
	const char *state;		/* as initstate has it */
	int refcount;
	bool permanent;			/* it has no exit */
	struct names users;		/* modules that use it */
	struct names drivers;		/* BUS:DRIVER */
};

void live_read(struct live *live, const char *name);

/* The names in a directory, without those that begin with a dot. */
struct names live_directory(const char *path);

/* The names in /proc/modules. */
struct names live_modules(void);

/*
 * What patcher_diagnose() would find, as far as that can be told from here. What holds the
 * references cannot, and a task is only found if it sleeps.
 */
void live_diagnose(const struct live *live, struct patcher_diagnosis *found);

#endif /* PATCHER_LIVE_H */
