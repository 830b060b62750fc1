// SPDX-License-Identifier: GPL-2.0
/*
 * patcher disarm: ends a rescue, and so restores the module as it was found.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "system.h"

static void usage(FILE *to)
{
	fprintf(to, "usage: patcher disarm NAME\n\n"
		"Ends the rescue of module NAME, which is restored as it was found. Other rescues\n"
		"stay; rmmod patcher ends all of them.\n\n"
		"Exit status: 0 restored, 1 error, 4 patcher is not loaded, or has no such rescue.\n");
}

/* patcher restores on a workqueue of its own; the directory goes when that is done. */
static bool is_gone(const char *directory)
{
	const struct timespec pause = { .tv_nsec = 100 * 1000 * 1000 };
	int tries;

	for (tries = 0; tries < 300; tries++) {
		if (access(directory, F_OK))
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* What patcher has logged as a refusal, or else the errno. */
static int refused(struct log *log, const char *name, int err)
{
	const char *line;

	while ((line = log_line(log)))
		if (!strncmp(line, "patcher: ", 9) && strstr(line, ": refused: "))
			return error("%s", line + 9);
	return error("%s: cannot be disarmed: %s", name, strerror(err));
}

static int disarm(const char *name)
{
	const char *shown = strcmp(name, "arm") ? name : "arm-";
	int status = CMD_DONE;
	char *directory, *file;
	struct log log;

	if (asprintf(&directory, PATCHER_SYSFS "/%s", shown) < 0)
		return error("no memory");
	if (asprintf(&file, "%s/disarm", directory) < 0)
		return error("no memory");
	log_open(&log);
	if (access(PATCHER_SYSFS, F_OK)) {
		error("patcher.ko is not loaded: no module is being rescued");
		status = CMD_ABSENT;
	} else if (access(directory, F_OK)) {
		error("%s: is not being rescued; patcher status shows what is", name);
		status = CMD_ABSENT;
	} else if (write_value(file, "1")) {
		status = refused(&log, name, errno);
	} else if (!is_gone(directory)) {
		status = error("%s: is not restored yet after 30 s; dmesg says what it waits for",
			       name);
	} else {
		printf("%s: restored as it was found\n", name);
	}
	log_close(&log);
	free(directory);
	free(file);
	return status;
}

int cmd_disarm(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	char *name;
	int c, status;

	while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		if (c == 'h') {
			usage(stdout);
			return CMD_DONE;
		}
		usage(stderr);
		return CMD_ERROR;
	}
	if (optind + 1 != argc) {
		usage(stderr);
		return CMD_ERROR;
	}
	name = module_name(argv[optind]);
	if (!name || !is_root("disarm a rescue")) {
		free(name);
		return CMD_ERROR;
	}
	status = disarm(name);
	free(name);
	return status;
}
