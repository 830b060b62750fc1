// SPDX-License-Identifier: GPL-2.0
/*
 * cexpr: values as C.
 *
 * What is the target's own is reached through the stub's pointers to it; a field of a struct by
 * its name, if the kernel's headers have the struct, by offset and size otherwise.
 */
#include <ctype.h>
#include <string.h>

#include "headers.h"
#include "stub.h"

static const struct {
	const char *name;
	u8 size;
	bool sign;
} integers[] = {
	{"int", 4, true},
	{"unsigned int", 4, false},
	{"u32", 4, false},
	{"s32", 4, true},
	{"dev_t", 4, false},
	{"gfp_t", 4, false},
	{"__u32", 4, false},
	{"umode_t", 2, false},
	{"long", 8, true},
	{"long int", 8, true},
	{"unsigned long", 8, false},
	{"long unsigned int", 8, false},
	{"u64", 8, false},
	{"s64", 8, true},
	{"size_t", 8, false},
	{"bool", 1, false},
	{"_Bool", 1, false},
	{"char", 1, true},
	{"u8", 1, false},
	{"s8", 1, true},
	{"unsigned char", 1, false},
	{"u16", 2, false},
	{"s16", 2, true},
	{"short", 2, true},
	{"unsigned short", 2, false},
	{"short unsigned int", 2, false},
	{"short int", 2, true},
};

static bool integer(const char *type, u32 *size, bool *sign)
{
	size_t i;

	for (i = 0; type && i < ARRAY_SIZE(integers); i++) {
		if (strcmp(integers[i].name, type))
			continue;
		*size = integers[i].size;
		*sign = integers[i].sign;
		return true;
	}
	return false;
}

static const char *integer_of(u32 size, bool sign)
{
	switch (size) {
	case 1:
		return sign ? "s8" : "u8";
	case 2:
		return sign ? "s16" : "u16";
	case 4:
		return sign ? "s32" : "u32";
	default:
		return sign ? "long" : "unsigned long";
	}
}

static struct c make(const char *s, const char *type, u32 binds)
{
	return (struct c){ .s = s, .type = type, .binds = binds };
}

const char *c_tight(struct c c)
{
	return c.binds == TIGHT ? c.s : text("(%s)", c.s);
}

const char *c_operand(struct c c)
{
	return c.binds >= UNARY ? c.s : text("(%s)", c.s);
}

static bool is_address(struct c c)
{
	return !c.type || is_pointer(c.type);
}

static struct c cannot(struct stub *stub, const char *why)
{
	if (!stub->why)
		stub->why = why;
	return make("0", "int", TIGHT);
}

static const char *as_void(struct c c)
{
	u32 size;
	bool sign;

	if (c.type && !strcmp(c.type, "void *"))
		return c_operand(c);
	if (!is_address(c) && (!integer(c.type, &size, &sign) || size < 8))
		return text("(void *)(unsigned long)%s", c_operand(c));
	return text("(void *)%s", c_operand(c));
}

static struct c as_number(struct c c)
{
	if (!is_address(c))
		return c;
	return make(text("(unsigned long)%s", c_operand(c)), "unsigned long", UNARY);
}

static const char *pointer_to(const char *type)
{
	return text("%s%s*", type, ends(type, "*") ? "" : " ");
}

static const char *quoted(const char *string)
{
	struct buffer out = {};

	add(&out, "\"");
	for (; *string; string++) {
		unsigned char c = *string;

		if (c == '"' || c == '\\')
			add(&out, "\\%c", c);
		else if (c == '\n')
			add(&out, "\\n");
		else if (c == '\t')
			add(&out, "\\t");
		else if (c < ' ' || c >= 0x7f)
			add(&out, "\\%03o", c);
		else
			add(&out, "%c", c);
	}
	add(&out, "\"");
	return out.at;
}

static struct c number(u64 value)
{
	s64 value_signed = value;

	if (value < 10000)
		return make(text("%lu", value), "int", TIGHT);
	if (value_signed < 0 && value_signed > -10000)
		return make(text("%ldL", value_signed), "long", UNARY);
	if (value <= 0x7fffffff)
		return make(text("0x%lx", value), "int", TIGHT);
	return make(text("0x%lxUL", value), "unsigned long", TIGHT);
}

