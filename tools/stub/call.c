// SPDX-License-Identifier: GPL-2.0
/*
 * call: calls, atomic operations and stores as C.
 */
#include <string.h>

#include "headers.h"
#include "stub.h"

static const char *cannot(struct stub *stub, const char *why)
{
	if (!stub->why)
		stub->why = why;
	return NULL;
}

/* What an inline function or macro of the headers makes of its arguments. */
static const struct {
	const char *name;
	u32 n;			/* arguments */
	struct {
		u32 argument;
		u64 value;
	} fixed[3];		/* that it sets itself; argument counts from 1 */
	const char *as;
} wrappers[] = {
	{ "__unregister_chrdev", 4, { { 2, 0 }, { 3, 256 } }, "unregister_chrdev" },
};

/* The name of a wrapper for a call, and which arguments it has itself (a bit each). */
static const char *wrapper(struct stub *stub, const struct stmt *call, const char *name,
			   u32 *itself)
{
	u32 i, j;

	*itself = 0;
	for (i = 0; !stub->bare && i < ARRAY_SIZE(wrappers); i++) {
		if (strcmp(wrappers[i].name, name) || call->n_args != wrappers[i].n ||
		    !headers_of(name))
			continue;
		for (j = 0; j < ARRAY_SIZE(wrappers[i].fixed) && wrappers[i].fixed[j].argument;
		     j++) {
			if (!e_is_int(call->args[wrappers[i].fixed[j].argument - 1],
				      wrappers[i].fixed[j].value))
				break;
			*itself |= 1u << (wrappers[i].fixed[j].argument - 1);
		}
		if (j == ARRAY_SIZE(wrappers[i].fixed) || !wrappers[i].fixed[j].argument)
			return wrappers[i].as;
		*itself = 0;
	}
	return NULL;
}

static const char *arguments(struct stub *stub, const struct stmt *call,
			     const struct prototype *prototype, u32 left_out)
{
	struct buffer out = {};
	const char *type;
	u32 i;

	add(&out, "%s", "");
	for (i = 0; i < call->n_args; i++) {
		if (left_out & 1u << i)
			continue;
		type = prototype->parameters[i].type;
		if (!is_pointer(type) && (starts(type, "struct ") || starts(type, "union ")) &&
		    types_size(type) > 8)
			return cannot(stub, text("a %s as an argument", type));
		add(&out, "%s%s", out.length ? ", " : "", c_as(stub, call->args[i], type));
	}
	return out.at;
}

static const char *call_exported(struct stub *stub, const struct stmt *call, const char *name)
{
	const struct prototype *prototype = types_exported(name);
	const char *as, *args;
	u32 itself;

	if (!prototype)
		return cannot(stub, text("no prototype of %s()", name));
	if (prototype->variadic)
		return cannot(stub, text("%s() takes a variable number of arguments", name));
	as = wrapper(stub, call, name, &itself);
	args = arguments(stub, call, prototype, itself);
	name = stub_export(stub, name, true);
	return args ? text("%s(%s)", as ? as : name, args) : NULL;
}

/* Of a function whose parameters have no types that are known. */
static const struct prototype *plain_prototype(const struct prototype *known, u32 n)
{
	struct prototype *prototype = alloc(sizeof(*prototype));
	u32 i;

	prototype->returns = known ? stub_plain_type(known->returns, true) : "unsigned long";
	prototype->n_parameters = n;
	prototype->parameters = alloc((n + 1) * sizeof(*prototype->parameters));
	for (i = 0; i < n; i++)
		prototype->parameters[i].type = known ?
			stub_plain_type(known->parameters[i].type, false) : "unsigned long";
	return prototype;
}

static const char *call_own(struct stub *stub, const struct stmt *call, struct place place)
{
	struct binding *binding;
	const char *why, *args;
	s64 offset;

	if (!stub_reach(stub, place, &binding, &offset, &why))
		return cannot(stub, text("a call: %s", why));
	if (!binding->prototype)
		binding->prototype = plain_prototype(stub_prototype(stub, call), call->n_args);
	if (binding->prototype->n_parameters != call->n_args)
		return cannot(stub, text("%s() with another number of arguments", binding->name));
	binding->used = true;
	args = arguments(stub, call, binding->prototype, 0);
	return args ? text("%s(%s)", binding->name, args) : NULL;
}

const char *c_call(struct stub *stub, const struct stmt *call)
{
	const char *name = stub_callee(stub, call);

	if (call->target.kind == T_INDIRECT && (!call->callee || call->callee->kind != E_ADDR))
		return cannot(stub, "a call through a pointer");
	if (call->why)
		return cannot(stub, text("%s(): %s", name ? name : "a call", call->why));
	if (call->target.kind == T_EXT)
		return call_exported(stub, call, name);
	if (call->target.kind == T_OWN)
		return call_own(stub, call, call->target.place);
	return call_own(stub, call, (struct place){ call->callee->where, call->callee->value });
}

const char *c_atomic(struct stub *stub, const struct stmt *stmt)
{
	const char *type = stmt->size == 8   ? "u64"
			   : stmt->size == 4 ? "u32"
			   : stmt->size == 2 ? "u16"
					     : "u8";
	static const char *const builtins[] = {
		[A_ADD] = "__atomic_fetch_add", [A_AND] = "__atomic_fetch_and",
		[A_OR] = "__atomic_fetch_or", [A_XOR] = "__atomic_fetch_xor",
		[A_XCHG] = "__atomic_exchange_n",
	};
	const char *at = c_as(stub, stmt->args[0], "void *");
	const char *value = c_value(stub, stmt->args[1], NULL).s;

	if (stmt->args[0]->kind == E_PERCPU)
		return cannot(stub, "a variable that each CPU has a copy of");
	if (stmt->atomic == A_BTS || stmt->atomic == A_BTR) {
		stub_include(stub, "linux/bitops.h");
		return text("test_and_%s_bit(%s, %s)", stmt->atomic == A_BTS ? "set" : "clear",
			    value, at);
	}
	return text("%s((%s *)(%s), %s, __ATOMIC_SEQ_CST)", builtins[stmt->atomic], type, at,
		    value);
}

const char *c_store(struct stub *stub, const struct stmt *stmt)
{
	struct c to;

	if (stmt->args[0]->kind == E_PERCPU)
		return cannot(stub, "a store to a variable that each CPU has a copy of");
	to = c_place(stub, stmt->args[0], stmt->size, false, NULL);
	return text("%s = %s", to.s, c_as(stub, stmt->args[1], to.type));
}
