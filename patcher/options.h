/* SPDX-License-Identifier: GPL-2.0 */
/*
 * options: what the user asked for, checked.
 */
#ifndef PATCHER_OPTIONS_H
#define PATCHER_OPTIONS_H

#include <linux/types.h>

#include "request.h"

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
	char *leaked;
	char *dry_run;
};

int patcher_options_split(char *line, const char *text, size_t length,
			  struct patcher_texts *texts);
int patcher_options_parse(struct patcher_options *options,
			  const struct patcher_texts *texts);

#endif /* PATCHER_OPTIONS_H */
