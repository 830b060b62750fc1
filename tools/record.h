/* SPDX-License-Identifier: GPL-2.0 */
/* What patcher trace and patcher test share: the references on a module recorded, and shown. */
#ifndef PATCHER_RECORD_H
#define PATCHER_RECORD_H

#include <stdbool.h>

#include "trace.h"

struct json_object;
struct tracefs_instance;

struct recording {
	const char *module;
	struct tracefs_instance *instance;	/* NULL: nothing is recorded */
	char name[32];				/* of the instance */
	const char *mounted;			/* by us; NULL: it was before */
};

/* Both return 0, or CMD_ERROR after they have said why. After record_begin() comes record_end(). */
int record_begin(struct recording *recording, const char *module);
/* Does not change tracefs any more, and fills @trace. */
int record_stop(struct recording *recording, struct trace *trace);
/* Removes what record_begin() has made. */
int record_end(struct recording *recording);

/* The references that were not given back, and the paths on which they were taken. */
unsigned int record_missing(const struct trace *trace);
void record_show_paths(const struct trace *trace);
struct json_object *record_paths(const struct trace *trace);

/*
 * run_command(): 0 and its wait status in @status, or CMD_ERROR if it cannot be run. That it has
 * failed is said. What it prints goes to stderr if stdout is for JSON.
 */
int run_command(char **command, bool json, int *status);

#endif /* PATCHER_RECORD_H */
