// SPDX-License-Identifier: GPL-2.0
/*
 * patcher sweep: asks patcher.ko to look again at a module that it keeps, and so to free it.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "stub/util.h"
#include "system.h"

static void usage(FILE *to)
{
	fprintf(to, "usage: patcher sweep NAME\n\n"
		"Looks again whether anything still points into the module that was NAME, and is\n"
		"kept since its exit has run. If nothing does, it is freed.\n\n"
		"Exit status: 0 freed, 1 error, 4 no such module is kept, 5 something points into it.\n");
}

/* A sweep of all memory takes its time. */
static bool is_gone(const char *directory)
{
	const struct timespec pause = { .tv_nsec = 100 * 1000 * 1000 };
	int tries;

	for (tries = 0; tries < 100 && !interrupted; tries++) {
		if (access(directory, F_OK))
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

static int sweep(const char *name)
{
	const char *directory = text(PATCHER_SYSFS "/%s", name), *file;
	size_t size;
	const char *residue;

	if (access(text("%s/sweep", directory), F_OK))
		directory = text(PATCHER_SYSFS "/%s_kept", name);
	file = text("%s/sweep", directory);
	if (access(file, F_OK)) {
		error("%s: is not kept; patcher status shows what is", name);
		return CMD_ABSENT;
	}
	catch_signals();
	if (write_value(file, "1"))
		return error("%s: %s", file, strerror(errno));
	if (is_gone(directory)) {
		printf("%s: freed\n", name);
		return CMD_DONE;
	}
	residue = (const char *)read_file(text("%s/residue", directory), &size);
	printf("%s: still kept, as something points into it; undo that, then again:\n%s", name,
	       residue ? residue : "");
	return CMD_KEPT;
}

int cmd_sweep(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	char *name;
	int c;

	while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		usage(c == 'h' ? stdout : stderr);
		return c == 'h' ? CMD_DONE : CMD_ERROR;
	}
	if (optind + 1 != argc) {
		usage(stderr);
		return CMD_ERROR;
	}
	name = module_name(argv[optind]);
	if (!name || !is_root("have a module looked at"))
		return CMD_ERROR;
	return sweep(name);
}
