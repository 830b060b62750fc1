/* SPDX-License-Identifier: GPL-2.0 */
/* The stub that is being written. */
#ifndef STUB_STUB_H
#define STUB_STUB_H

#include "types.h"
#include "values.h"

/* A symbol of the target, and the stub's pointer to it. */
struct binding {
	const struct symbol *symbol;
	const char *name;
	const char *type;		/* of the variable; NULL: its bytes */
	bool function;
	const struct prototype *prototype;
	bool used;
};

struct stub {
	const struct module *module;
	struct exec *exec;
	struct values values;
	bool bare;			/* no header but linux/module.h */
	bool no_tests;			/* no tests "is this still needed" */
	const char *routine;		/* what it is to the patcher: "cleanup" or "release" */
	struct binding *bindings;
	u32 n_bindings;
	const char **includes;
	u32 n_includes;
	const char **externs;		/* declarations of what is in no header */
	u32 n_externs;
	const char **forwards;		/* structs that are only pointed to */
	u32 n_forwards;
	bool field;			/* FIELD() is used */
	bool local;			/* the array for locals is */
	const char *why;		/* why the present piece of C cannot be written; NULL */
	u32 errors;			/* #error lines */
	struct report_line {
		const char *call, *how;
	} *report;
	u32 n_report;
};

/* A piece of C. */
struct c {
	const char *s;
	const char *type;	/* NULL: a pointer to an array of bytes */
	enum { LOOSE, UNARY, TIGHT } binds;
};

/* names.c */
struct binding *stub_bind(struct stub *stub, const struct symbol *symbol);
/* How an address is reached: *binding + *offset; false, and why, if it cannot be. */
bool stub_reach(struct stub *stub, struct place place, struct binding **binding, s64 *offset,
		const char **why);
const char *stub_export(struct stub *stub, const char *symbol, bool function);
/* The name of the stub's function, by what it is to the patcher: "cleanup" or "release". */
const char *stub_routine_name(const struct module *module, const char *routine);
void stub_include(struct stub *stub, const char *header);
const char *stub_fresh_name(struct stub *stub, const char *wanted);
/* A type that a prototype of the stub's can have in place of one. */
const char *stub_plain_type(const char *type, bool result);
bool stub_usable_type(const struct stub *stub, const char *type);

/* infer.c: asks for the headers of all that is used; headers_find() comes between these two. */
void stub_want_headers(struct stub *stub);
/* Gives types to symbols and variables, from the parameters that they are given to. */
void stub_infer(struct stub *stub);
const struct prototype *stub_prototype(const struct stub *stub, const struct stmt *call);
/* Symbol and name of who is called; NULL if it is neither exported nor a function of its own. */
const char *stub_callee(const struct stub *stub, const struct stmt *call);
/* For struct exec; data is the module. */
int stub_n_args(const struct target *target, const struct expr *callee, void *data);
/* How many parameters the function at a place has; -1 if that cannot be told. */
int stub_count_parameters(const struct module *module, struct place place);

/* cexpr.c: set stub->why if something in it cannot be written. want: a type that would fit. */
struct c c_value(struct stub *stub, const struct expr *e, const char *want);
/* As an argument or value of a type. */
const char *c_as(struct stub *stub, const struct expr *e, const char *type);
const char *c_condition(struct stub *stub, const struct expr *e);
/* "x" or "(x)": before ->, and as an operand. */
const char *c_tight(struct c c);
const char *c_operand(struct c c);
/* *place, or a field of it */
struct c c_place(struct stub *stub, const struct expr *at, u32 size, bool sign, const char *want);

/* call.c: statements without their semicolon; NULL, and stub->why, if it cannot be written. */
const char *c_call(struct stub *stub, const struct stmt *call);
const char *c_atomic(struct stub *stub, const struct stmt *stmt);
const char *c_store(struct stub *stub, const struct stmt *stmt);

/* A line of #error in the stub, and what is counted. */
void stub_error(struct stub *stub, struct buffer *out, const char *why);
void stub_report(struct stub *stub, const char *call, const char *how);

/* tests.c: when a call is still needed, as a condition; NULL: not known, or always. */
const char *stub_test(struct stub *stub, const struct stmt *call);

/* Does a function unregister a driver, and so run .remove() of the target for each device? */
bool unregisters_driver(const char *function);

/* shape.c: the body of the function. */
void stub_body(struct stub *stub, struct buffer *out);

#endif /* STUB_STUB_H */
