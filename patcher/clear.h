/* SPDX-License-Identifier: GPL-2.0 */
/*
 * clear: looks and judges until nothing is in the way of a rescue.
 */
#ifndef PATCHER_CLEAR_H
#define PATCHER_CLEAR_H

#include <linux/types.h>

#include "judge.h"

struct patcher_options;
struct patcher_rescue;

/**
 * struct patcher_patience - the wait for tasks in the way
 * @deadline: when the time is up, in jiffies
 * @scans_due: number of scans that are made whatever the time is
 * @ended: number of evicted tasks that had ended at the last scan
 * @begun: a scan has found something in the way that may go
 * @is_over: the time was up before the last scan began
 * @quarantine_next: of the last verdict
 * @logged: the situation that was logged last
 * @first_state: the target's state when the wait began
 */
struct patcher_patience {
	unsigned long deadline;
	unsigned int scans_due;
	unsigned int ended;
	bool begun;
	bool is_over;
	bool quarantine_next;
	enum patcher_situation logged;
	enum patcher_state first_state;
};

int patcher_look_and_judge(struct patcher_rescue *rescue, const struct patcher_options *options,
			   const struct patcher_patience *wait, struct patcher_diagnosis *found,
			   struct patcher_verdict *verdict);
void patcher_log_diagnosis(const struct patcher_rescue *rescue,
			   const struct patcher_diagnosis *found,
			   const struct patcher_verdict *verdict);
int patcher_clear(struct patcher_rescue *rescue, const struct patcher_options *options,
		  struct patcher_verdict *verdict);

#endif /* PATCHER_CLEAR_H */
