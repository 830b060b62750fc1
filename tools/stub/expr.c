// SPDX-License-Identifier: GPL-2.0
/*
 * expr: values as expressions.
 */
#include <string.h>

#include "expr.h"

/* An expression that is larger is not understood: nobody could read it either. */
#define MAX_NODES	200

static const struct expr **table;
static u32 table_size, table_used;

static u32 hash_of(const struct expr *e)
{
	u64 hash = e->kind | e->op << 8 | e->size << 16 | e->sign << 24;

	hash = hash * 0x9e3779b97f4a7c15UL + e->where;
	hash = hash * 0x9e3779b97f4a7c15UL + e->value;
	hash = hash * 0x9e3779b97f4a7c15UL + (e->a ? e->a->id : 0);
	hash = hash * 0x9e3779b97f4a7c15UL + (e->b ? e->b->id : 0);
	hash = hash * 0x9e3779b97f4a7c15UL + (e->c ? e->c->id : 0);
	return (hash * 0x9e3779b97f4a7c15UL) >> 32;
}

static bool same(const struct expr *x, const struct expr *y)
{
	return x->kind == y->kind && x->op == y->op && x->size == y->size && x->sign == y->sign &&
	       x->where == y->where && x->value == y->value &&
	       x->a == y->a && x->b == y->b && x->c == y->c;
}

static void enlarge(void)
{
	const struct expr **old = table;
	u32 size = table_size, i, slot;

	table_size = size ? size * 2 : 4096;
	table = alloc(table_size * sizeof(*table));
	for (i = 0; i < size; i++) {
		if (!old[i])
			continue;
		slot = hash_of(old[i]) % table_size;
		while (table[slot])
			slot = (slot + 1) % table_size;
		table[slot] = old[i];
	}
}

static const struct expr *node(struct expr e)
{
	struct expr *new;
	u32 slot;

	if (table_used * 2 >= table_size)
		enlarge();
	slot = hash_of(&e) % table_size;
	while (table[slot]) {
		if (same(table[slot], &e))
			return table[slot];
		slot = (slot + 1) % table_size;
	}
	e.nodes = 1 + (e.a ? e.a->nodes : 0) + (e.b ? e.b->nodes : 0) + (e.c ? e.c->nodes : 0);
	e.unknown = e.kind == E_UNKNOWN || (e.a && e.a->unknown) || (e.b && e.b->unknown) ||
		(e.c && e.c->unknown);
	if (e.nodes > MAX_NODES)
		return e_unknown("an expression that is too large");
	e.id = ++table_used;
	new = alloc(sizeof(*new));
	*new = e;
	table[slot] = new;
	return new;
}

const struct expr *e_int(u64 value)
{
	return node((struct expr){ .kind = E_INT, .value = value });
}

const struct expr *e_addr(u32 section, s64 offset)
{
	return node((struct expr){ .kind = E_ADDR, .where = section, .value = offset });
}

const struct expr *e_ext(u32 symbol, s64 offset)
{
	return node((struct expr){ .kind = E_EXT, .where = symbol, .value = offset });
}

const struct expr *e_stack(s64 offset)
{
	return node((struct expr){ .kind = E_STACK, .value = offset });
}

const struct expr *e_percpu(const struct expr *a)
{
	return node((struct expr){ .kind = E_PERCPU, .a = a });
}

const struct expr *e_load(const struct expr *at, u32 size, bool sign, u32 where)
{
	return node((struct expr){ .kind = E_LOAD, .a = at, .size = size, .where = where,
				   .sign = sign && size < 8 });
}

const struct expr *e_result(u32 where)
{
	return node((struct expr){ .kind = E_RESULT, .where = where });
}

const struct expr *e_param(u32 reg)
{
	return node((struct expr){ .kind = E_PARAM, .where = reg });
}

const struct expr *e_phi(u32 block, u32 reg)
{
	return node((struct expr){ .kind = E_PHI, .where = block, .value = reg });
}

const struct expr *e_unknown(const char *why)
{
	static const char **reasons;
	static u32 n;
	u32 i;

	for (i = 0; i < n; i++)
		if (!strcmp(reasons[i], why))
			break;
	if (i == n) {
		more(reasons, n);
		reasons[n++] = text("%s", why);
	}
	return node((struct expr){ .kind = E_UNKNOWN, .value = (s64)reasons[i] });
}

static u64 mask(u64 value, u32 size)
{
	return size >= 8 ? value : value & ((1UL << (8 * size)) - 1);
}

static s64 extend(u64 value, u32 size)
{
	u32 shift = size >= 8 ? 0 : 64 - 8 * size;

	return (s64)(value << shift) >> shift;
}

