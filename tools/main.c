// SPDX-License-Identifier: GPL-2.0
/*
 * patcher: the command. Each subcommand is in a file of its own.
 */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "stub/util.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *what;
} commands[] = {
	{ "stub", cmd_stub, "write a stub for a module" },
};

static void usage(FILE *to)
{
	size_t i;

	fprintf(to, "usage: patcher COMMAND ...\n\n");
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].what);
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
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return CMD_DONE;
	}
	fprintf(stderr, "patcher: no command '%s'\n", argv[1]);
	usage(stderr);
	return CMD_ERROR;
}
