// SPDX-License-Identifier: GPL-2.0
/*
 * build: compiles the stub as its user would.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "build.h"

extern char **environ;

static bool run(char **arguments, const char *log)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status, err;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	posix_spawn_file_actions_adddup2(&actions, 1, 2);
	err = posix_spawnp(&pid, arguments[0], &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (err)
		fail("%s cannot be run: %s; --no-build does without", arguments[0], strerror(err));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			fail("%s: %s", arguments[0], strerror(errno));
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

bool build(const struct module *module, const struct options *options)
{
	const char *kernel = options->build ? options->build :
		text("/lib/modules/%s/build", module->vermagic ? module->vermagic : "unknown");
	const char *log = text("%s/build.log", options->directory);
	char *directory = realpath(options->directory, NULL);
	char *arguments[7] = {};
	size_t size;
	char *said;

	if (!directory)
		fail("%s: %s", options->directory, strerror(errno));
	if (access(text("%s/Makefile", kernel), R_OK))
		fail("no kernel headers in %s; --build DIR names them, --no-build does without",
		     kernel);
	arguments[0] = "make";
	arguments[1] = text("-C%s", kernel);
	arguments[2] = text("M=%s", directory);
	/* A small module has too few types for 7.3's BTF, and nobody reads those of a stub. */
	arguments[3] = "CONFIG_DEBUG_INFO_BTF_MODULES=";
	/* Its user is told to, when it was made from init: generate.c. */
	arguments[4] = "KCFLAGS=-DSTUB_WAS_READ";
	arguments[5] = "modules";
	if (!run(arguments, log))
		return false;
	said = (char *)read_file(log, &size);
	return said && !strstr(said, "warning:") && !strstr(said, "WARNING:");
}