/* The member of a struct that a pointer points to; false if there is none that can be named. */
static bool member(struct stub *stub, struct c base, s64 offset, u32 size, struct c *out)
{
	const char *to = base.type ? pointed_to(base.type) : NULL, *found, *path;

	if (!to || offset < 0 || !starts(to, "struct ") || !stub_usable_type(stub, to))
		return false;
	path = types_member(to, offset, size, &found);
	if (!path || strchr(found, '{') || strchr(found, '('))
		return false;
	stub_include(stub, headers_of(to));
	*out = make(text("%s->%s", c_tight(base), path), found, TIGHT);
	return true;
}

static struct c address_of(struct stub *stub, const struct expr *e)
{
	struct place place = { e->where, e->value };
	struct binding *binding;
	const char *why = NULL;
	struct c base, out;
	s64 offset;

	if (place_is_string(stub->module, place) && module_string(stub->module, place))
		return make(quoted(module_string(stub->module, place)), "char *", TIGHT);
	if (!stub_reach(stub, place, &binding, &offset, &why)) {
		if (module_string(stub->module, place) &&
		    !module_object_around(stub->module, place))
			return make(quoted(module_string(stub->module, place)), "char *", TIGHT);
		return cannot(stub, why);
	}
	binding->used = true;
	if (binding->function)
		return make(binding->name, "(*)()", TIGHT);
	base = make(binding->name, binding->type ? pointer_to(binding->type) : NULL, TIGHT);
	if (!offset)
		return base;
	if (member(stub, base, offset, 0, &out))
		return make(text("&%s", out.s), pointer_to(out.type), UNARY);
	return make(text("%s %c %ld", as_void(base), offset < 0 ? '-' : '+',
			 offset < 0 ? -offset : offset), "void *", LOOSE);
}

static struct c external(struct stub *stub, const struct expr *e)
{
	const char *name = stub->module->symbols[e->where].name;
	bool function = types_exported(name);
	const char *used = stub_export(stub, name, function);
	struct c out;

	if (function)
		return make(used, "(*)()", TIGHT);
	out = make(text("(void *)&%s", used), "void *", UNARY);
	/* x_ is an array. */
	if (strcmp(used, name))
		out.s = text("(void *)%s", used);
	if (e->value)
		return make(text("%s + %ld", out.s, e->value), "void *", LOOSE);
	return out;
}

static struct c local(struct stub *stub, const struct expr *e)
{
	const struct exec *x = stub->exec;
	s64 offset;

	if (x->locals_lost)
		return cannot(stub, "a local variable from before it died");
	if (!x->locals)
		return cannot(stub, "the address of a local variable");
	if (e->value < x->local_from || e->value >= x->local_to)
		return cannot(stub, "the address of a local variable");
	stub->local = true;
	offset = e->value - (x->local_from & ~15L);
	if (!offset)
		return make("(void *)local", "void *", UNARY);
	return make(text("(void *)local + %ld", offset), "void *", LOOSE);
}

/* Where x->list is, say, base + offset. */
static const struct expr *split(const struct expr *e, s64 *offset)
{
	*offset = 0;
	if (e->kind != E_OP || e->op != OP_ADD || e->size != 8 || e->b->kind != E_INT)
		return e;
	*offset = e->b->value;
	return e->a;
}

static struct c field(struct stub *stub, struct c base, s64 offset, u32 size, bool sign,
		      const char *want)
{
	const char *type = integer_of(size, sign);

	if (want && size == 8 && is_pointer(want) && !strchr(want, '('))
		type = stub->bare ? "void *" : want;
	stub->field = true;
	return make(text("FIELD(%s, %s, %ld)", type, base.s, offset), type, TIGHT);
}

/* The variable of the target's that has just this place and size. */
static bool whole_variable(struct stub *stub, const struct expr *at, u32 size, bool sign,
			   struct c *out)
{
	struct binding *binding;
	const char *why;
	s64 offset;

	if (at->kind != E_ADDR ||
	    !stub_reach(stub, (struct place){ at->where, at->value }, &binding, &offset, &why))
		return false;
	if (binding->function || offset || binding->symbol->size != size)
		return false;
	if (!binding->type && !stub->bare)
		binding->type = integer_of(size, sign);
	if (!binding->type || (!is_pointer(binding->type) && (starts(binding->type, "struct ") ||
							      starts(binding->type, "union "))))
		return false;
	binding->used = true;
	*out = make(text("*%s", binding->name), binding->type, UNARY);
	return true;
}

