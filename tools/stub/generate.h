/* SPDX-License-Identifier: GPL-2.0 */
#ifndef STUB_GENERATE_H
#define STUB_GENERATE_H

#include "write.h"

/* generate(): the whole of "patcher stub". Returns the exit status. */
int generate(const struct options *options);

#endif /* STUB_GENERATE_H */
