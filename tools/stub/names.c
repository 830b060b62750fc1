// SPDX-License-Identifier: GPL-2.0
/*
 * names: what the stub's pointers are called, and whether patcher will bind them.
 *
 * patcher binds a symbol whose name is unique in the target, and compares its size
 * (include/patcher/stub.h). What has no such name is reached from a neighbour that has.
 */
#include <ctype.h>
#include <elf.h>
#include <string.h>

#include "headers.h"
#include "stub.h"

/* Names that a symbol of the target may have, and that mean something else in the stub. */
static const char *const reserved[] = {
	"auto", "bool", "break", "case", "char", "class_t", "const", "continue", "current",
	"default", "do", "double", "else", "enum", "extern", "false", "float", "for", "goto",
	"if", "inline", "int", "jiffies", "long", "register", "return", "short", "signed",
	"sizeof", "static", "struct", "switch", "true", "typedef", "union", "unsigned", "void",
	"volatile", "while", "local", "symbols", "i", "linux", "unix", "init_module",
	"cleanup_module", "__this_module",
};

static bool is_taken(const struct stub *stub, const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(reserved); i++)
		if (!strcmp(reserved[i], name))
			return true;
	for (i = 0; i < stub->n_bindings; i++)
		if (!strcmp(stub->bindings[i].name, name))
			return true;
	for (i = 0; i < stub->values.n_variables; i++)
		if (stub->values.variables[i].name && !strcmp(stub->values.variables[i].name, name))
			return true;
	/* A function of the kernel's that the stub may call by this name. */
	return types_has_function(name);
}

const char *stub_fresh_name(struct stub *stub, const char *wanted)
{
	const char *name = wanted;
	u32 i;

	for (i = 2; is_taken(stub, name); i++)
		name = text("%s%u", wanted, i);
	return name;
}

static const char *name_for(struct stub *stub, const char *symbol)
{
	char *name = text("%s%s", stub->bare ? "p_" : "", symbol), *at;

	if (!strcmp(symbol, "__this_module"))
		return stub_fresh_name(stub, "this_module");
	for (at = name; *at; at++)
		if (!isalnum((unsigned char)*at))
			*at = '_';
	if (is_taken(stub, name))
		return stub_fresh_name(stub, text("target_%s", name));
	return name;
}

struct binding *stub_bind(struct stub *stub, const struct symbol *symbol)
{
	u32 i;

	for (i = 0; i < stub->n_bindings; i++)
		if (stub->bindings[i].symbol == symbol)
			return &stub->bindings[i];
	more(stub->bindings, stub->n_bindings);
	stub->bindings[stub->n_bindings] = (struct binding){
		.symbol = symbol,
		.name = name_for(stub, symbol->name),
		.function = symbol->type == STT_FUNC,
	};
	return &stub->bindings[stub->n_bindings++];
}

static bool is_clone(const char *name)
{
	return strstr(name, ".isra.") || strstr(name, ".part.") || strstr(name, ".constprop.") ||
	       strstr(name, ".cold");
}

static bool reach_function(struct stub *stub, struct place place, struct binding **binding,
			   const char **why)
{
	const struct symbol *symbol = module_function_at(stub->module, place);

	if (!symbol)
		*why = "an address in the target's text that has no name";
	else if (!symbol->unique)
		*why = text("several functions of the target are called %s", symbol->name);
	else if (is_clone(symbol->name))
		*why = text("%s is a copy that the compiler has made", symbol->name);
	else
		*binding = stub_bind(stub, symbol);
	return *binding;
}

/* Symbols that are in the file, and not in the module once it is loaded. */
static bool is_dropped(const struct module *module, u32 section)
{
	const char *name = module->sections[section].name;

	return !module->sections[section].allocated || starts(name, ".init") ||
	       !strcmp(name, ".modinfo") || starts(name, "__versions");
}

