/* SPDX-License-Identifier: GPL-2.0 */
#ifndef STUB_BUILD_H
#define STUB_BUILD_H

#include "write.h"

/*
 * build(): the stub in the directory, with the kernel's own build. Returns false if it does not
 * compile, or not without a warning; what was said is in DIR/build.log then.
 */
bool build(const struct module *module, const struct options *options);

#endif /* STUB_BUILD_H */