static u64 compute(enum op op, u32 size, u64 a, u64 b)
{
	s64 x = extend(a, size), y = extend(b, size);

	a = mask(a, size);
	b = mask(b, size);
	switch (op) {
	case OP_ADD: return a + b;
	case OP_SUB: return a - b;
	case OP_MUL: return a * b;
	case OP_AND: return a & b;
	case OP_OR: return a | b;
	case OP_XOR: return a ^ b;
	case OP_SHL: return a << (b & (size * 8 - 1));
	case OP_SHR: return a >> (b & (size * 8 - 1));
	case OP_SAR: return x >> (b & (size * 8 - 1));
	case OP_NEG: return -a;
	case OP_NOT: return ~a;
	case OP_EQ: return a == b;
	case OP_NE: return a != b;
	case OP_LT: return x < y;
	case OP_LE: return x <= y;
	case OP_GT: return x > y;
	case OP_GE: return x >= y;
	case OP_ULT: return a < b;
	case OP_ULE: return a <= b;
	case OP_UGT: return a > b;
	case OP_UGE: return a >= b;
	default: return 0;
	}
}

bool e_is_int(const struct expr *e, u64 value)
{
	return e->kind == E_INT && (u64)e->value == value;
}

bool e_is_compare(const struct expr *e)
{
	return e->kind == E_OP && ((e->op >= OP_EQ && e->op <= OP_UGE) || e->op == OP_KEY);
}

/* An address of any kind plus a constant; NULL if e is no such thing. */
static const struct expr *moved(const struct expr *e, s64 by)
{
	switch (e->kind) {
	case E_INT:
		return e_int(e->value + by);
	case E_ADDR:
		return e_addr(e->where, e->value + by);
	case E_EXT:
		return e_ext(e->where, e->value + by);
	case E_STACK:
		return e_stack(e->value + by);
	default:
		if (!by)
			return e;
		if (e->kind == E_OP && e->op == OP_ADD && e->size == 8 && e->b->kind == E_INT)
			return moved(e->a, e->b->value + by);
		return NULL;
	}
}

static const struct expr *raw(u32 op, u32 size, const struct expr *a, const struct expr *b,
			      const struct expr *c)
{
	return node((struct expr){ .kind = E_OP, .op = op, .size = size, .a = a, .b = b, .c = c });
}

static bool swaps(enum op op)
{
	return op == OP_ADD || op == OP_MUL || op == OP_AND || op == OP_OR || op == OP_XOR;
}

/* What a - b == 0 and the like say can be said of a and b. */
static const struct expr *compared(enum op op, u32 size, const struct expr *a, const struct expr *b)
{
	if ((op == OP_EQ || op == OP_NE) && e_is_int(b, 0)) {
		if (e_is_compare(a))
			return op == OP_EQ ? e_not(a) : a;
		if (a->kind == E_OP && a->op == OP_SUB && a->size == size)
			return e_op(op, size, a->a, a->b);
		if (a->kind == E_OP && a->op == OP_ADD && a->size == size && a->b->kind == E_INT)
			return e_op(op, size, a->a, e_int(mask(-a->b->value, size)));
	}
	if (b->kind == E_INT && op == OP_ULT && e_is_int(b, 1))
		return e_op(OP_EQ, size, a, e_int(0));
	if (b->kind == E_INT && op == OP_ULE && e_is_int(b, 0))
		return e_op(OP_EQ, size, a, b);
	if (b->kind == E_INT && op == OP_UGT && e_is_int(b, 0))
		return e_op(OP_NE, size, a, b);
	if (a->kind == E_OP && a->op == OP_TRUNC && a->size == size)
		a = a->a;
	if (b->kind == E_INT)
		b = e_int(mask(b->value, size));
	return raw(op, size, a, b, NULL);
}

const struct expr *e_op(enum op op, u32 size, const struct expr *a, const struct expr *b)
{
	const struct expr *e;

	if (op == OP_KEY || op == OP_BOTH || op == OP_EITHER)
		return raw(op, size, a, b, NULL);
	if (a->kind == E_INT && (!b || b->kind == E_INT))
		return e_int(mask(compute(op, size, a->value, b ? b->value : 0), size));
	if (swaps(op) && (a->kind == E_INT || (b->kind != E_INT && b->id < a->id))) {
		e = a;
		a = b;
		b = e;
	}
	if (op >= OP_EQ && op <= OP_UGE)
		return compared(op, size, a, b);
	if (op == OP_SUB && b->kind == E_INT)
		return e_op(OP_ADD, size, a, e_int(mask(-b->value, size)));
	if (op == OP_SUB && a == b)
		return e_int(0);
	if (op == OP_ADD && size == 8 && b->kind == E_INT) {
		e = moved(a, b->value);
		if (e)
			return e;
	}
	if (op == OP_ADD && size == 8 && a->kind == E_ADDR && b->kind == E_OP && b->op == OP_ADD &&
	    b->b->kind == E_INT)
		return e_op(OP_ADD, 8, b->a, e_addr(a->where, a->value + b->b->value));
	if (op == OP_ADD && size < 8 && b->kind == E_INT && a->kind == E_OP && a->op == OP_ADD &&
	    a->size == size && a->b->kind == E_INT)
		return e_op(op, size, a->a, e_int(mask(a->b->value + b->value, size)));
	if (b && e_is_int(b, 0) && size == 8 &&
	    (op == OP_ADD || op == OP_OR || op == OP_XOR || op == OP_SHL || op == OP_SHR ||
	     op == OP_SAR))
		return a;
	if (b && e_is_int(b, 1) && op == OP_MUL && size == 8)
		return a;
	if ((op == OP_AND || op == OP_OR) && a == b)
		return e_trunc(a, size);
	return raw(op, size, a, b, NULL);
}

