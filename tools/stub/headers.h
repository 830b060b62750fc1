/* SPDX-License-Identifier: GPL-2.0 */
/* Which of the kernel's headers declares what. */
#ifndef STUB_HEADERS_H
#define STUB_HEADERS_H

#include "util.h"

/*
 * headers_find(): looks for all that was asked for with headers_want(). build: the kernel's
 * build directory; NULL: /lib/modules/VERSION/build.
 */
void headers_want(const char *name);
void headers_find(const char *build, const char *version);

/*
 * The header of a function, a variable, or a "struct x" that was wanted, as it stands between
 * < and >; NULL if none was found.
 */
const char *headers_of(const char *name);

#endif /* STUB_HEADERS_H */