static bool is_current(const struct stub *stub, const struct expr *at)
{
	const char *name;

	if (at->kind != E_PERCPU || at->a->kind != E_EXT || at->a->value)
		return false;
	name = stub->module->symbols[at->a->where].name;
	return !strcmp(name, "current_task") || !strcmp(name, "pcpu_hot") ||
	       !strcmp(name, "const_current_task") || !strcmp(name, "const_pcpu_hot");
}

struct c c_place(struct stub *stub, const struct expr *at, u32 size, bool sign, const char *want)
{
	struct c base, out;
	u32 found;
	bool found_sign;
	s64 offset;

	if (is_current(stub, at) && size == 8) {
		stub_include(stub, "linux/sched.h");
		return make("current", "struct task_struct *", TIGHT);
	}
	if (at->kind == E_PERCPU)
		return cannot(stub, "a variable that each CPU has a copy of");
	if (whole_variable(stub, at, size, sign, &out))
		return out;
	if (at->kind == E_ADDR) {
		struct binding *binding;
		const char *why;

		if (!stub_reach(stub, (struct place){at->where, at->value}, &binding, &offset,
				&why))
			return cannot(stub, why);
		binding->used = true;
		if (binding->function)
			return cannot(stub, "the code of a function as data");
		base = make(binding->name, binding->type ? pointer_to(binding->type) : NULL, TIGHT);
	} else if (at->kind == E_STACK) {
		base = local(stub, at);
		if (!stub->why) {
			base = make("local", NULL, TIGHT);
			offset = at->value - (stub->exec->local_from & ~15L);
		}
	} else {
		base = c_value(stub, split(at, &offset), "void *");
		if (!is_address(base))
			base = make(as_void(base), "void *", LOOSE);
	}
	if (member(stub, base, offset, size, &out) &&
	    (is_pointer(out.type) || integer(out.type, &found, &found_sign)))
		return out;
	return field(stub, base, offset, size, sign, want);
}

static struct c sized(struct stub *stub, const struct expr *e, u32 size, bool sign)
{
	struct c c = as_number(c_value(stub, e, NULL));
	u32 has;
	bool has_sign;

	if (e->kind == E_INT) {
		u64 value = e->value;

		if (sign && size < 8)
			value = (s64)(value << (64 - 8 * size)) >> (64 - 8 * size);
		c = number(value);
		c.binds = TIGHT;
		if (sign && (s64)value < 0 && (s64)value >= -0x7fffffffL)
			c.s = text("%ld", (s64)value);
		return c;
	}
	if (integer(c.type, &has, &has_sign) && has == size && has_sign == sign)
		return c;
	return make(text("(%s)%s", integer_of(size, sign), c_operand(c)), integer_of(size, sign),
		    UNARY);
}

static struct c load(struct stub *stub, const struct expr *e, const char *want)
{
	struct variable *variable = values_variable(&stub->values, e);
	struct c c;
	u32 size;
	bool sign;

	if (!variable) {
		c = c_place(stub, e->a, e->size, e->sign, want);
	} else {
		variable->used = true;
		c = make(variable->name, variable->type ? variable->type : "unsigned long", TIGHT);
		if (variable->value == e)
			return c;
		/* Part of what was read. */
		return make(text("(%s)%s", integer_of(e->size, e->sign), c_operand(as_number(c))),
			    integer_of(e->size, e->sign), UNARY);
	}
	/* Whoever takes no more than was read does not see how it was extended. */
	if (want && integer(want, &size, &sign) && size <= e->size)
		return c;
	if (e->size < 8 && integer(c.type, &size, &sign) && sign != e->sign)
		return make(text("(%s)%s", integer_of(e->size, e->sign), c_operand(c)),
			    integer_of(e->size, e->sign), UNARY);
	return c;
}

static struct c variable(struct stub *stub, const struct expr *e)
{
	struct variable *variable = values_variable(&stub->values, e);

	if (!variable)
		return cannot(stub, "a value that has no variable");
	if (variable->inlined)
		return make(variable->inlined, variable->type ? variable->type : "unsigned long",
			    TIGHT);
	variable->used = true;
	return make(variable->name, variable->type ? variable->type : "unsigned long", TIGHT);
}

static struct c sum(struct stub *stub, const struct expr *e)
{
	struct c a = c_value(stub, e->a, NULL), b, out;
	s64 by;

