/* SPDX-License-Identifier: GPL-2.0 */
/* What lets a hung task go: a .release, from the code around the place where it hangs. */
#ifndef STUB_RELEASE_H
#define STUB_RELEASE_H

#include "write.h"

struct released {
	const char *where;	/* "function+0x12" */
	const char *in;		/* what it waits in: "wait_for_completion()", "a loop" */
};

/*
 * release_follow(): a function that does not exist in the target, as if it had been carried out.
 * options->died_at are the places where the task is, innermost first. What cannot be told is
 * in it as something that is not understood. fail() if there is no such place.
 */
struct exec *release_follow(const struct module *module, const struct options *options,
			    struct released *released);

#endif /* STUB_RELEASE_H */
