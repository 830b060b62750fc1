// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz KIND FILE N SEED: for the guest: asks N times for what cannot be, and expects to be
 * refused each time, with EINVAL, or ENODEV for a name that happens to be one. SEED, a
 * number, says what exactly. Prints how often it was refused with which errno.
 *
 *   fuzz arm /sys/kernel/patcher/arm N SEED		malformed lines
 *   fuzz disarm /sys/kernel/patcher/X/disarm N SEED	what is not 1
 *   fuzz load /patcher.ko N SEED			malformed parameters, of as many loads
 *
 * What is made of a line that would do was broken in at least one place. It names t_leak,
 * which the case has loaded: a line that got through would arm it.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "random.h"

#define MOST	8192

static const char *one_of(const char *const *words, unsigned int n)
{
	return words[below(n)];
}

#define ONE_OF(words) one_of(words, sizeof(words) / sizeof(*(words)))

/* Each makes one line in @line and returns its length, never 0. */
static size_t bytes(char *line)
{
	size_t i, length = 1 + below(600);

	for (i = 0; i < length; i++)
		line[i] = below(256);
	return length;
}

static size_t printables(char *line)
{
	size_t i, length = 1 + below(300);

	for (i = 0; i < length; i++)
		line[i] = ' ' + below('~' - ' ' + 1);
	line[0] = '!';
	return length;
}

static size_t wrong_word(char *line)
{
	static const char *const right[] = { "", "t_none", "force", "quarantine", "timeout_ms=0" };
	static const char *const wrong[] = {
		"force force", "force=1", "quarantine=1", "timeout_ms=", "timeout_ms=-1",
		"timeout_ms=soon", "timeout_ms=4294967296", "timeout_ms=1 timeout_ms=2",
		"timeout_ms =1", "a b c", "../x", "%s%n%p", "stub=t_none",
		"quarantine quarantine", "$(reboot)", "t_leak", "t-leak",
	};

	return sprintf(line, "t_leak %s %s\n", ONE_OF(wrong), ONE_OF(right));
}

static size_t wrong_name(char *line)
{
	static const char *const wrong[] = {
		"../t_leak", "/t_leak", "t_leak.ko/", "%s", "%n%n%n%n", "t_leak;", ".t_leak",
		"'t_leak'", "\"t_leak\"", "=", "target=t_leak", "patcher", "t leak!", "*",
	};

	return sprintf(line, "%s\n", ONE_OF(wrong));
}

static size_t too_long(char *line)
{
	size_t i, length = 256 + below(MOST - 256);

	memset(line, below(2) ? ' ' : 'a' + below(26), length);
	for (i = below(2) ? 0 : length - 6; i <= length - 6; i += 7)
		memcpy(line + i, "t_leak ", i + 7 <= length ? 7 : 6);
	return length;
}

static size_t blanks(char *line)
{
	size_t length = 1 + below(200);

	memset(line, ' ', length);
	if (below(2))
		line[length - 1] = '\n';
	return length;
}

/* One byte in the midst of what would do is none that can be printed. */
static size_t control(char *line)
{
	static const char good[] = "t_leak timeout_ms=0 force";
	size_t length = sizeof(good) - 1;
	unsigned int byte = below(32 + 1 + 128);

	memcpy(line, good, length);
	line[below(length)] = byte < 32 ? byte : 127 + byte - 32;
	line[length] = '\n';
	return length + 1;
}

static size_t malformed(char *line)
{
	static size_t (*const makers[])(char *line) = {
		bytes, printables, wrong_word, wrong_name, too_long, blanks, control,
	};

	return makers[below(sizeof(makers) / sizeof(*makers))](line);
}

/* What is as good as a 1 gets one more byte. */
static size_t not_one(char *line)
{
	static const char *const words[] = { "0\n", "11", "1 ", "01", "-1", "yes", "\n", "1\n\n" };
	size_t length;

	if (below(2))
		return sprintf(line, "%s", ONE_OF(words));
	length = bytes(line);
	if (line[0] == '1')
		line[length++] = 'x';
	return length;
}

/* The kernel splits it at blanks, and knows quotes; something is asked for in any case. */
static size_t parameters(char *line)
{
	static const char *const wrong[] = {
		"target= force=1", "target=t_leak force=maybe", "target=t_leak stub=",
		"target=t_leak timeout_ms=-1", "target=t_leak quarantine=2x", "target=../t_leak",
		"target=t_leak stub=t-leak", "target=%s%n", "target=patcher", "stub=t_none",
		"force=1", "target",
	};
	size_t i, length;

	if (below(2))
		return sprintf(line, "%s", ONE_OF(wrong));
	length = sprintf(line, "target=!");
	for (i = 1 + below(200); i; i--)
		line[length++] = 1 + below(255);
	line[length] = '\0';
	return length;
}

static int load(const char *file, const char *line)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC), status, error;

	if (fd < 0)
		err(1, "%s", file);
	status = syscall(SYS_finit_module, fd, line, 0);
	error = errno;
	close(fd);
	errno = error;
	return status;
}

/* The number of those that were refused in another way than expected, or not at all. */
static unsigned int fuzz(const char *kind, const char *file, int n)
{
	unsigned int invalid = 0, no_device = 0, others = 0;
	bool arms = !strcmp(kind, "arm"), loads = !strcmp(kind, "load");
	int fd = loads ? -1 : open(file, O_WRONLY | O_CLOEXEC);
	static char line[MOST + 8];
	size_t length;
	ssize_t status;

	if (!loads && fd < 0)
		err(1, "%s", file);
	while (n--) {
		length = arms ? malformed(line) : loads ? parameters(line) : not_one(line);
		status = loads ? load(file, line) : write(fd, line, length);
		if (status == -1 && errno == EINVAL)
			invalid++;
		else if (status == -1 && errno == ENODEV && kind[0] != 'd')
			no_device++;
		else if (!others++)
			warn("returned %zd for %zu bytes: %.60s", status, length, line);
	}
	printf("EINVAL %u ENODEV %u others %u\n", invalid, no_device, others);
	return others;
}

int main(int argc, char **argv)
{
	int n = argc == 5 ? atoi(argv[3]) : 0;

	if (n < 1)
		errx(1, "usage: fuzz arm|disarm|load FILE N SEED");
	state = strtoull(argv[4], NULL, 0) * 2654435761u + 1;
	return fuzz(argv[1], argv[2], n) ? 1 : 0;
}