	if (e->b->kind == E_INT) {
		by = e->b->value;
		if (is_address(a) && member(stub, a, by, 0, &out))
			return make(text("&%s", out.s), pointer_to(out.type), UNARY);
		if (is_address(a))
			return make(text("%s %c %ld", as_void(a), by < 0 ? '-' : '+',
					 by < 0 ? -by : by),
				    "void *", LOOSE);
		return make(text("%s %c %ld", c_operand(a), by < 0 ? '-' : '+', by < 0 ? -by : by),
			    "unsigned long", LOOSE);
	}
	b = c_value(stub, e->b, NULL);
	if (is_address(a))
		return make(text("%s + %s", as_void(a), c_operand(as_number(b))), "void *", LOOSE);
	if (is_address(b))
		return make(text("%s + %s", as_void(b), c_operand(as_number(a))), "void *", LOOSE);
	return make(text("%s + %s", c_operand(a), c_operand(b)), "unsigned long", LOOSE);
}

static const char *const signs[] = {
	[OP_ADD] = "+",	    [OP_SUB] = "-",  [OP_MUL] = "*",  [OP_AND] = "&",  [OP_OR] = "|",
	[OP_XOR] = "^",	    [OP_SHL] = "<<", [OP_SHR] = ">>", [OP_SAR] = ">>", [OP_EQ] = "==",
	[OP_NE] = "!=",	    [OP_LT] = "<",   [OP_LE] = "<=",  [OP_GT] = ">",   [OP_GE] = ">=",
	[OP_ULT] = "<",	    [OP_ULE] = "<=", [OP_UGT] = ">",  [OP_UGE] = ">=", [OP_BOTH] = "&&",
	[OP_EITHER] = "||",
};

static struct c arithmetic(struct stub *stub, const struct expr *e)
{
	struct c a = sized(stub, e->a, e->size, e->op == OP_SAR), b;
	const char *type = integer_of(e->size, e->op == OP_SAR);

	if (e->op == OP_NEG || e->op == OP_NOT)
		return make(text("(%s)%c%s", type, e->op == OP_NEG ? '-' : '~', c_operand(a)), type,
			    UNARY);
	b = e->op == OP_SHL || e->op == OP_SHR || e->op == OP_SAR ?
		as_number(c_value(stub, e->b, NULL)) : sized(stub, e->b, e->size, false);
	if (e->size == 8 || e->op == OP_AND)
		return make(text("%s %s %s", c_operand(a), signs[e->op], c_operand(b)), type,
			    LOOSE);
	return make(text("(%s)(%s %s %s)", type, c_operand(a), signs[e->op], c_operand(b)), type,
		    UNARY);
}

static struct c key(struct stub *stub, const struct expr *e)
{
	struct c of = c_value(stub, e->a, NULL);

	stub_include(stub, "linux/jump_label.h");
	return make(text("static_key_count((struct static_key *)%s) > 0", c_operand(of)), "int",
		    LOOSE);
}

static struct c operation(struct stub *stub, const struct expr *e, const char *want)
{
	struct c a, b;

	switch (e->op) {
	case OP_ADD:
		return e->size == 8 ? sum(stub, e) : arithmetic(stub, e);
	case OP_TRUNC:
		return sized(stub, e->a, e->size, false);
	case OP_SEXT:
		return sized(stub, e->a, e->size, true);
	case OP_KEY:
		return key(stub, e);
	case OP_SELECT:
		a = c_value(stub, e->b, want);
		b = c_value(stub, e->c, want);
		if (is_address(a) || is_address(b))
			return make(text("%s ? %s : %s", c_condition(stub, e->a), as_void(a),
					 as_void(b)),
				    "void *", LOOSE);
		return make(
			text("%s ? %s : %s", c_condition(stub, e->a), c_operand(a), c_operand(b)),
			"unsigned long", LOOSE);
	case OP_BOTH:
	case OP_EITHER:
		return make(c_condition(stub, e), "int", LOOSE);
	default:
		if (e->op >= OP_EQ && e->op <= OP_UGE)
			return make(c_condition(stub, e), "int", LOOSE);
		return arithmetic(stub, e);
	}
}

struct c c_value(struct stub *stub, const struct expr *e, const char *want)
{
	switch (e->kind) {
	case E_INT:
		return number(e->value);
	case E_ADDR:
		return address_of(stub, e);
	case E_EXT:
		return external(stub, e);
	case E_STACK:
		return local(stub, e);
	case E_LOAD:
		return load(stub, e, want);
	case E_RESULT:
	case E_PHI:
		return variable(stub, e);
	case E_OP:
		return operation(stub, e, want);
	case E_PERCPU:
		return cannot(stub, "the address of a variable that each CPU has a copy of");
	case E_PARAM:
		return cannot(stub, "a register that nobody has set");
	default:
		return cannot(stub, unknown_why(e));
	}
}

