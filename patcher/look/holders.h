/* SPDX-License-Identifier: GPL-2.0 */
/*
 * holders: what holds the references that are counted on a target.
 */
#ifndef PATCHER_HOLDERS_H
#define PATCHER_HOLDERS_H

#include <linux/module.h>

struct patcher_account;
struct patcher_occupants;
struct patcher_revocation;

int patcher_holders_look(struct module *target, int references,
			 const struct patcher_occupants *inside,
			 struct patcher_account *account);
int patcher_holders_revoke(struct module *target, struct patcher_revocation *revocation);

#endif /* PATCHER_HOLDERS_H */
