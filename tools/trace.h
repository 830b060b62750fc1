/* SPDX-License-Identifier: GPL-2.0 */
/*
 * trace: what the kernel's events module_get and module_put say about one module, put against
 * each other.
 */
#ifndef PATCHER_TRACE_H
#define PATCHER_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#define TRACE_DEPTH	24

/* A call path on which references are taken, or given back. */
struct trace_path {
	bool get;
	bool own;			/* the caller is the module itself */
	char *calls[TRACE_DEPTH];	/* innermost first */
	unsigned int n_calls;
	unsigned int count;
	unsigned int missing;		/* of these, not given back */
	char *task;			/* the last one that has taken one that is missing */
};

struct trace_event {
	bool get;
	bool given_back;
	unsigned int cpu;
	char *task;			/* COMM-PID */
	char *calls[TRACE_DEPTH];
	unsigned int n_calls;
	struct trace_path *path;
};

struct trace {
	const char *module;
	struct trace_event *events;
	size_t n_events;
	struct trace_path *paths;
	size_t n_paths;
	unsigned int taken, given_back;
	unsigned int before;		/* given back, and taken before the first event */
};

/* trace_parse(): from @text, a tracefs file "trace", which it changes and points into. */
void trace_parse(struct trace *trace, const char *module, char *text);

#endif /* PATCHER_TRACE_H */
