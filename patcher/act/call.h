/* SPDX-License-Identifier: GPL-2.0 */
/*
 * call: runs a routine of the stub in a task of its own.
 */
#ifndef PATCHER_CALL_H
#define PATCHER_CALL_H

#include <linux/sched.h>

struct patcher_rescue;

/**
 * struct patcher_call - one call of a stub's routine; zeroed before its first use
 * @task: runs it, held; NULL: no call is under way
 * @pid: its pid
 * @what: which routine, ".release" say
 * @routine: the routine
 * @returned: it has
 */
struct patcher_call {
	struct task_struct *task;
	pid_t pid;
	const char *what;
	void (*routine)(void);
	bool returned;
};

int patcher_call_stub(struct patcher_rescue *rescue, const char *what, void (*routine)(void));
bool patcher_call_is_under_way(const struct patcher_rescue *rescue);
bool patcher_call_has_ended(const struct patcher_rescue *rescue);
int patcher_call_end(struct patcher_rescue *rescue);
void patcher_call_warn(const struct patcher_rescue *rescue);

#endif /* PATCHER_CALL_H */
