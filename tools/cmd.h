/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The subcommands of the command patcher. To add one: a cmd-NAME.c with its function, its
 * declaration here, and a line in main.c's table.
 */
#ifndef PATCHER_CMD_H
#define PATCHER_CMD_H

/* The exit statuses of all subcommands. */
enum {
	CMD_DONE = 0,		/* done, or nothing in the way, or clean */
	CMD_ERROR = 1,		/* wrong usage, bad input, or an error */
	CMD_RESCUE = 2,		/* the module needs a rescue */
	CMD_HELD = 3,		/* it is held, rightly in use */
	CMD_ABSENT = 4,		/* it is built in, or not loaded */
	CMD_KEPT = 5,		/* its exit has run, but something still points into it */
	CMD_REPORTED = 6,	/* the kernel has reported something: an oops, a warning */
};

/* Each has its own name in argv[0]. */
int cmd_disarm(int argc, char **argv);
int cmd_load(int argc, char **argv);
int cmd_rescue(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_stub(int argc, char **argv);
int cmd_sweep(int argc, char **argv);
int cmd_test(int argc, char **argv);
int cmd_trace(int argc, char **argv);
int cmd_why(int argc, char **argv);

#endif /* PATCHER_CMD_H */