bool stub_reach(struct stub *stub, struct place place, struct binding **binding, s64 *offset,
		const char **why)
{
	const struct symbol *symbol;

	*binding = NULL;
	*offset = 0;
	if (is_dropped(stub->module, place.section)) {
		*why = text("something in %s, which is gone once init has ended",
			    stub->module->sections[place.section].name);
		return false;
	}
	if (!strcmp(stub->module->sections[place.section].name, ".data..percpu")) {
		*why = "a variable that each CPU has a copy of";
		return false;
	}
	if (stub->module->sections[place.section].code)
		return reach_function(stub, place, binding, why);
	symbol = module_object_around(stub->module, place);
	if (!symbol || !symbol->unique || !symbol->size)
		symbol = module_anchor(stub->module, place);
	if (!symbol) {
		*why = text("an address in %s that no name leads to",
			    stub->module->sections[place.section].name);
		return false;
	}
	*binding = stub_bind(stub, symbol);
	*offset = place.offset - symbol->value;
	return true;
}

static void add_once(const char ***list, u32 *n, const char *what)
{
	u32 i;

	for (i = 0; i < *n; i++)
		if (!strcmp((*list)[i], what))
			return;
	more(*list, *n);
	(*list)[(*n)++] = what;
}

void stub_include(struct stub *stub, const char *header)
{
	if (!stub->bare)
		add_once(&stub->includes, &stub->n_includes, header);
}

const char *stub_plain_type(const char *type, bool result)
{
	static const char *const scalars[] = {
		"void", "int", "unsigned int", "long", "unsigned long", "bool", "char", "u8",
		"u16", "u32", "u64", "s32", "s64", "size_t", "dev_t", "gfp_t",
	};
	u32 i;

	if (is_pointer(type))
		return "void *";
	for (i = result ? 0 : 1; i < ARRAY_SIZE(scalars); i++)
		if (!strcmp(type, scalars[i]))
			return type;
	switch (types_size(type)) {
	case 1:
		return "u8";
	case 2:
		return "u16";
	case 4:
		return starts(type, "enum ") ? "int" : "unsigned int";
	default:
		return "unsigned long";
	}
}

/*
 * Under another name, which no header can have, and which the assembler is told to replace. A
 * prototype of its own under the same name would collide with one in a header.
 */
static const char *declare(struct stub *stub, const char *symbol, bool function)
{
	const struct prototype *prototype = function ? types_exported(symbol) : NULL;
	struct buffer line = {};
	u32 i;

	if (!function || !prototype) {
		add(&line, "extern char x_%s[] __asm__(\"%s\");", symbol, symbol);
	} else {
		const char *returns = stub_plain_type(prototype->returns, true);

		add(&line, "extern %s%sx_%s(", returns, is_pointer(returns) ? "" : " ", symbol);
		for (i = 0; i < prototype->n_parameters; i++)
			add(&line, "%s%s", i ? ", " : "",
			    stub_plain_type(prototype->parameters[i].type, false));
		add(&line, "%s) __asm__(\"%s\");",
		    prototype->variadic ? ", ..."
		    : i			? ""
					: "void",
		    symbol);
	}
	add_once(&stub->externs, &stub->n_externs, line.at);
	return text("x_%s", symbol);
}

const char *stub_export(struct stub *stub, const char *symbol, bool function)
{
	const char *header = stub->bare ? NULL : headers_of(symbol);

	if (!header)
		return declare(stub, symbol, function);
	stub_include(stub, header);
	return symbol;
}

bool stub_usable_type(const struct stub *stub, const char *type)
{
	return !stub->bare && headers_of(type) && types_size(type);
}

const char *stub_routine_name(const struct module *module, const char *routine)
{
	const char *name = text("%s_%s", module->name, routine);

	/* A C name, and not that of the pointer to something of the target's. */
	return isdigit((unsigned char)name[0]) || module_symbol(module, name) ?
	       text("stub_%s", name) : name;
}
