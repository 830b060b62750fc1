// SPDX-License-Identifier: GPL-2.0
/*
 * infer: what types the target's variables and the stub's have, told from the parameters that
 * they are given to. A module's BTF does not tell; what is not told has the right size only.
 */
#include <string.h>

#include "arch.h"
#include "headers.h"
#include "stub.h"

const char *stub_callee(const struct stub *stub, const struct stmt *call)
{
	const struct symbol *symbol;
	struct place place;

	if (call->name)
		return call->name;
	switch (call->target.kind) {
	case T_EXT:
		return stub->module->symbols[call->target.symbol].name;
	case T_OWN:
		place = call->target.place;
		break;
	default:
		if (!call->callee || call->callee->kind != E_ADDR)
			return NULL;
		place = (struct place){ call->callee->where, call->callee->value };
	}
	symbol = module_function_at(stub->module, place);
	return symbol ? symbol->name : NULL;
}

/* A parameter that a function's code reads is one that it has. */
struct reads {
	const struct arch *arch;
	u32 n;
};

static void see_parameter(const struct expr *e, void *data)
{
	struct reads *reads = data;
	u32 i;

	if (e->kind != E_PARAM)
		return;
	for (i = 0; i < reads->arch->n_args; i++)
		if (reads->arch->args[i] == e->where && i + 1 > reads->n)
			reads->n = i + 1;
}

static struct known {
	const struct module *module;
	struct place place;
	int n;
} *known;

static u32 n_known;

static int count_reads(const struct module *module, struct place place)
{
	struct func *func = func_build(module, place, NULL, NULL);
	struct exec exec = { .func = func, .n_args = stub_n_args, .data = (void *)module };
	struct reads reads = { .arch = func->arch };
	u32 i, j, k;

	if (func->trouble)
		return -1;
	exec_run(&exec, NULL);
	if (func->trouble)
		return -1;
	for (i = 0; i < func->n_order; i++) {
		const struct code *code = &exec.code[func->order[i]];

		for (j = 0; j < code->n_stmts; j++) {
			e_walk(code->stmts[j].callee, see_parameter, &reads);
			if (code->stmts[j].kind == S_LOAD)
				e_walk(code->stmts[j].value, see_parameter, &reads);
			for (k = 0; k < MAX_ARGS; k++)
				e_walk(code->stmts[j].args[k], see_parameter, &reads);
		}
		e_walk(code->condition, see_parameter, &reads);
		/* What it returns, which may be a parameter, or made of one. */
		if (func->blocks[func->order[i]].next[0] == NO_BLOCK &&
		    code->out.reg[func->arch->result]->kind != E_PARAM)
			e_walk(code->out.reg[func->arch->result], see_parameter, &reads);
	}
	return reads.n;
}

int stub_count_parameters(const struct module *module, struct place place)
{
	const struct symbol *symbol = module_function_at(module, place);
	const struct prototype *prototype = symbol ? types_own(symbol->name) : NULL;
	u32 i, at;

	/* A copy that the compiler has made has parameters of its own. */
	if (prototype && !strchr(symbol->name, '.'))
		return prototype->n_parameters;
	for (i = 0; i < n_known; i++)
		if (known[i].module == module && known[i].place.section == place.section &&
		    known[i].place.offset == place.offset)
			return known[i].n;
	/* While it is being counted, in case it calls itself. */
	more(known, n_known);
	at = n_known++;
	known[at] = (struct known){ module, place, 0 };
	i = count_reads(module, place);
	known[at].n = i;
	return i;
}

static int count_of_exported(const char *name)
{
	const struct prototype *prototype = types_exported(name);
	const struct module *exporter;
	const struct symbol *symbol;

	if (prototype)
		return prototype->n_parameters + (prototype->variadic ? VARIADIC : 0);
	exporter = types_exporter(name);
	if (!exporter)
		return -1;
	symbol = module_symbol(exporter, name);
	return stub_count_parameters(exporter, (struct place){ symbol->section, symbol->value });
}

int stub_n_args(const struct target *target, const struct expr *callee, void *data)
{
	const struct module *module = data;

	if (target->kind == T_OWN)
		return stub_count_parameters(module, target->place);
	if (target->kind == T_EXT)
		return count_of_exported(module->symbols[target->symbol].name);
	if (callee && callee->kind == E_ADDR)
		return stub_count_parameters(module, (struct place){callee->where, callee->value});
	return -1;
}

