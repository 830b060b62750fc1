// SPDX-License-Identifier: GPL-2.0
/*
 * patcher trace: who takes references on a module and does not give them back.
 *
 * The kernel's events module_get and module_put of this one module are recorded, with stacks, in
 * an instance of tracefs that is removed afterwards: whatever else is traced meanwhile sees
 * nothing of it.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <mntent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <tracefs.h>
#include <unistd.h>

#include "cmd.h"
#include "system.h"
#include "trace.h"

/* For each CPU, in kilobytes: an event with its stack takes some 300 bytes. */
#define BUFFER_KB	"4096"

static void usage(FILE *to)
{
	fprintf(to, "usage: patcher trace NAME [--json] [-- COMMAND [ARGUMENT]...]\n\n"
		"Records who takes references on module NAME, and who gives them back, while COMMAND\n"
		"runs, or until Ctrl-C; then shows the call paths of those not given back.\n\n"
		"  --json    the same as an object\n\n"
		"Exit status: 0 all were given back, 1 error, 3 some were not, 4 NAME is built in, or not\n"
		"loaded and there is no COMMAND that could load it.\n");
}

/* Is it mounted where libtracefs looks for it? If not, it mounts it. */
static bool is_mounted(void)
{
	FILE *mounts = setmntent("/proc/mounts", "r");
	struct mntent *entry;
	bool found = false;

	while (mounts && !found && (entry = getmntent(mounts)))
		found = !strcmp(entry->mnt_type, "tracefs") || !strcmp(entry->mnt_type, "debugfs");
	if (mounts)
		endmntent(mounts);
	return found;
}

static int set(struct tracefs_instance *instance, const char *file, const char *value)
{
	if (tracefs_instance_file_write(instance, file, value) >= 0)
		return 0;
	return error("tracefs: cannot write '%s' to %s: %s", value, file, strerror(errno));
}

static int prepare(struct tracefs_instance *instance, const char *name)
{
	char *filter;
	int err;

	if (asprintf(&filter, "name == \"%s\"", name) < 0)
		return error("no memory");
	err = set(instance, "buffer_size_kb", BUFFER_KB) ||
	      set(instance, "options/stacktrace", "1") ||
	      set(instance, "options/sym-offset", "1") ||
	      set(instance, "events/module/module_get/filter", filter) ||
	      set(instance, "events/module/module_put/filter", filter) ||
	      set(instance, "events/module/module_get/enable", "1") ||
	      set(instance, "events/module/module_put/enable", "1");
	free(filter);
	return err;
}

