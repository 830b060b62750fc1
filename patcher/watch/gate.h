/* SPDX-License-Identifier: GPL-2.0 */
/*
 * gate: free_module() of a target leads here.
 */
#ifndef PATCHER_GATE_H
#define PATCHER_GATE_H

#include <linux/module.h>
#include <linux/types.h>

void patcher_gate_init(void (*at_gate)(struct module *mod));
int patcher_gate_add(struct module *target);
int patcher_gate_guard(void);
bool patcher_gate_is_guard(void);
void patcher_gate_drop(struct module *target);
void patcher_gate_free(struct module *mod);
void patcher_gate_close(void);
void patcher_gate_remove(void);

#endif /* PATCHER_GATE_H */