const struct prototype *stub_prototype(const struct stub *stub, const struct stmt *call)
{
	const char *name = stub_callee(stub, call);
	const struct prototype *prototype = NULL;

	if (!name)
		return NULL;
	if (call->target.kind == T_EXT)
		return types_exported(name);
	if (!strchr(name, '.'))
		prototype = types_own(name);
	return prototype && prototype->n_parameters == call->n_args ? prototype : NULL;
}

/* Scalars that every header knows. */
static bool is_scalar(const char *type)
{
	static const char *const scalars[] = {
		"int", "unsigned int", "long", "long int", "unsigned long", "long unsigned int",
		"bool", "_Bool", "char", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64",
		"size_t", "dev_t", "gfp_t", "short", "unsigned short", "unsigned char",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(scalars); i++)
		if (!strcmp(type, scalars[i]))
			return true;
	return false;
}

/* A type that the stub can declare something of. */
static bool can_declare(const struct stub *stub, const char *type)
{
	const char *to = type;

	if (strchr(type, '(') || strchr(type, '[') || strchr(type, '{'))
		return false;
	if (!is_pointer(type))
		return is_scalar(type) || stub_usable_type(stub, type);
	while (is_pointer(to))
		to = pointed_to(to);
	return !strcmp(to, "void") || is_scalar(to) || starts(to, "struct ") ||
	       starts(to, "union ");
}

static bool is_vague(const char *type)
{
	return !type || !strcmp(type, "void *");
}

/* The variable at a place is of a type, if it has its size. */
static void suggest(struct stub *stub, const struct expr *address, const char *type)
{
	struct binding *binding;
	const char *why;
	s64 offset;

	if (address->kind != E_ADDR || stub->bare)
		return;
	if (!stub_reach(stub, (struct place){address->where, address->value}, &binding, &offset,
			&why))
		return;
	if (offset || binding->function || types_size(type) != binding->symbol->size ||
	    !can_declare(stub, type))
		return;
	if (is_vague(binding->type))
		binding->type = type;
}

/* A value that is given to a parameter of a type. */
static void see_argument(struct stub *stub, const struct expr *e, const char *type)
{
	const char *to = pointed_to(type);
	struct variable *variable;

	if (e->kind == E_ADDR && to)
		suggest(stub, e, to);
	if (e->kind == E_LOAD)
		suggest(stub, e->a, is_scalar(type) ? type : types_resolve(type));
	variable = values_variable(&stub->values, e);
	if (variable && is_pointer(type) && can_declare(stub, type) && is_vague(variable->type))
		variable->type = type;
}

static void see_calls(struct stub *stub)
{
	const struct func *func = stub->exec->func;
	const struct prototype *prototype;
	u32 i, j, k;

	for (i = 0; i < func->n_order; i++) {
		const struct code *code = &stub->exec->code[func->order[i]];

		for (j = 0; j < code->n_stmts; j++) {
			const struct stmt *stmt = &code->stmts[j];

			prototype = stmt->kind == S_CALL ? stub_prototype(stub, stmt) : NULL;
			for (k = 0; prototype && k < stmt->n_args && k < prototype->n_parameters;
			     k++)
				see_argument(stub, stmt->args[k], prototype->parameters[k].type);
		}
	}
}

/* Results have the type that their function returns. */
static void see_results(struct stub *stub)
{
	const struct func *func = stub->exec->func;
	const struct prototype *prototype;
	struct variable *variable;
	u32 i, j;

	for (i = 0; i < func->n_order; i++) {
		const struct code *code = &stub->exec->code[func->order[i]];

		for (j = 0; j < code->n_stmts; j++) {
			const struct stmt *stmt = &code->stmts[j];

			if (stmt->kind != S_CALL)
				continue;
			variable = values_variable(&stub->values, stmt->value);
			prototype = stub_prototype(stub, stmt);
			if (!variable || !prototype)
				continue;
			if (can_declare(stub, prototype->returns) &&
			    strcmp(prototype->returns, "void"))
				variable->type = prototype->returns;
		}
	}
}

static const char *type_of(struct stub *stub, const struct expr *e)
{
	struct variable *variable = values_variable(&stub->values, e);
	struct binding *binding;
	const char *why;
	s64 offset;

	if (variable)
		return variable->type;
	if (e->kind == E_LOAD && e->a->kind == E_ADDR &&
	    stub_reach(stub, (struct place){ e->a->where, e->a->value }, &binding, &offset, &why) &&
	    !offset && binding->symbol->size == e->size)
		return binding->type;
	return NULL;
}

