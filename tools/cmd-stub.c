// SPDX-License-Identifier: GPL-2.0
/*
 * patcher stub: writes a stub for a module, from its file.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"
#include "stub/generate.h"
#include "stub/types.h"

static void usage(FILE *to)
{
	fprintf(to,
		"usage: patcher stub MODULE.ko|MODULE... [-o DIR] [option]...\n\n"
		"  -o DIR                   where the stub goes; NAME_stub if not given; of\n"
		"                           several modules to DIR/NAME_stub each\n"
		"  --died-at FUNC+0xOFF     where it died, as the oops has it; of a call chain all,\n"
		"                           innermost first\n"
		"  --log FILE               take that from a file with the kernel's log\n"
		"  --from-init              undo what init has registered, by a table; for a module\n"
		"                           without an exit, or whose exit has a BUG()\n"
		"  --release                a stub that lets a task go that hangs at that place\n"
		"  --no-build               do not build it, and so do not compare it\n"
		"  --built FILE.o           write nothing: compare this object of the stub, or\n"
		"                           NAME_stub.o in this directory\n"
		"  --no-headers             declare all that is used, and include no header\n"
		"  --calls                  only list the calls of init and exit;\n"
		"                           with --from-init also what would undo init\n"
		"  --btf FILE               the kernel's image, or its BTF\n"
		"  --build DIR              the kernel's build directory, with its headers\n"
		"  --modules DIR            where the kernel's modules are, with modules.dep\n");
}

static const struct option long_options[] = {
	{ "btf", required_argument, NULL, 'b' },
	{ "build", required_argument, NULL, 'k' },
	{ "modules", required_argument, NULL, 'm' },
	{ "calls", no_argument, NULL, 'C' },
	{ "from-init", no_argument, NULL, 'i' },
	{ "died-at", required_argument, NULL, 'd' },
	{ "log", required_argument, NULL, 'l' },
	{ "release", no_argument, NULL, 'r' },
	{ "no-build", no_argument, NULL, 'n' },
	{ "built", required_argument, NULL, 'c' },
	{ "no-headers", no_argument, NULL, 'B' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

/*
 * Each of several modules in a process of its own, so that what is wrong with one does not
 * keep the others from being done; what it says is followed by its exit status, time and memory.
 */
static int for_each(const struct options *given, char **files)
{
	struct options options = *given;
	int status, worst = CMD_DONE;
	struct rusage usage;
	pid_t pid;

	if (options.btf)
		types_load_kernel(options.btf);
	for (; *files; files++) {
		fflush(stdout);
		pid = fork();
		if (pid < 0)
			fail("no process: %s", strerror(errno));
		options.file = *files;
		options.several = true;
		if (!pid)
			exit(generate(&options));
		while (wait4(pid, &status, 0, &usage) < 0)
			if (errno != EINTR)
				fail("no process: %s", strerror(errno));
		status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		printf("%s: exit status %d, %.2f s, %ld MB\n", *files, status,
		       usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
		       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
		       usage.ru_maxrss >> 10);
		if (status)
			worst = CMD_ERROR;
	}
	return worst;
}

int cmd_stub(int argc, char **argv)
{
	struct options options = {};
	int c;

	while ((c = getopt_long(argc, argv, "o:h", long_options, NULL)) != -1) {
		switch (c) {
		case 'o':
			options.directory = optarg;
			break;
		case 'b':
			options.btf = optarg;
			break;
		case 'k':
			options.build = optarg;
			break;
		case 'm':
			options.modules = optarg;
			break;
		case 'd':
			more(options.died_at, options.n_died_at);
			options.died_at[options.n_died_at++] = optarg;
			break;
		case 'l':
			options.log = optarg;
			break;
		case 'C':
			options.calls = true;
			break;
		case 'i':
			options.from_init = true;
			break;
		case 'r':
			options.release = true;
			break;
		case 'n':
			options.no_build = true;
			break;
		case 'c':
			options.built = optarg;
			break;
		case 'B':
			options.bare = true;
			break;
		case 'h':
			usage(stdout);
			return CMD_DONE;
		default:
			usage(stderr);
			return CMD_ERROR;
		}
	}
	if (optind + 1 < argc)
		return for_each(&options, argv + optind);
	if (optind + 1 != argc) {
		usage(stderr);
		return CMD_ERROR;
	}
	options.file = argv[optind];
	return generate(&options);
}
