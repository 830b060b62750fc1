/* SPDX-License-Identifier: GPL-2.0 */
/* A function that died half way: what is left of it to be done. */
#ifndef STUB_DIED_H
#define STUB_DIED_H

#include "write.h"

struct died {
	const char **done;	/* calls that were made before: to be named in a comment */
	u32 n_done;
	const char *in;		/* the call in which it died; NULL */
	const char *where;	/* "function+0x12" */
	bool nothing_left;	/* it died of a BUG() that nothing follows */
};

/*
 * died_follow(): the rest of the function at entry, from the place on that options->died_at
 * names, innermost first. What the registers had that cannot be told is unknown. fail() if
 * there is no such place, or several ways lead to it.
 */
struct exec *died_follow(const struct module *module, struct place entry,
			 const struct options *options, struct died *died);

/* The place of "function+0x12/0x34"; *symbol: the function, NULL if it is not the module's. */
struct place died_place(const struct module *module, const char *what,
			const struct symbol **symbol);

#endif /* STUB_DIED_H */
