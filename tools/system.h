/* SPDX-License-Identifier: GPL-2.0 */
/* What subcommands share that look at the running system: its files, its log, its terminal. */
#ifndef PATCHER_SYSTEM_H
#define PATCHER_SYSTEM_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

#define PATCHER_SYSFS	"/sys/kernel/patcher"

/* error(): one line to stderr; always CMD_ERROR. */
int error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* is_root(): whether we are; if not, says that @what is root's. */
bool is_root(const char *what);

/*
 * read_value(): the first line of a file; NULL and errno set if there is none. For the caller
 * to free.
 */
char *read_value(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* write_value(): 0, or -1 and errno set. */
int write_value(const char *path, const char *value);

/*
 * module_name(): @name as the kernel has it, with underscores for dashes; for the caller to
 * free. NULL if it can be no module's, after it has said so. It is safe as part of a path.
 */
char *module_name(const char *name);

/* is_loaded(): whether the kernel has such a module, in whatever state. */
bool is_loaded(const char *name);

/*
 * catch_signals(): from now on SIGINT, SIGTERM and SIGHUP only add to @interrupted; they
 * interrupt system calls.
 */
void catch_signals(void);
extern volatile sig_atomic_t interrupted;

/*
 * lock_patcher(): one command at a time loads and unloads patcher.ko, as that restores whatever
 * another one has armed. False if another one does, after it has said which. @what is shown to
 * the others. Ends with the process.
 */
bool lock_patcher(const char *what);

/* remove_all(): a directory, and what is in it. */
void remove_all(const char *directory);

/* A style for the terminal, "" if @to is none, or if NO_COLOR is set. */
enum style { STYLE_NONE, STYLE_BOLD, STYLE_RED, STYLE_GREEN, STYLE_YELLOW };
const char *style(FILE *to, enum style style);

/*
 * The kernel's log from now on: log_open() before what is to be looked at, then log_line() for
 * each line, NULL when there is none any more. A line is the caller's until the next call.
 */
struct log {
	int fd;
	char record[8192];
};

int log_open(struct log *log);
const char *log_line(struct log *log);
void log_close(struct log *log);

#endif /* PATCHER_SYSTEM_H */
