/* SPDX-License-Identifier: GPL-2.0 */
/* What all files of the stub generator use: memory, text, errors. */
#ifndef STUB_UTIL_H
#define STUB_UTIL_H

#include <stdbool.h>
#include <stddef.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long s64;

/* Which of a function's parameters is the format; what it formats follows. */
#define LIKE_PRINTF(n)		__attribute__((__format__(printf, n, n + 1)))

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/* A name that a module may have, at most this long (MODULE_NAME_LEN in the kernel). */
#define NAME_MAX_LEN		55

/*
 * Memory is never given back: the program ends soon. It is zeroed, and there is no error to
 * handle, as there the program ends.
 */
void *alloc(size_t size);
char *text(const char *format, ...) LIKE_PRINTF(1);
char *text_n(const char *from, size_t length);

/* more(array, number): room for one more than number elements. */
#define more(array, number)	((array) = more_room(array, number, sizeof(*(array))))
void *more_room(void *array, size_t number, size_t size);

/* fail(): says it in one line, and ends the program with status 1. */
_Noreturn void fail(const char *format, ...) LIKE_PRINTF(1);

/* What fail() puts before its text; NULL for none. */
extern const char *fail_subject;

/* Text that grows. */
struct buffer {
	char *at;
	size_t length, room;
};

void add(struct buffer *to, const char *format, ...) LIKE_PRINTF(2);
void add_n(struct buffer *to, const char *from, size_t length);

/* The bytes of a file, whole; NULL and errno set if it cannot be read. */
u8 *read_file(const char *path, size_t *size);

bool starts(const char *name, const char *with);
bool ends(const char *name, const char *with);

#endif /* STUB_UTIL_H */
