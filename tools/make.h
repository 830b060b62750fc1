/* SPDX-License-Identifier: GPL-2.0 */
/* A stub for a rescue: written by the generator, or compiled from its source. */
#ifndef PATCHER_MAKE_H
#define PATCHER_MAKE_H

#include "why.h"

/*
 * Both return the built module's file in @directory, or NULL after they have said why not. What the
 * generator and the compiler print goes to DIRECTORY/stub.log. They are interrupted by signals.
 */
const char *make_stub_of(const struct why *why, const char *file, const char *directory);
const char *make_stub_from(const char *source, const char *directory);

#endif /* PATCHER_MAKE_H */
