// SPDX-License-Identifier: GPL-2.0
/*
 * util: memory, text, errors.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

#define CHUNK	65536

const char *fail_subject;

void fail(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "patcher stub: ");
	if (fail_subject)
		fprintf(stderr, "%s: ", fail_subject);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	exit(1);
}

void *alloc(size_t size)
{
	static char *chunk;
	static size_t left;
	char *at;

	size = (size + 15) & ~15UL;
	if (size > CHUNK / 4) {
		at = calloc(1, size);
		if (!at)
			fail("out of memory");
		return at;
	}
	if (size > left) {
		chunk = calloc(1, CHUNK);
		if (!chunk)
			fail("out of memory");
		left = CHUNK;
	}
	at = chunk;
	chunk += size;
	left -= size;
	return at;
}

char *text_n(const char *from, size_t length)
{
	char *to = alloc(length + 1);

	memcpy(to, from, length);
	return to;
}

char *text(const char *format, ...)
{
	va_list args;
	char *to;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	to = alloc(length + 1);
	va_start(args, format);
	vsnprintf(to, length + 1, format, args);
	va_end(args);
	return to;
}

/* Doubles it whenever the number is a power of two. */
void *more_room(void *array, size_t number, size_t size)
{
	void *to;

	if (number & (number - 1) || (!number && array))
		return array;
	to = alloc((number ? number * 2 : 1) * size);
	if (number)
		memcpy(to, array, number * size);
	return to;
}

void add_n(struct buffer *to, const char *from, size_t length)
{
	size_t room = to->room ? to->room : 256;
	char *at;

	while (room < to->length + length + 1)
		room *= 2;
	if (room != to->room) {
		at = alloc(room);
		if (to->length)
			memcpy(at, to->at, to->length);
		to->at = at;
		to->room = room;
	}
	memcpy(to->at + to->length, from, length);
	to->length += length;
	to->at[to->length] = '\0';
}

void add(struct buffer *to, const char *format, ...)
{
	va_list args;
	int length;
	char *at;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	at = alloc(length + 1);
	va_start(args, format);
	vsnprintf(at, length + 1, format, args);
	va_end(args);
	add_n(to, at, length);
}

u8 *read_file(const char *path, size_t *size)
{
	struct stat stat;
	size_t room, got = 0;
	ssize_t n;
	u8 *to;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &stat) || S_ISDIR(stat.st_mode)) {
		close(fd);
		errno = EISDIR;
		return NULL;
	}
	/* Of what is in /sys and /proc the size is not known, or wrong. */
	room = stat.st_size > 0 ? stat.st_size : 4096;
	to = alloc(room + 1);
	for (;;) {
		if (got == room) {
			u8 *bigger = alloc(room * 2 + 1);

			memcpy(bigger, to, got);
			to = bigger;
			room *= 2;
		}
		n = read(fd, to + got, room - got);
		if (n <= 0)
			break;
		got += n;
		if (S_ISREG(stat.st_mode) && got == (size_t)stat.st_size)
			break;
	}
	close(fd);
	if (n < 0)
		return NULL;
	*size = got;
	return to;
}

bool starts(const char *name, const char *with)
{
	return !strncmp(name, with, strlen(with));
}

bool ends(const char *name, const char *with)
{
	size_t length = strlen(name), end = strlen(with);

	return length >= end && !strcmp(name + length - end, with);
}
