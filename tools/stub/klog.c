// SPDX-License-Identifier: GPL-2.0
/*
 * klog: where a module died, from the kernel's log, or where a task hangs in it, from its
 * stack; and which file a loaded module is from.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>

#include "klog.h"

#define READ_ALL	3
#define SIZE_BUFFER	10

static char *read_log(const char *file)
{
	size_t size;
	int length;
	char *log;

	if (file) {
		log = (char *)read_file(file, &size);
		if (!log)
			fail("%s cannot be read", file);
		return log;
	}
	length = klogctl(SIZE_BUFFER, NULL, 0);
	if (length <= 0)
		return NULL;
	log = alloc(length + 1);
	length = klogctl(READ_ALL, log, length);
	return length > 0 ? log : NULL;
}

/* A line without its time and task: "[   12.345678][  T123] " */
static const char *without_time(const char *line)
{
	const char *end;

	if (*line == '<') {
		end = strchr(line, '>');
		line = end ? end + 1 : line;
	}
	while (*line == '[') {
		end = strchr(line, ']');
		if (!end)
			break;
		for (line = end + 1; *line == ' '; line++)
			;
	}
	while (*line == ' ')
		line++;
	return line;
}

/* "function+0x12/0x34 [module]": the place; NULL if the line has none. *own: of this module? */
static const char *place_in(const char *line, const char *module, bool *own)
{
	size_t length = strcspn(line, " \r\n"), plus;
	const char *bracket;

	for (plus = 0; plus < length && line[plus] != '+'; plus++)
		if (!isalnum((unsigned char)line[plus]) && line[plus] != '_' && line[plus] != '.')
			return NULL;
	if (!plus || plus == length || strncmp(line + plus, "+0x", 3))
		return NULL;
	bracket = line + length;
	*own = starts(bracket, text(" [%s]", module)) || starts(bracket, text(" [%s ", module)) ||
		starts(bracket, text(" [%s(", module));
	return text_n(line, length);
}

struct trace {
	const char *places[32];
	bool own[32];
	u32 n;
};

static void add_place(struct trace *trace, const char *line, const char *module)
{
	const char *place;
	bool own;

	place = place_in(line, module, &own);
	if (!place || trace->n == ARRAY_SIZE(trace->places))
		return;
	trace->places[trace->n] = place;
	trace->own[trace->n++] = own;
}

static bool is_own(const struct trace *trace)
{
	u32 i;

	for (i = 0; i < trace->n; i++)
		if (trace->own[i])
			return true;
	return false;
}

/* An oops: a line "RIP:", then "Call Trace:", then a frame a line; "? " are not to be trusted. */
static struct trace last_trace(char *log, const char *module)
{
	struct trace trace = {}, found = {};
	bool in_trace = false;
	char *line, *rest = log;
	const char *at;

	while ((line = strsep(&rest, "\n"))) {
		at = without_time(line);
		if (starts(at, "RIP: 0010:") && !in_trace) {
			trace = (struct trace){};
			add_place(&trace, at + 10, module);
		} else if (starts(at, "Call Trace:")) {
			in_trace = true;
		} else if (in_trace && (starts(at, "RIP:") || starts(at, "Modules linked in:") ||
					starts(at, "</TASK>") || starts(at, "---[ end"))) {
			if (trace.n && is_own(&trace))
				found = trace;
			in_trace = false;
			trace = (struct trace){};
		} else if (in_trace && *at != '?') {
			add_place(&trace, at, module);
		}
	}
	return found;
}

/* What /proc/PID/stack has: a frame a line. */
static struct trace stack_trace(char *stack, const char *module)
{
	struct trace trace = {};
	char *line;

	while ((line = strsep(&stack, "\n")))
		add_place(&trace, without_time(line), module);
	return trace;
}

static bool take(const struct trace *trace, struct options *options)
{
	u32 i, n = 0;

	if (!is_own(trace))
		return false;
	options->died_at = alloc(trace->n * sizeof(*options->died_at));
	/* Of the kernel's functions only the innermost matters: that it is one. */
	if (!trace->own[0])
		options->died_at[n++] = trace->places[0];
	for (i = 0; i < trace->n; i++)
		if (trace->own[i])
			options->died_at[n++] = trace->places[i];
	options->n_died_at = n;
	return true;
}

bool klog_hung(const char *name, struct options *options)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	struct trace trace;
	bool found = false;
	size_t size;
	char *stack;

	while (proc && !found && (entry = readdir(proc))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		stack = (char *)read_file(text("/proc/%s/stack", entry->d_name), &size);
		if (!stack)
			continue;
		trace = stack_trace(stack, name);
		found = take(&trace, options);
	}
	if (proc)
		closedir(proc);
	return found;
}

bool klog_places(const char *name, const char *log, struct options *options)
{
	char *all = read_log(log);
	struct trace trace;

	if (!all)
		return false;
	trace = starts(all, "[<") ? stack_trace(all, name) : last_trace(all, name);
	return take(&trace, options);
}

const char *module_file_of(const char *name)
{
	char *path = NULL;
	size_t room = 0, i;
	int pipes[2];
	ssize_t length;
	pid_t pid;
	FILE *in;

	for (i = 0; name[i]; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '_' && name[i] != '-')
			fail("is neither a file nor the name of a module");
	if (!i || i > NAME_MAX_LEN)
		fail("is neither a file nor the name of a module");
	if (pipe(pipes))
		fail("no pipe");
	pid = fork();
	if (pid < 0)
		fail("modinfo cannot be run");
	if (!pid) {
		dup2(pipes[1], 1);
		close(pipes[0]);
		execlp("modinfo", "modinfo", "-n", "--", name, NULL);
		execl("/sbin/modinfo", "modinfo", "-n", "--", name, NULL);
		_exit(127);
	}
	close(pipes[1]);
	in = fdopen(pipes[0], "r");
	length = in ? getline(&path, &room, in) : -1;
	if (length > 0 && path[length - 1] == '\n')
		path[length - 1] = '\0';
	if (length <= 0 || path[0] != '/')
		fail("modinfo knows no file of a module of this name");
	return path;
}
