/* SPDX-License-Identifier: GPL-2.0 */
#ifndef STUB_WRITE_H
#define STUB_WRITE_H

#include "stub.h"

/* What the user has asked for. */
struct options {
	const char *file;		/* the target */
	const char *directory;		/* where the stub goes */
	const char *btf, *build, *modules;
	const char **died_at;
	u32 n_died_at;
	const char *built;		/* the stub's object, which is there already */
	const char *log;		/* a file with the kernel's log */
	bool from_log;
	bool several;			/* one of several modules */
	bool calls;			/* only list the calls of init and exit */
	bool from_init, release, no_build, bare;
};

/* The whole of NAME_stub.c. said: lines for the comment at its head. */
void write_stub(struct stub *stub, const char *body, const char *said, struct buffer *out);

/* NAME_stub.c and Kbuild in a directory, which is made. */
void write_files(const struct module *module, const struct options *options, const char *code);

#endif /* STUB_WRITE_H */
