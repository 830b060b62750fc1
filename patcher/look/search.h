/* SPDX-License-Identifier: GPL-2.0 */
/*
 * search: what was found so far that holds a target; shared by all that look for holders.
 */
#ifndef PATCHER_SEARCH_H
#define PATCHER_SEARCH_H

#include <linux/limits.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "judge.h"
#include "kernel/arch/arch.h"

struct patcher_occupants;
struct patcher_revocation;

/* So many are told from one another; that is enough to know that there are some. */
#define PATCHER_HOLDERS_MAX	1024
#define PATCHER_HOLDERS_NAMED	4

/**
 * struct patcher_found - one thing that has references, or that leads to one that has
 * @object: a file, say; each is counted once, however many lead to it
 * @place: the superblock or disk that it belongs to; NULL if neither
 * @elsewhere: it would stay if all user tasks inside the target ended
 */
struct patcher_found {
	const void *object;
	const void *place;
	bool elsewhere;
};

/**
 * struct patcher_search - one search for holders
 * @target: whose
 * @inside: tasks inside the target
 * @account: out, what was found
 * @revocation: out, the files that are to be taken; NULL if none are
 * @number: of @list
 * @named: so many of them are in @account->held_by
 * @used: so much of @account->held_by, in bytes
 * @path: where a path is put together
 * @list: what was found so far
 */
struct patcher_search {
	struct module *target;
	const struct patcher_occupants *inside;
	struct patcher_account *account;
	struct patcher_revocation *revocation;
	unsigned int number;
	unsigned int named;
	int used;
	char path[PATH_MAX];
	struct patcher_found list[PATCHER_HOLDERS_MAX];
};

/* A field of a structure that may be gone; false if it is. */
#define read_field(to, where)	patcher_arch_read(&(to), &(where), sizeof(to))

struct module *patcher_owner_at(struct module *const *where);
bool patcher_search_knows_place(const struct patcher_search *search, const void *place);
bool patcher_search_place_is_elsewhere(const struct patcher_search *search, const void *place);
void patcher_search_set_elsewhere(struct patcher_search *search, const void *object);
void patcher_search_count_elsewhere(struct patcher_search *search);
bool patcher_search_note(struct patcher_search *search, const struct patcher_found *found,
			 unsigned int references);
__printf(2, 3)
void patcher_search_name(struct patcher_search *search, const char *fmt, ...);
void patcher_account_device(struct patcher_account *account, const char *name);

#endif /* PATCHER_SEARCH_H */
