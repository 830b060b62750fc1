/* SPDX-License-Identifier: GPL-2.0 */
/*
 * redirect: makes the target's exit run the stub's cleanup, and undoes it.
 */
#ifndef PATCHER_REDIRECT_H
#define PATCHER_REDIRECT_H

#include <linux/ftrace.h>
#include <linux/module.h>

enum patcher_method {
	PATCHER_NO_REDIRECT,
	PATCHER_FTRACE,
	PATCHER_SLOT,
};

/**
 * struct patcher_redirect - one redirect; zeroed before its first use
 * @method: which one is in place
 * @target: whose exit
 * @from: the exit that was found; NULL if there was none
 * @to: what runs instead
 * @ops: for PATCHER_FTRACE
 */
struct patcher_redirect {
	enum patcher_method method;
	struct module *target;
	void (*from)(void);
	void (*to)(void);
	struct ftrace_ops ops;
};

int patcher_redirect_ftrace(struct patcher_redirect *redirect, struct module *target,
			    void (*to)(void));
void patcher_redirect_slot(struct patcher_redirect *redirect, struct module *target,
			   void (*to)(void));
int patcher_redirect_undo_ftrace(struct patcher_redirect *redirect);
bool patcher_redirect_undo_slot(struct patcher_redirect *redirect);

#endif /* PATCHER_REDIRECT_H */
