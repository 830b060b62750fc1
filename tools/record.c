// SPDX-License-Identifier: GPL-2.0
/*
 * record: the kernel's events module_get and module_put of one module, with stacks, in an instance
 * of tracefs that is removed afterwards: whatever else is traced meanwhile sees nothing of it.
 */
#include <errno.h>
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
#include "record.h"
#include "system.h"

/* For each CPU, in kilobytes: an event with its stack takes some 300 bytes. */
#define BUFFER_KB	"4096"

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

static int enable(struct tracefs_instance *instance, const char *module)
{
	char *filter;
	int err;

	if (asprintf(&filter, "name == \"%s\"", module) < 0)
		return error("no memory");
	err = set(instance, "buffer_size_kb", BUFFER_KB) ||
	      set(instance, "options/stacktrace", "1") ||
	      set(instance, "options/sym-offset", "1") ||
	      set(instance, "events/module/module_get/filter", filter) ||
	      set(instance, "events/module/module_put/filter", filter) ||
	      set(instance, "events/module/module_get/enable", "1") ||
	      set(instance, "events/module/module_put/enable", "1");
	free(filter);
	return err ? CMD_ERROR : 0;
}

int record_begin(struct recording *recording, const char *module)
{
	bool mounted = is_mounted();
	const char *directory = tracefs_tracing_dir();

	*recording = (struct recording){ .module = module };
	if (!directory)
		return error("tracefs is not mounted, and cannot be: %s", strerror(errno));
	recording->mounted = mounted ? NULL : directory;
	snprintf(recording->name, sizeof(recording->name), "patcher-%d", getpid());
	recording->instance = tracefs_instance_create(recording->name);
	if (!recording->instance)
		return error("no instance can be made in tracefs: %s; is the kernel locked down?",
			     strerror(errno));
	return enable(recording->instance, module);
}

/*
 * The filters as well: while an event has one, it is put together in a page of the CPU's
 * (trace_buffered_event), which removing the instance alone does not free, and which would look as
 * if it pointed into the module.
 */
static void disable(struct tracefs_instance *instance)
{
	tracefs_instance_file_write(instance, "events/module/enable", "0");
	tracefs_instance_file_write(instance, "events/module/module_get/filter", "0");
	tracefs_instance_file_write(instance, "events/module/module_put/filter", "0");
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

int record_stop(struct recording *recording, struct trace *trace)
{
	unsigned long lost;
	char *text;

	*trace = (struct trace){ .module = recording->module };
	disable(recording->instance);
	lost = overrun(recording->instance);
	if (lost)
		return error("%s: too many events, %lu were lost; trace for a shorter time",
			     recording->module, lost);
	text = tracefs_instance_file_read(recording->instance, "trace", NULL);
	if (!text)
		return error("tracefs: the trace cannot be read: %s", strerror(errno));
	/* It points into the text, which stays until the program ends. */
	trace_parse(trace, recording->module, text);
	return 0;
}

int record_end(struct recording *recording)
{
	int status = 0;

	if (recording->instance) {
		if (tracefs_instance_destroy(recording->instance))
			status = error("instances/%s stays in tracefs: %s", recording->name,
				       strerror(errno));
		tracefs_instance_free(recording->instance);
		recording->instance = NULL;
	}
	if (recording->mounted)
		umount(recording->mounted);
	recording->mounted = NULL;
	return status;
}

unsigned int record_missing(const struct trace *trace)
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

void record_show_paths(const struct trace *trace)
{
	size_t i;

	for (i = 0; i < trace->n_paths; i++)
		if (trace->paths[i].missing)
			show_path(&trace->paths[i]);
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

struct json_object *record_paths(const struct trace *trace)
{
	struct json_object *paths = json_object_new_array();
	size_t i;

	for (i = 0; i < trace->n_paths; i++)
		if (trace->paths[i].missing)
			json_object_array_add(paths, path_object(&trace->paths[i]));
	return paths;
}

/* It gets Ctrl-C from the terminal itself. */
int run_command(char **command, bool json, int *status)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return error("no process can be made: %s", strerror(errno));
	if (!pid) {
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		signal(SIGHUP, SIG_DFL);
		if (json)
			dup2(2, 1);
		execvp(command[0], command);
		error("%s: %s", command[0], strerror(errno));
		_exit(127);
	}
	while (waitpid(pid, status, 0) < 0)
		if (errno != EINTR)
			return error("%s: %s", command[0], strerror(errno));
	if (WIFEXITED(*status) && WEXITSTATUS(*status) == 127)
		return CMD_ERROR;
	if (WIFSIGNALED(*status))
		error("%s was ended by signal %d", command[0], WTERMSIG(*status));
	else if (WEXITSTATUS(*status))
		error("%s ended with status %d", command[0], WEXITSTATUS(*status));
	return 0;
}