static const char *constant_as(u64 value, const char *type)
{
	u32 size;
	bool sign;

	if (is_pointer(type))
		return value ? text("(void *)%s", number(value).s) : "NULL";
	if (!strcmp(type, "bool") || !strcmp(type, "_Bool"))
		return value & 1 ? "true" : "false";
	if (!integer(type, &size, &sign)) {
		size = starts(type, "enum ") ? 4 : 8;
		sign = true;
	}
	if (size < 8) {
		value <<= 64 - 8 * size;
		value = sign ? (u64)((s64)value >> (64 - 8 * size)) : value >> (64 - 8 * size);
	}
	if (sign && (s64)value < 0)
		return text("%ld", (s64)value);
	return number(value).s;
}

const char *c_as(struct stub *stub, const struct expr *e, const char *type)
{
	struct c c;
	u32 size;
	bool sign;

	if (e->kind == E_INT)
		return constant_as(e->value, type);
	/* The parameter takes the lowest bytes. */
	if (integer(type, &size, &sign) && e->kind == E_OP &&
	    (e->op == OP_TRUNC || e->op == OP_SEXT) && e->size == size && e->a->kind != E_OP)
		e = e->a;
	c = c_value(stub, e, type);
	if (!is_pointer(type))
		return as_number(c).s;
	if (c.type && (!strcmp(c.type, type) || !strcmp(c.type, "void *")))
		return c.s;
	if (!strcmp(type, "void *") && c.type && is_pointer(c.type) && !strchr(c.type, '('))
		return c.s;
	return as_void(c);
}

static bool fits(struct c c, u32 size)
{
	u32 has;
	bool sign;

	if (is_address(c))
		return size == 8;
	return integer(c.type, &has, &sign) && has <= size;
}

static const char *against_zero(struct stub *stub, const struct expr *e)
{
	struct c c = c_value(stub, e->a, NULL);

	if (!fits(c, e->size))
		c = sized(stub, e->a, e->size, false);
	return e->op == OP_EQ ? text("!%s", c_operand(c)) : c.s;
}

static const char *equality(struct stub *stub, const struct expr *e)
{
	const struct expr *x = e->a, *y = e->b;
	struct c a = c_value(
		stub, x, e->size == 8 && !e_is_compare(y) && y->kind == E_ADDR ? "void *" : NULL);
	struct c b = c_value(stub, y, is_address(a) ? "void *" : NULL);

	if (e->size == 8 && is_address(a) && is_address(b)) {
		if (a.type && b.type && !strcmp(a.type, b.type))
			return text("%s %s %s", a.s, signs[e->op], b.s);
		return text("%s %s %s", as_void(a), signs[e->op], as_void(b));
	}
	if (is_address(a) || is_address(b) || e->b->kind != E_INT || e->b->value < 0 ||
	    e->b->value > 0x7fffffff || !fits(a, e->size)) {
		a = sized(stub, e->a, e->size, false);
		b = sized(stub, e->b, e->size, false);
	}
	return text("%s %s %s", c_operand(a), signs[e->op], c_operand(b));
}

static const char *joined(struct stub *stub, const struct expr *e, const struct expr *part)
{
	const char *condition = c_condition(stub, part);

	if (part->kind == E_OP && (part->op == OP_BOTH || part->op == OP_EITHER) &&
	    part->op != e->op)
		return text("(%s)", condition);
	return condition;
}

const char *c_condition(struct stub *stub, const struct expr *e)
{
	bool sign;

	if (e->kind == E_INT)
		return e->value ? "true" : "false";
	if (e->kind != E_OP || (e->op < OP_EQ || e->op > OP_UGE)) {
		if (e->kind == E_OP && (e->op == OP_BOTH || e->op == OP_EITHER))
			return text("%s %s %s", joined(stub, e, e->a), signs[e->op],
				    joined(stub, e, e->b));
		return c_value(stub, e, NULL).s;
	}
	if ((e->op == OP_EQ || e->op == OP_NE) && e_is_int(e->b, 0))
		return against_zero(stub, e);
	if (e->op == OP_EQ || e->op == OP_NE)
		return equality(stub, e);
	sign = e->op < OP_ULT;
	return text("%s %s %s", c_operand(sized(stub, e->a, e->size, sign)), signs[e->op],
		    c_operand(sized(stub, e->b, e->size, sign)));
}
