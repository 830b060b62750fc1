/* SPDX-License-Identifier: GPL-2.0 */
/*
 * request: what the user asked for.
 */
#ifndef PATCHER_REQUEST_H
#define PATCHER_REQUEST_H

#include <linux/module.h>
#include <linux/types.h>

/**
 * struct patcher_options - what the user asked for, checked
 * @target: name of the target, dashes made underscores
 * @stub: name of the stub, likewise; empty for none
 * @timeout_ms: how long to wait for occupants to leave, in milliseconds
 * @force: go on although known holders remain, and evict tasks that are inside
 * @quarantine: give up the target's memory if they do not leave
 * @leaked: so many references are lost, says the user; or PATCHER_LEAKED_UNSAID
 * @dry_run: look and judge only; say what would be done
 */
struct patcher_options {
	char target[MODULE_NAME_LEN];
	char stub[MODULE_NAME_LEN];
	unsigned int timeout_ms;
	int leaked;
	bool force;
	bool quarantine;
	bool dry_run;
};

#endif /* PATCHER_REQUEST_H */