/* It gets Ctrl-C from the terminal itself. */
static int run(char **command)
{
	pid_t pid;
	int status;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return error("no process can be made: %s", strerror(errno));
	if (!pid) {
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		execvp(command[0], command);
		error("%s: %s", command[0], strerror(errno));
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return error("%s: %s", command[0], strerror(errno));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return CMD_ERROR;
	if (WIFSIGNALED(status))
		error("%s was ended by signal %d", command[0], WTERMSIG(status));
	else if (WEXITSTATUS(status))
		error("%s ended with status %d", command[0], WEXITSTATUS(status));
	return CMD_DONE;
}

static void until_interrupted(const char *name)
{
	sigset_t blocked, before;

	fprintf(stderr, "recording who uses %s; Ctrl-C ends it\n", name);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	while (!interrupted)
		sigsuspend(&before);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/* Events that there was no room for, of all CPUs. */
static unsigned long overrun(struct tracefs_instance *instance)
{
	long cpu, n = sysconf(_SC_NPROCESSORS_CONF);
	unsigned long sum = 0;

	for (cpu = 0; cpu < n; cpu++) {
		char file[64], *stats, *at;

		snprintf(file, sizeof(file), "per_cpu/cpu%ld/stats", cpu);
		stats = tracefs_instance_file_read(instance, file, NULL);
		at = stats ? strstr(stats, "overrun: ") : NULL;
		if (at)
			sum += strtoul(at + strlen("overrun: "), NULL, 10);
		free(stats);
	}
	return sum;
}

static unsigned int missing(const struct trace *trace)
{
	unsigned int sum = 0;
	size_t i;

	for (i = 0; i < trace->n_paths; i++)
		sum += trace->paths[i].missing;
	return sum;
}

static void show_path(const struct trace_path *path)
{
	unsigned int i;

	printf("\n%s%u of %u%s not given back, the last one taken by %s:\n",
	       style(stdout, STYLE_RED), path->missing, path->count, style(stdout, STYLE_NONE),
	       path->task);
	for (i = 0; i < path->n_calls; i++)
		printf("    %s%s%s\n", i ? "" : style(stdout, STYLE_BOLD), path->calls[i],
		       i ? "" : style(stdout, STYLE_NONE));
}

static void show(const struct trace *trace)
{
	char *refcnt = read_value("/sys/module/%s/refcnt", trace->module);
	size_t i;

	printf("%s: %u references taken, %u given back", trace->module, trace->taken,
	       trace->given_back);
	if (trace->before)
		printf(", %u of these taken before", trace->before);
	printf("; the refcount is %s now\n", refcnt ? refcnt : "gone with the module");
	for (i = 0; i < trace->n_paths; i++)
		if (trace->paths[i].missing)
			show_path(&trace->paths[i]);
	free(refcnt);
}

static struct json_object *path_object(const struct trace_path *path)
{
	struct json_object *object = json_object_new_object();
	struct json_object *calls = json_object_new_array();
	unsigned int i;

	for (i = 0; i < path->n_calls; i++)
		json_object_array_add(calls, json_object_new_string(path->calls[i]));
	json_object_object_add(object, "taken", json_object_new_int(path->count));
	json_object_object_add(object, "missing", json_object_new_int(path->missing));
	json_object_object_add(object, "task", json_object_new_string(path->task));
	json_object_object_add(object, "calls", calls);
	return object;
}

static void show_json(const struct trace *trace)
{
	struct json_object *object = json_object_new_object();
	struct json_object *paths = json_object_new_array();
	size_t i;

	for (i = 0; i < trace->n_paths; i++)
		if (trace->paths[i].missing)
			json_object_array_add(paths, path_object(&trace->paths[i]));
	json_object_object_add(object, "module", json_object_new_string(trace->module));
	json_object_object_add(object, "taken", json_object_new_int(trace->taken));
	json_object_object_add(object, "given_back", json_object_new_int(trace->given_back));
	json_object_object_add(object, "taken_before", json_object_new_int(trace->before));
	json_object_object_add(object, "paths", paths);
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

static int report(struct tracefs_instance *instance, const char *name, bool json)
{
	unsigned long lost = overrun(instance);
	struct trace trace = {};
	char *text;

	if (lost)
		return error("%s: too many events, %lu were lost; trace for a shorter time", name,
			     lost);
	text = tracefs_instance_file_read(instance, "trace", NULL);
	if (!text)
		return error("tracefs: the trace cannot be read: %s", strerror(errno));
	trace_parse(&trace, name, text);
	if (json)
		show_json(&trace);
	else
		show(&trace);
	free(text);
	return missing(&trace) ? CMD_HELD : CMD_DONE;
}

static int record(struct tracefs_instance *instance, const char *name, char **command, bool json)
{
	int status = prepare(instance, name);

	if (!status && command[0])
		status = run(command);
	else if (!status)
		until_interrupted(name);
	tracefs_instance_file_write(instance, "events/module/enable", "0");
	return status ? status : report(instance, name, json);
}

static int in_instance(const char *name, char **command, bool json)
{
	struct tracefs_instance *instance;
	char instance_name[32];
	int status;

	catch_signals();
	snprintf(instance_name, sizeof(instance_name), "patcher-%d", getpid());
	instance = tracefs_instance_create(instance_name);
	if (!instance)
		return error("no instance can be made in tracefs: %s; is the kernel locked down?",
			     strerror(errno));
	status = record(instance, name, command, json);
	if (tracefs_instance_destroy(instance))
		status = error("instances/%s stays in tracefs: %s", instance_name, strerror(errno));
	tracefs_instance_free(instance);
	return status;
}

static int trace(const char *name, char **command, bool json)
{
	char *state = read_value("/sys/module/%s/initstate", name);
	bool mounted = is_mounted(), loaded = state;
	const char *directory;
	char *path;
	int status;

	free(state);
	if (asprintf(&path, "/sys/module/%s", name) < 0)
		return error("no memory");
	if (!loaded && (!command[0] || !access(path, F_OK))) {
		if (access(path, F_OK))
			error("%s is not loaded; lsmod shows what is", name);
		else
			error("%s is built into the kernel: it has no refcount", name);
		free(path);
		return CMD_ABSENT;
	}
	free(path);
	directory = tracefs_tracing_dir();
	if (!directory)
		return error("tracefs is not mounted, and cannot be: %s", strerror(errno));
	status = in_instance(name, command, json);
	if (!mounted)
		umount(directory);
	return status;
}

int cmd_trace(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ }
	};
	bool json = false;
	int c, status;
	char *name;

	while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		switch (c) {
		case 'h':
			usage(stdout);
			return CMD_DONE;
		case 'j':
			json = true;
			break;
		default:
			usage(stderr);
			return CMD_ERROR;
		}
	}
	if (optind >= argc) {
		usage(stderr);
		return CMD_ERROR;
	}
	name = module_name(argv[optind]);
	if (!name || !is_root("trace references")) {
		free(name);
		return CMD_ERROR;
	}
	status = trace(name, argv + optind + 1, json);
	free(name);
	return status;
}