/* What is kept of a load has the type of what it was loaded from. */
static void see_loads(struct stub *stub)
{
	u32 i;

	for (i = 0; i < stub->values.n_variables; i++) {
		struct variable *variable = &stub->values.variables[i];
		const struct expr *value = variable->value;
		const char *type;

		if (value->kind != E_LOAD || !is_vague(variable->type) || value->a->kind != E_ADDR)
			continue;
		/* As any load of it that needs no variable. */
		stub->values.load_kept[value->where] = false;
		type = type_of(stub, value);
		stub->values.load_kept[value->where] = true;
		if (type && is_pointer(type))
			variable->type = type;
		else if (variable->type && value->size == 8)
			suggest(stub, value->a, variable->type);
	}
}

static const char *name_of_variable(const struct variable *variable)
{
	const char *to = variable->type ? variable->type : "";

	if (variable->value->kind == E_PHI && !is_pointer(to))
		return "n";
	if (!is_pointer(to))
		return variable->value->kind == E_RESULT ? "result" : "value";
	to = pointed_to(to);
	if (starts(to, "struct ") && !is_pointer(to))
		return to + 7;
	return variable->value->kind == E_PHI ? "at" : "pointer";
}

static void give_names(struct stub *stub)
{
	u32 i;

	for (i = 0; i < stub->values.n_variables; i++)
		stub->values.variables[i].name =
			stub_fresh_name(stub, name_of_variable(&stub->values.variables[i]));
}

/* A variable that something is read or written through is a pointer. */
static void see_base(const struct expr *e, void *data)
{
	struct stub *stub = data;
	struct variable *variable;

	if (e->kind != E_LOAD)
		return;
	e = e->a;
	if (e->kind == E_OP && e->op == OP_ADD && e->size == 8)
		e = e->a;
	variable = values_variable(&stub->values, e);
	if (variable && !variable->type && (e->kind != E_LOAD || variable->value->size == 8))
		variable->type = "void *";
}

static void see_bases(struct stub *stub)
{
	const struct func *func = stub->exec->func;
	u32 i, j, k;

	for (i = 0; i < func->n_order; i++) {
		const struct code *code = &stub->exec->code[func->order[i]];

		e_walk(code->condition, see_base, stub);
		for (j = 0; j < code->n_stmts; j++) {
			const struct stmt *stmt = &code->stmts[j];

			e_walk(stmt->value, see_base, stub);
			for (k = 0; k < MAX_ARGS; k++)
				e_walk(stmt->args[k], see_base, stub);
			if (stmt->kind == S_STORE)
				see_base(e_load(stmt->args[0], 8, false, stmt->insn), stub);
		}
	}
}

static void want_headers(struct stub *stub)
{
	const struct func *func = stub->exec->func;
	const struct prototype *prototype;
	const char *to;
	u32 i, j, k;

	for (i = 0; i < func->n_order; i++) {
		const struct code *code = &stub->exec->code[func->order[i]];

		for (j = 0; j < code->n_stmts; j++) {
			const struct stmt *stmt = &code->stmts[j];

			if (stmt->kind != S_CALL)
				continue;
			if (stmt->target.kind == T_EXT)
				headers_want(stub_callee(stub, stmt));
			prototype = stub_prototype(stub, stmt);
			for (k = 0; prototype && k < prototype->n_parameters; k++) {
				to = pointed_to(prototype->parameters[k].type);
				while (to && is_pointer(to))
					to = pointed_to(to);
				if (to && (starts(to, "struct ") || starts(to, "union ")) &&
				    !strchr(to, '{'))
					headers_want(to);
			}
		}
	}
}

static void see_external(const struct expr *e, void *data)
{
	struct stub *stub = data;

	if (e->kind == E_EXT)
		headers_want(stub->module->symbols[e->where].name);
}

static void want_variables(struct stub *stub)
{
	const struct func *func = stub->exec->func;
	u32 i, j, k;

	for (i = 0; i < func->n_order; i++) {
		const struct code *code = &stub->exec->code[func->order[i]];

		e_walk(code->condition, see_external, stub);
		for (j = 0; j < code->n_stmts; j++)
			for (k = 0; k < MAX_ARGS; k++)
				e_walk(code->stmts[j].args[k], see_external, stub);
	}
}

void stub_want_headers(struct stub *stub)
{
	want_headers(stub);
	want_variables(stub);
}

void stub_infer(struct stub *stub)
{
	see_results(stub);
	see_calls(stub);
	see_loads(stub);
	/* Once more, with what is known now of variables that were loaded from them. */
	see_loads(stub);
	see_bases(stub);
	give_names(stub);
}
