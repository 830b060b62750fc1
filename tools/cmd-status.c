// SPDX-License-Identifier: GPL-2.0
/*
 * patcher status: the rescues that patcher.ko has, from /sys/kernel/patcher.
 */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "stub/util.h"
#include "system.h"

static const char *const columns[] = { "status", "situation", "stub", "method" };

static void usage(FILE *to)
{
	fprintf(to, "usage: patcher status [--json]\n\n"
		"Shows each rescue: the target, its status, its situation, the stub that cleans up\n"
		"after it, and how its exit is redirected; and each module that is kept, with what\n"
		"still points into it.\n\n"
		"  --json    the same as an array of objects\n\n"
		"Exit status: 0 shown, 1 error, 4 patcher is not loaded.\n");
}

static int is_rescue(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && entry->d_type == DT_DIR;
}

/* "arm-" is what patcher calls the directory of a target called arm. */
static const char *target_of(const char *directory)
{
	return strcmp(directory, "arm-") ? directory : "arm";
}

/* What still points into a module that is kept, a line each; NULL if it is not kept. */
static struct json_object *residue(const char *name)
{
	struct json_object *array;
	size_t size;
	char *lines, *line;

	lines = (char *)read_file(text(PATCHER_SYSFS "/%s/residue", name), &size);
	if (!lines)
		return NULL;
	array = json_object_new_array();
	while ((line = strsep(&lines, "\n")))
		if (*line)
			json_object_array_add(array, json_object_new_string(line));
	return array;
}

/*
 * Its values, null for what it does not have: what is kept has no stub any more. NULL if it has
 * ended meanwhile.
 */
static struct json_object *rescue(const char *name)
{
	struct json_object *object = json_object_new_object();
	size_t i;

	json_object_object_add(object, "target", json_object_new_string(target_of(name)));
	for (i = 0; i < ARRAY_SIZE(columns); i++) {
		char *value = read_value(PATCHER_SYSFS "/%s/%s", name, columns[i]);
		struct json_object *text = NULL;

		if (!value && !i) {
			json_object_put(object);
			return NULL;
		}
		if (value && strcmp(value, "(none)"))
			text = json_object_new_string(value);
		json_object_object_add(object, columns[i], text);
		free(value);
	}
	json_object_object_add(object, "residue", residue(name));
	return object;
}

/* All of them; NULL and errno set if they cannot be read. */
static struct json_object *rescues(void)
{
	struct json_object *array, *object;
	struct dirent **entries;
	int n, i;

	n = scandir(PATCHER_SYSFS, &entries, is_rescue, alphasort);
	if (n < 0)
		return NULL;
	array = json_object_new_array();
	for (i = 0; i < n; i++) {
		object = rescue(entries[i]->d_name);
		if (object)
			json_object_array_add(array, object);
		free(entries[i]);
	}
	free(entries);
	return array;
}

static const char *value(struct json_object *object, const char *key)
{
	const char *text = json_object_get_string(json_object_object_get(object, key));

	return text ? text : "-";
}

static enum style style_of(const char *status)
{
	if (!strcmp(status, "armed"))
		return STYLE_GREEN;
	return strcmp(status, "quarantined") && strcmp(status, "kept") ? STYLE_NONE : STYLE_YELLOW;
}

static void show_residue(struct json_object *lines)
{
	size_t i, n = lines ? json_object_array_length(lines) : 0;

	for (i = 0; i < n; i++)
		printf("    %s\n", json_object_get_string(json_object_array_get_idx(lines, i)));
}

static void show(struct json_object *array)
{
	size_t i, n = json_object_array_length(array);

	if (!n)
		printf("patcher is loaded, and has no rescue\n");
	else
		printf("%-20s %-12s %-16s %-7s %s\n", "TARGET", "STATUS", "STUB", "METHOD",
		       "SITUATION");
	for (i = 0; i < n; i++) {
		struct json_object *object = json_object_array_get_idx(array, i);
		const char *status = value(object, "status");

		printf("%-20s %s%-12s%s %-16s %-7s %s\n", value(object, "target"),
		       style(stdout, style_of(status)), status, style(stdout, STYLE_NONE),
		       value(object, "stub"), value(object, "method"), value(object, "situation"));
		show_residue(json_object_object_get(object, "residue"));
	}
}

int cmd_status(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ }
	};
	struct json_object *array;
	bool json = false;
	int c;

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
	if (optind != argc) {
		usage(stderr);
		return CMD_ERROR;
	}
	if (!is_root("see what patcher does"))
		return CMD_ERROR;
	array = rescues();
	if (!array && errno == ENOENT) {
		error("patcher.ko is not loaded: no module is being rescued");
		return CMD_ABSENT;
	}
	if (!array)
		return error(PATCHER_SYSFS ": %s", strerror(errno));
	if (json)
		puts(json_object_to_json_string_ext(array, JSON_C_TO_STRING_PRETTY |
						    JSON_C_TO_STRING_NOSLASHESCAPE));
	else
		show(array);
	json_object_put(array);
	return CMD_DONE;
}
