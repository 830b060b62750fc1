/* SPDX-License-Identifier: GPL-2.0 */
/*
 * leaked: are the references of which no holder was found really lost?
 */
#ifndef PATCHER_LEAKED_H
#define PATCHER_LEAKED_H

#include <linux/module.h>

struct patcher_diagnosis;

/* In place of a number of references: the user has said nothing of them. */
#define PATCHER_LEAKED_UNSAID	-1

int patcher_leaked_check(struct module *target, const char *name,
			 const struct patcher_diagnosis *found, int said);

#endif /* PATCHER_LEAKED_H */
