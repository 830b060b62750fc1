/* SPDX-License-Identifier: GPL-2.0 */
/*
 * seal: makes each function of a module return 0 at once.
 */
#ifndef PATCHER_SEAL_H
#define PATCHER_SEAL_H

#include <linux/module.h>
#include <linux/types.h>

/**
 * struct patcher_seal - how far a module was sealed
 * @functions: number of functions that return at once
 * @missed: number of functions that were left as they are
 */
struct patcher_seal {
	unsigned int functions;
	unsigned int missed;
};

int patcher_seal(struct module *target, struct patcher_seal *seal);
bool patcher_seal_is_sealed(struct module *mod);

#endif /* PATCHER_SEAL_H */
