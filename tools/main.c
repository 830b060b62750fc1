// SPDX-License-Identifier: GPL-2.0
/*
 * patcher: the command. Each subcommand is in a file of its own.
 */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "stub/util.h"
#include "version.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *what;
} commands[] = {
	{ "why", cmd_why, "say why a module cannot be unloaded, and what helps" },
	{ "rescue", cmd_rescue, "do what is needed, and unload it" },
	{ "stub", cmd_stub, "write a stub for a module" },
	{ "load", cmd_load, "load a module's file, and say why if that fails" },
	{ "status", cmd_status, "show what patcher rescues" },
	{ "disarm", cmd_disarm, "end a rescue, and restore the module as it was found" },
	{ "sweep", cmd_sweep, "look again whether a module that is kept can be freed" },
	{ "trace", cmd_trace, "show who takes references on a module and keeps them" },
	{ "test", cmd_test, "load a module, unload it, and say whether its exit cleans up" },
};

#ifdef __SANITIZE_ADDRESS__
/* make SANITIZE=1: memory is never given back (stub/util.h), and that is no mistake. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

static void usage(FILE *to)
{
	size_t i;

	fprintf(to, "usage: patcher COMMAND ...\n\n");
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].what);
	fprintf(to, "\npatcher COMMAND --help, or patcher(1), says more.\n");
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc < 2) {
		usage(stderr);
		return CMD_ERROR;
	}
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return CMD_DONE;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("patcher %s\n", PATCHER_VERSION);
		return CMD_DONE;
	}
	fprintf(stderr, "patcher: no command '%s'\n", argv[1]);
	usage(stderr);
	return CMD_ERROR;
}
