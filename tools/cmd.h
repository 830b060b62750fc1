/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The subcommands of the command patcher. To add one: a cmd-NAME.c with its function, its
 * declaration here, and a line in main.c's table.
 */
#ifndef PATCHER_CMD_H
#define PATCHER_CMD_H

/* The exit statuses of all subcommands. */
enum {
	CMD_DONE = 0,
	CMD_ERROR = 1,		/* wrong usage, bad input, or an error */
};

/* Each has its own name in argv[0]. */
int cmd_stub(int argc, char **argv);

#endif /* PATCHER_CMD_H */
