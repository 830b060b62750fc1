// SPDX-License-Identifier: GPL-2.0
/*
 * write: the file of the stub, around the body of its function.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "write.h"

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char **)a, *(const char **)b);
}

static void write_list(struct buffer *out, const char *format, const char **list, u32 n)
{
	u32 i;

	if (n)
		qsort(list, n, sizeof(*list), by_text);
	for (i = 0; i < n; i++) {
		if (format)
			add(out, "#include <%s>\n", list[i]);
		else
			add(out, "%s\n", list[i]);
	}
}

static void write_pointer(struct buffer *out, const struct binding *binding)
{
	const struct prototype *prototype = binding->prototype;
	u32 i;

	if (!binding->function) {
		if (!binding->type)
			add(out, "static u8 (*%s)[%lu];\n", binding->name, binding->symbol->size);
		else
			add(out, "static %s%s*%s;\n", binding->type,
			    ends(binding->type, "*") ? "" : " ", binding->name);
		return;
	}
	if (!prototype) {
		add(out, "static void (*%s)(void);\n", binding->name);
		return;
	}
	add(out, "static %s%s(*%s)(", prototype->returns, is_pointer(prototype->returns) ? "" : " ",
	    binding->name);
	for (i = 0; i < prototype->n_parameters; i++)
		add(out, "%s%s", i ? ", " : "", prototype->parameters[i].type);
	add(out, "%s);\n", i ? "" : "void");
}

static void write_bindings(const struct stub *stub, struct buffer *out)
{
	bool any = false;
	u32 i;

	for (i = 0; i < stub->n_bindings; i++) {
		if (!stub->bindings[i].used)
			continue;
		write_pointer(out, &stub->bindings[i]);
		any = true;
	}
	if (!any)
		return;
	add(out, "\nstatic const struct patcher_symbol symbols[] = {\n");
	for (i = 0; i < stub->n_bindings; i++) {
		const struct binding *binding = &stub->bindings[i];

		if (binding->used)
			add(out, "\tPATCHER_%s(%s, \"%s\"),\n",
			    binding->function ? "FUNCTION" : "SYMBOL", binding->name,
			    binding->symbol->name);
	}
	add(out, "\t{ }\n};\n\n");
}

static bool has_bindings(const struct stub *stub)
{
	u32 i;

	for (i = 0; i < stub->n_bindings; i++)
		if (stub->bindings[i].used)
			return true;
	return false;
}

static void write_variables(const struct stub *stub, struct buffer *out)
{
	bool any = false;
	u32 i;

	for (i = 0; i < stub->values.n_variables; i++) {
		const struct variable *variable = &stub->values.variables[i];
		const char *type = variable->type ? variable->type : "unsigned long";

		if (!variable->used)
			continue;
		add(out, "\t%s%s%s;\n", type, is_pointer(type) ? "" : " ", variable->name);
		any = true;
	}
	if (stub->local) {
		s64 from = stub->exec->local_from & ~15L;

		add(out, "\tu8 local[%ld] __aligned(8) = {};\n",
		    (stub->exec->local_to - from + 15) & ~15L);
		any = true;
	}
	if (any)
		add(out, "\n");
}

/* Since 6.13 a namespace is a string. */
static bool namespaces_are_strings(const struct module *module)
{
	u32 major = 0, minor = 0;

	if (!module->vermagic || sscanf(module->vermagic, "%u.%u", &major, &minor) != 2)
		return false;
	return major > 6 || (major == 6 && minor >= 13);
}

static void write_namespaces(const struct module *module, struct buffer *out)
{
	const struct section *info = module_section(module, ".modinfo");
	bool string = namespaces_are_strings(module);
	u64 i;

	for (i = 0; info && info->data && i < info->size; i++) {
		const char *at = (const char *)info->data + i, *c;
		size_t length = strnlen(at, info->size - i);

		if (length > 10 && length < 100 && !strncmp(at, "import_ns=", 10)) {
			for (c = at + 10; c < at + length; c++)
				if (!isalnum((unsigned char)*c) && *c != '_')
					break;
			if (c == at + length)
				add(out, "MODULE_IMPORT_NS(%s%.*s%s);\n", string ? "\"" : "",
				    (int)length - 10, at + 10, string ? "\"" : "");
		}
		i += length;
	}
}

void write_stub(struct stub *stub, const char *body, const char *said, struct buffer *out)
{
	const struct module *module = stub->module;
	const char *name = stub_routine_name(module, stub->routine);

	add(out, "// SPDX-License-Identifier%s GPL-2.0\n/*\n%s */\n", ":", said);
	stub_include(stub, "linux/module.h");
	if (stub->bare)
		add(out, "#include <linux/module.h>\n");
	write_list(out, "include", stub->includes, stub->n_includes);
	add(out, "#include <patcher/stub.h>\n\n");
	if (stub->n_externs) {
		add(out,
		    "/* In no header that can be used: under another name, as the BTF has them. */\n");
		write_list(out, NULL, stub->externs, stub->n_externs);
		add(out, "\n");
	}
	if (stub->field)
		add(out,
		    "/* A field of a struct that is the target's own, by its type and offset. */\n"
		    "#define FIELD(type, pointer, offset)\t"
		    "(*(type *)((void *)(pointer) + (offset)))\n\n");
	write_bindings(stub, out);
	add(out, "static void %s(void)\n{\n", name);
	write_variables(stub, out);
	add(out, "%s}\n\nPATCHER_STUB(\n\t.%s = %s,\n%s);\n\n", body, stub->routine, name,
	    has_bindings(stub) ? "\t.symbols = symbols,\n" : "");
	write_namespaces(module, out);
	add(out, "MODULE_DESCRIPTION(\"patcher stub for %s\");\nMODULE_LICENSE(\"GPL\");\n",
	    module->name);
}

static void write_file(const char *path, const char *what)
{
	FILE *out = fopen(path, "w");
	bool failed;

	if (!out)
		fail("%s cannot be written: %s", path, strerror(errno));
	failed = fputs(what, out) < 0;
	if (fclose(out) || failed)
		fail("%s cannot be written: %s", path, strerror(errno));
}

#ifndef PATCHER_INCLUDE
#error "PATCHER_INCLUDE has to be the directory of patcher/stub.h"
#endif

void write_files(const struct module *module, const struct options *options, const char *code)
{
	struct buffer kbuild = {};

	if (mkdir(options->directory, 0777) && errno != EEXIST)
		fail("%s cannot be made: %s", options->directory, strerror(errno));
	write_file(text("%s/%s_stub.c", options->directory, module->name), code);
	add(&kbuild, "# Made by patcher stub. The options keep the compiled code close to the\n");
	add(&kbuild, "# target's, so that the two can be compared.\n");
	add(&kbuild, "obj-m := %s_stub.o\n", module->name);
	add(&kbuild, "ccflags-y := -I%s\n", PATCHER_INCLUDE);
	add(&kbuild, "ccflags-y += -fno-ivopts -fno-tree-ch -fno-tree-pre -fno-gcse\n");
	add(&kbuild, "ccflags-y += -fno-thread-jumps -fno-tree-tail-merge -fno-crossjumping\n");
	add(&kbuild, "ccflags-y += -fno-if-conversion\n");
	write_file(text("%s/Kbuild", options->directory), kbuild.at);
}
