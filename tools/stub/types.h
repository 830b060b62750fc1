/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Types, from BTF: the kernel's, and that of modules. A type is its declaration as a string,
 * without const and the like: "struct class *", "unsigned int".
 */
#ifndef STUB_TYPES_H
#define STUB_TYPES_H

#include "elf.h"

struct parameter {
	const char *name, *type;
};

struct prototype {
	const char *returns;
	struct parameter *parameters;
	u32 n_parameters;
	bool variadic;
};

/*
 * types_load(): the kernel's BTF from a file (of BTF, ELF, or a bzImage), or from where the
 * running or installed kernel that the module is for has it; fail() if there is none.
 * modules: where modules that it depends on are looked for; NULL: where they are installed.
 */
void types_load(const struct module *module, const char *file, const char *modules);

/* Only the kernel's, so that it need not be read for each of several modules. */
void types_load_kernel(const char *file);

/* Of a function that the kernel or another module exports, or of the module's own; or NULL. */
const struct prototype *types_exported(const char *name);
const struct prototype *types_own(const char *name);

/* The file of the module that exports a function without BTF; NULL if not found. */
const struct module *types_exporter(const char *name);

/* In bytes; 0: not known. */
u64 types_size(const char *type);

/* The scalar or pointer that a type is, when it is a typedef; itself otherwise. */
const char *types_resolve(const char *type);

/*
 * The member of a struct that has an offset and size (0: any): "list.next"; NULL if there is
 * none. *found: its type.
 */
const char *types_member(const char *type, u64 offset, u64 size, const char **found);

/* The path to the first member of a type in a struct, itself included (""); NULL if none. */
const char *types_path_to(const char *type, const char *wanted);

/* A function of the kernel's (not only exported) by that name exists? */
bool types_has_function(const char *name);

bool is_pointer(const char *type);

/* What a pointer points to; NULL if it is none. */
const char *pointed_to(const char *type);

#endif /* STUB_TYPES_H */
