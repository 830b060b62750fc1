/* SPDX-License-Identifier: GPL-2.0 */
/*
 * modules: finds a module in the kernel's list, checks its struct module, and pins it.
 */
#ifndef PATCHER_MODULES_H
#define PATCHER_MODULES_H

#include <linux/module.h>

int patcher_is_alone(const char *target);
int patcher_pin(const char *name, struct module **target);
void patcher_unpin(struct module *target);
void patcher_free_name(char *to, const char *name, const char *suffix);
bool patcher_section(struct module *mod, const char *name, unsigned long *start,
		     unsigned long *end);
int patcher_rename(struct module *mod, const char *name);

#endif /* PATCHER_MODULES_H */