const struct expr *e_select(const struct expr *a, const struct expr *b, const struct expr *c)
{
	if (a->kind == E_INT)
		return a->value ? b : c;
	if (b == c)
		return b;
	return raw(OP_SELECT, 8, a, b, c);
}

const struct expr *e_trunc(const struct expr *a, u32 size)
{
	if (size >= 8)
		return a;
	if (a->kind == E_INT)
		return e_int(mask(a->value, size));
	if (a->kind == E_LOAD && !a->sign && a->size <= size)
		return a;
	if (a->kind == E_LOAD && a->size >= size)
		return e_load(a->a, size, false, a->where);
	if (a->kind == E_OP && (a->op == OP_TRUNC || a->op == OP_SEXT) && a->size >= size)
		return e_trunc(a->a, size);
	if (a->kind == E_OP && a->size <= size && a->op != OP_SEXT && a->op != OP_SELECT)
		return a;
	if (e_is_compare(a) || a->kind == E_UNKNOWN)
		return a;
	return raw(OP_TRUNC, size, a, NULL, NULL);
}

const struct expr *e_sext(const struct expr *a, u32 size)
{
	if (a->kind == E_INT)
		return e_int(extend(a->value, size));
	if (a->kind == E_LOAD && a->size >= size)
		return e_load(a->a, size, true, a->where);
	if (a->kind == E_UNKNOWN)
		return a;
	if (a->kind == E_OP && (a->op == OP_TRUNC || a->op == OP_SEXT) && a->size == size)
		a = a->a;
	return raw(OP_SEXT, size, a, NULL, NULL);
}

const struct expr *e_not(const struct expr *e)
{
	static const u8 inverse[] = {
		[OP_EQ] = OP_NE, [OP_NE] = OP_EQ, [OP_LT] = OP_GE, [OP_GE] = OP_LT,
		[OP_LE] = OP_GT, [OP_GT] = OP_LE, [OP_ULT] = OP_UGE, [OP_UGE] = OP_ULT,
		[OP_ULE] = OP_UGT, [OP_UGT] = OP_ULE,
	};

	if (e->kind == E_UNKNOWN)
		return e;
	if (e->kind == E_INT)
		return e_int(!e->value);
	if (e->kind == E_OP && (e->op == OP_BOTH || e->op == OP_EITHER))
		return raw(e->op == OP_BOTH ? OP_EITHER : OP_BOTH, 8, e_not(e->a), e_not(e->b),
			   NULL);
	if (e->kind == E_OP && e->op >= OP_EQ && e->op <= OP_UGE)
		return raw(inverse[e->op], e->size, e->a, e->b, NULL);
	return raw(OP_EQ, 8, e, e_int(0), NULL);
}

const char *unknown_why(const struct expr *e)
{
	if (!e || !e->unknown)
		return NULL;
	if (e->kind == E_UNKNOWN)
		return (const char *)e->value;
	if (e->a && e->a->unknown)
		return unknown_why(e->a);
	return unknown_why(e->b && e->b->unknown ? e->b : e->c);
}

void e_walk(const struct expr *e, void (*see)(const struct expr *e, void *data), void *data)
{
	if (!e)
		return;
	e_walk(e->a, see, data);
	e_walk(e->b, see, data);
	e_walk(e->c, see, data);
	see(e, data);
}

bool e_has(const struct expr *e, enum kind kind)
{
	return e &&
	       (e->kind == kind || e_has(e->a, kind) || e_has(e->b, kind) || e_has(e->c, kind));
}

bool e_contains(const struct expr *e, const struct expr *part)
{
	return e && (e == part || e_contains(e->a, part) || e_contains(e->b, part) ||
		     e_contains(e->c, part));
}

const struct expr *e_replace(const struct expr *e, const struct expr *part, const struct expr *with)
{
	const struct expr *a, *b;

	if (e == part)
		return with;
	if (!e_contains(e, part))
		return e;
	a = e->a ? e_replace(e->a, part, with) : NULL;
	b = e->b ? e_replace(e->b, part, with) : NULL;
	switch (e->kind) {
	case E_LOAD:
		return e_load(a, e->size, e->sign, e->where);
	case E_PERCPU:
		return e_percpu(a);
	default:
		break;
	}
	switch (e->op) {
	case OP_TRUNC:
		return e_trunc(a, e->size);
	case OP_SEXT:
		return e_sext(a, e->size);
	case OP_SELECT:
		return e_select(a, b, e_replace(e->c, part, with));
	default:
		return e_op(e->op, e->size, a, b);
	}
}
