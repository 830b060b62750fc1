// SPDX-License-Identifier: GPL-2.0
/*
 * trace: which references on a module have not been given back, and by which paths they were
 * taken.
 *
 * A reference has no name: nothing says which module_get a module_put belongs to. Whoever takes
 * one gives it back, in the kernel's code as in a driver's, so a put is put against the earliest
 * get that is still open of the same side (the module's own code, or not) and the same task; or
 * else of the same side; or else of the same task; or else any. One is known: with which a module
 * is loaded (module_unload_init() in kernel/module/main.c), and which do_init_module() gives back.
 */
#include <stdio.h>
#include <string.h>

#include "stub/util.h"
#include "trace.h"

/* "   COMM-PID   [CPU] FLAGS TIME: "; where the text after it begins, or NULL. */
static char *event_text(char *line, unsigned int *cpu, char **task)
{
	char *bracket, *end, *at;

	for (bracket = strstr(line, " ["); bracket; bracket = strstr(bracket + 1, " [")) {
		if (sscanf(bracket, " [%u]", cpu) != 1)
			continue;
		at = strstr(bracket, ": ");
		if (!at)
			return NULL;
		for (end = bracket; end > line && end[-1] == ' '; end--)
			;
		*end = '\0';
		*task = line + strspn(line, " ");
		return at + 2;
	}
	return NULL;
}

static void add_event(struct trace *trace, bool get, unsigned int cpu, char *task)
{
	struct trace_event *event;

	more(trace->events, trace->n_events);
	event = &trace->events[trace->n_events++];
	memset(event, 0, sizeof(*event));
	event->get = get;
	event->cpu = cpu;
	event->task = task;
}

static struct trace_event *last_of(struct trace *trace, unsigned int cpu)
{
	size_t i;

	for (i = trace->n_events; i--;)
		if (trace->events[i].cpu == cpu)
			return &trace->events[i];
	return NULL;
}

static bool is_function(const char *call, const char *function)
{
	return starts(call, function) && strchr("+ ", call[strlen(function)]);
}

/*
 * The stack begins with the tracer, and with what takes and gives back references. The event is
 * in these functions (kernel/module/main.c), so the last of them is the innermost caller's.
 */
static bool is_refcounting(const char *call)
{
	return is_function(call, "try_module_get") || is_function(call, "__module_get") ||
	       is_function(call, "module_put");
}

static void drop_tracer(struct trace_event *event)
{
	unsigned int i, begin = 0;

	for (i = 0; i < event->n_calls && i < 8; i++)
		if (is_refcounting(event->calls[i]))
			begin = i + 1;
	event->n_calls -= begin;
	memmove(event->calls, event->calls + begin, event->n_calls * sizeof(event->calls[0]));
}

/* Each event's stack follows on its CPU; between them there may be another CPU's. */
static void read_events(struct trace *trace, char *text)
{
	struct trace_event *stack = NULL;
	char *line, *task, *at;
	unsigned int cpu;

	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (starts(line, " => ")) {
			if (stack && stack->n_calls < TRACE_DEPTH)
				stack->calls[stack->n_calls++] = line + 4;
			continue;
		}
		at = *line == '#' ? NULL : event_text(line, &cpu, &task);
		if (!at)
			continue;
		if (starts(at, "<stack trace>"))
			stack = last_of(trace, cpu);
		else if (starts(at, "module_get: "))
			add_event(trace, true, cpu, task);
		else if (starts(at, "module_put: "))
			add_event(trace, false, cpu, task);
	}
}

static bool is_path(const struct trace_path *path, const struct trace_event *event)
{
	unsigned int i;

	if (path->get != event->get || path->n_calls != event->n_calls)
		return false;
	for (i = 0; i < event->n_calls; i++)
		if (strcmp(path->calls[i], event->calls[i]))
			return false;
	return true;
}

static size_t path_of(struct trace *trace, const struct trace_event *event)
{
	struct trace_path *path;
	char *own = text(" [%s]", trace->module);
	size_t i;

	for (i = 0; i < trace->n_paths; i++)
		if (is_path(&trace->paths[i], event))
			return i;
	more(trace->paths, trace->n_paths);
	path = &trace->paths[trace->n_paths++];
	memset(path, 0, sizeof(*path));
	path->get = event->get;
	path->n_calls = event->n_calls;
	memcpy(path->calls, event->calls, sizeof(path->calls));
	path->own = event->n_calls && strstr(event->calls[0], own);
	return i;
}

static void find_paths(struct trace *trace)
{
	size_t *indices = alloc((trace->n_events + 1) * sizeof(*indices));
	size_t i;

	for (i = 0; i < trace->n_events; i++) {
		drop_tracer(&trace->events[i]);
		indices[i] = path_of(trace, &trace->events[i]);
	}
	/* Only now do they stay where they are. */
	for (i = 0; i < trace->n_events; i++) {
		trace->events[i].path = &trace->paths[indices[i]];
		trace->events[i].path->count++;
	}
}

static bool give_back(struct trace *trace, size_t put, bool side, bool task)
{
	const struct trace_event *given = &trace->events[put];
	size_t i;

	for (i = 0; i < put; i++) {
		struct trace_event *event = &trace->events[i];

		if (!event->get || event->given_back ||
		    (side && event->path->own != given->path->own) ||
		    (task && strcmp(event->task, given->task)))
			continue;
		event->given_back = true;
		return true;
	}
	return false;
}

/* That which was taken without an event, when the module was loaded. */
static bool is_loaders(const struct trace_event *event)
{
	return event->n_calls && is_function(event->calls[0], "do_init_module");
}

static void balance(struct trace *trace)
{
	size_t i;

	for (i = 0; i < trace->n_events; i++) {
		if (trace->events[i].get) {
			trace->taken++;
			continue;
		}
		trace->given_back++;
		if (is_loaders(&trace->events[i]))
			trace->before++;
		else if (!give_back(trace, i, true, true) && !give_back(trace, i, true, false) &&
			 !give_back(trace, i, false, true) && !give_back(trace, i, false, false))
			trace->before++;
	}
	for (i = 0; i < trace->n_events; i++) {
		struct trace_event *event = &trace->events[i];

		if (event->get && !event->given_back) {
			event->path->missing++;
			event->path->task = event->task;
		}
	}
}

void trace_parse(struct trace *trace, const char *module, char *text)
{
	trace->module = module;
	read_events(trace, text);
	find_paths(trace);
	balance(trace);
}
