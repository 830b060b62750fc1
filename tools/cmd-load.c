// SPDX-License-Identifier: GPL-2.0
/*
 * patcher load: loads a module's file, and says in words why that failed.
 */
#include <getopt.h>
#include <libkmod.h>
#include <stdlib.h>

#include "cmd.h"
#include "load.h"
#include "stub/util.h"
#include "system.h"

static void usage(FILE *to)
{
	fprintf(to, "usage: patcher load FILE [PARAMETER=VALUE]...\n\n"
		"Loads a module, compressed or not, by init_module(2), and says why if that fails.\n"
		"Where an insmod has died in init, this is safe, and insmod may not be (6.5 and\n"
		"later).\n\n"
		"Exit status: 0 loaded, 1 error, 2 its init died or hangs: it needs a rescue.\n");
}

static char *joined(int n, char **words)
{
	struct buffer buffer = {};
	int i;

	add(&buffer, "%s", "");
	for (i = 0; i < n; i++)
		add(&buffer, "%s%s", i ? " " : "", words[i]);
	return buffer.at;
}

int cmd_load(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct kmod_ctx *ctx;
	int c, status;

	while ((c = getopt_long(argc, argv, "+h", long_options, NULL)) != -1) {
		if (c == 'h') {
			usage(stdout);
			return CMD_DONE;
		}
		usage(stderr);
		return CMD_ERROR;
	}
	if (optind >= argc) {
		usage(stderr);
		return CMD_ERROR;
	}
	if (!is_root("load modules"))
		return CMD_ERROR;
	ctx = kmod_new(NULL, NULL);
	if (!ctx)
		return error("no memory");
	status = load_file(ctx, argv[optind], joined(argc - optind - 1, argv + optind + 1));
	kmod_unref(ctx);
	return status;
}
