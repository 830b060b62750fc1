// SPDX-License-Identifier: GPL-2.0
/*
 * system: files, log and terminal of the running system.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "cmd.h"
#include "system.h"

#define LOCK_FILE	"/run/patcher.lock"

int error(const char *format, ...)
{
	va_list args;

	/* What has been printed comes first, also where both go to the same file. */
	fflush(stdout);
	fputs("patcher: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return CMD_ERROR;
}

bool is_root(const char *what)
{
	if (!geteuid())
		return true;
	error("only root can %s", what);
	return false;
}

char *read_value(const char *format, ...)
{
	char *path, *line = NULL;
	ssize_t length = -1;
	size_t room = 0;
	va_list args;
	FILE *file;
	int err;

	va_start(args, format);
	if (vasprintf(&path, format, args) < 0)
		path = NULL;
	va_end(args);
	if (!path)
		return NULL;
	file = fopen(path, "re");
	free(path);
	if (!file)
		return NULL;
	errno = ENODATA;
	length = getline(&line, &room, file);
	err = errno;
	fclose(file);
	if (length < 0) {
		free(line);
		errno = err;
		return NULL;
	}
	if (length && line[length - 1] == '\n')
		line[length - 1] = '\0';
	return line;
}

int write_value(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t written;
	int err;

	if (fd < 0)
		return -1;
	written = write(fd, value, strlen(value));
	err = errno;
	close(fd);
	errno = err;
	return written < 0 ? -1 : 0;
}

/* The characters are those that patcher.ko takes: patcher/options.c. */
char *module_name(const char *name)
{
	char *copy, *at;

	for (at = (char *)name; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("_-.", *at))
			break;
	if (!*name || *name == '.' || *at) {
		error("'%s' cannot be the name of a module; give it as lsmod shows it", name);
		return NULL;
	}
	copy = strdup(name);
	for (at = copy; at && *at; at++)
		if (*at == '-')
			*at = '_';
	return copy;
}

bool is_loaded(const char *name)
{
	char *state = read_value("/sys/module/%s/initstate", name);

	free(state);
	return state;
}

volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted++;
}

void catch_signals(void)
{
	const struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

bool lock_patcher(const char *what)
{
	int fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	char *holder;

	if (fd < 0) {
		error(LOCK_FILE ": %s", strerror(errno));
		return false;
	}
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		holder = read_value(LOCK_FILE);
		error("patcher is in use by %s; wait until that has ended",
		      holder ? holder : "another command");
		free(holder);
		return false;
	}
	if (ftruncate(fd, 0) || dprintf(fd, "patcher %s, PID %d\n", what, getpid()) < 0)
		error(LOCK_FILE ": %s", strerror(errno));
	return true;
}

static int remove_entry(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
	(void)stat;
	(void)type;
	(void)ftw;
	return remove(path);
}

void remove_all(const char *directory)
{
	nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

const char *style(FILE *to, enum style style)
{
	static const char *const codes[] = {
		[STYLE_NONE] = "\033[0m", [STYLE_BOLD] = "\033[1m", [STYLE_RED] = "\033[31m",
		[STYLE_GREEN] = "\033[32m", [STYLE_YELLOW] = "\033[33m",
	};
	const char *no = getenv("NO_COLOR");

	if (!isatty(fileno(to)) || (no && *no))
		return "";
	return codes[style];
}

int log_open(struct log *log)
{
	log->fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (log->fd < 0)
		return -1;
	lseek(log->fd, 0, SEEK_END);
	return 0;
}

/* A record is "PRIORITY,NUMBER,TIME,FLAGS;TEXT", and lines of properties after that. */
const char *log_line(struct log *log)
{
	ssize_t length;
	char *text;

	while (log->fd >= 0) {
		length = read(log->fd, log->record, sizeof(log->record) - 1);
		/* Records that were dropped before they could be read: on with the next one. */
		if (length < 0 && errno == EPIPE)
			continue;
		if (length <= 0)
			return NULL;
		log->record[length] = '\0';
		text = strchr(log->record, ';');
		if (!text)
			continue;
		text[strcspn(text, "\n")] = '\0';
		return text + 1;
	}
	return NULL;
}

void log_close(struct log *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}
