/* SPDX-License-Identifier: GPL-2.0 */
/* A cleanup from what init does: the inverse of each of its calls, in reverse. */
#ifndef STUB_INIT_H
#define STUB_INIT_H

#include "write.h"

/*
 * init_undo(): a function that does not exist in the target, as if it had been carried out.
 * What there is no rule for is in it as something that is not understood.
 */
struct exec *init_undo(const struct module *module, const struct options *options);

#endif /* STUB_INIT_H */
