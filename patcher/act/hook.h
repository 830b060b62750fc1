/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hook: waits for tasks that are in the stub's evicted hook.
 */
#ifndef PATCHER_HOOK_H
#define PATCHER_HOOK_H

struct patcher_rescue;

void patcher_hook_warn(const struct patcher_rescue *rescue);
int patcher_hook_wait(struct patcher_rescue *rescue, int err);

#endif /* PATCHER_HOOK_H */
