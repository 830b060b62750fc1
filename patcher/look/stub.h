/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finds a stub and binds its symbols in the target.
 */
#ifndef PATCHER_STUB_BINDING_H
#define PATCHER_STUB_BINDING_H

#include <patcher/stub.h>

int patcher_stub_get(const char *target, const char *name,
		     const struct patcher_stub **stub);
void patcher_stub_put(const struct patcher_stub *stub);
int patcher_stub_bind(const struct patcher_stub *stub, struct module *target);

#endif /* PATCHER_STUB_BINDING_H */
