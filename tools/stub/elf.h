/* SPDX-License-Identifier: GPL-2.0 */
/* A module's file: sections, symbols, relocations. All of it is checked when it is read. */
#ifndef STUB_ELF_H
#define STUB_ELF_H

#include "util.h"

struct reloc {
	u64 offset;
	s64 addend;
	u32 type;
	u32 symbol;
};

struct symbol {
	const char *name;
	u64 value, size;
	u32 section;		/* 0: undefined, that is, another's */
	u8 type;
	bool absolute;
	bool unique;		/* no other symbol of the module has its name */
};

struct section {
	const char *name;
	const u8 *data;		/* NULL if it has none in the file (.bss) */
	u64 size;
	bool writable, code, allocated;
	struct reloc *relocs;	/* by offset */
	u32 n_relocs;
	u32 *symbols;		/* of this section, by value */
	u32 n_symbols;
};

struct module {
	const char *path;
	char *name;		/* as the kernel has it: with underscores */
	char *vermagic;		/* its first word, the kernel's version; NULL if it has none */
	char *build_id;		/* in hex, or NULL */
	u16 machine;
	struct section *sections;
	u32 n_sections;
	struct symbol *symbols;
	u32 n_symbols;
};

/* A place in the module; no section: no place. */
struct place {
	u32 section;
	u64 offset;
};

/* module_read(): the file, or fail(). */
struct module *module_read(const char *path);

/* module_parse(): the same for a module that is in memory already. */
struct module *module_parse(const char *path, u8 *data, size_t size);

const struct section *module_section(const struct module *module, const char *name);
u32 module_section_index(const struct module *module, const char *name);

/* The symbol of a name that is defined here; the first of several; NULL if none. */
const struct symbol *module_symbol(const struct module *module, const char *name);

const struct symbol *module_function_at(const struct module *module, struct place place);

/* The function that has the place in it; NULL if there is none. */
const struct symbol *module_function_around(const struct module *module, struct place place);

/*
 * The variable that has the place in it, or that ends or begins there; NULL if none. A unique
 * name is preferred.
 */
const struct symbol *module_object_around(const struct module *module, struct place place);

/* The symbol that is nearest to a place and has a unique name; NULL if there is none. */
const struct symbol *module_anchor(const struct module *module, struct place place);

const struct reloc *module_reloc(const struct module *module, u32 section, u64 from, u64 to);

/* The string at a place, if there is a printable one; NULL otherwise. */
const char *module_string(const struct module *module, struct place place);

bool place_is_string(const struct module *module, struct place place);

#endif /* STUB_ELF_H */
