/* SPDX-License-Identifier: GPL-2.0 */
/*
 * call: runs a routine of the stub in a task of its own.
 */
#ifndef PATCHER_CALL_H
#define PATCHER_CALL_H

#include <linux/types.h>

struct patcher_rescue;
struct task_struct;

#define PATCHER_PLACE_LEN	256

int patcher_call_stub(struct patcher_rescue *rescue, const char *what, void (*routine)(void));
bool patcher_call_is_under_way(const struct patcher_rescue *rescue);
bool patcher_call_has_ended(const struct patcher_rescue *rescue);
int patcher_call_end(struct patcher_rescue *rescue);
void patcher_call_place(const struct patcher_rescue *rescue, struct task_struct *task,
			char *place);
void patcher_call_warn(const struct patcher_rescue *rescue);

#endif /* PATCHER_CALL_H */
