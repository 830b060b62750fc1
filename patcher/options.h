/* SPDX-License-Identifier: GPL-2.0 */
/*
 * options: what the user asked for, checked.
 */
#ifndef PATCHER_OPTIONS_H
#define PATCHER_OPTIONS_H

#include <linux/module.h>

/* A line for /sys/kernel/patcher/arm has at most so many characters, less one. */
#define PATCHER_LINE_MAX	256

/**
 * struct patcher_texts - what the user wrote; NULL for what was not given
 */
struct patcher_texts {
	char *target;
	char *stub;
	char *force;
	char *timeout_ms;
	char *quarantine;
};

/**
 * struct patcher_options - what it means
 * @target: name of the target, dashes made underscores
 * @stub: name of the stub, likewise; empty for none
 * @timeout_ms: how long to wait for occupants to leave, in milliseconds
 * @force: go on although known holders remain, and evict whoever is inside
 * @quarantine: give up the target's memory if they do not leave
 */
struct patcher_options {
	char target[MODULE_NAME_LEN];
	char stub[MODULE_NAME_LEN];
	unsigned int timeout_ms;
	bool force;
	bool quarantine;
};

int patcher_options_split(char *line, const char *text, size_t length,
			  struct patcher_texts *texts);
int patcher_options_parse(struct patcher_options *options,
			  const struct patcher_texts *texts);

#endif /* PATCHER_OPTIONS_H */
