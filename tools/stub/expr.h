/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Values, as expressions over the target's own variables. Equal ones are the same node, so
 * they are compared by their address. All are of 64 bits; a narrower one is zero-extended.
 */
#ifndef STUB_EXPR_H
#define STUB_EXPR_H

#include "util.h"

enum kind {
	E_INT,		/* value */
	E_ADDR,		/* the address of section where + value, in the target */
	E_EXT,		/* the address of symbol where + value, in the kernel or another module */
	E_STACK,	/* the address value on the stack; 0 is where the function was entered */
	E_PERCPU,	/* this CPU's copy of what is at a */
	E_LOAD,		/* size bytes at a, as read by instruction where */
	E_RESULT,	/* of the call at instruction where */
	E_PARAM,	/* register where as it was when the function was entered */
	E_PHI,		/* register (or stack slot) value, as it is when block where is entered */
	E_OP,		/* op, of size bytes */
	E_UNKNOWN,	/* see unknown_why() */
};

enum op {
	OP_ADD, OP_SUB, OP_MUL, OP_AND, OP_OR, OP_XOR, OP_SHL, OP_SHR, OP_SAR, OP_NEG, OP_NOT,
	OP_TRUNC, OP_SEXT,	/* of the lowest size bytes of a */
	OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_ULT, OP_ULE, OP_UGT, OP_UGE,
	OP_SELECT,		/* a ? b : c */
	OP_KEY,			/* static_key_enabled(a) */
	OP_BOTH, OP_EITHER,	/* a && b, a || b */
};

struct expr {
	u8 kind, op, size;
	bool sign;		/* E_LOAD: sign-extended */
	bool unknown;		/* there is an E_UNKNOWN in it */
	u32 where;
	s64 value;
	const struct expr *a, *b, *c;
	u32 nodes, id;
};

const struct expr *e_int(u64 value);
const struct expr *e_addr(u32 section, s64 offset);
const struct expr *e_ext(u32 symbol, s64 offset);
const struct expr *e_stack(s64 offset);
const struct expr *e_percpu(const struct expr *a);
const struct expr *e_load(const struct expr *at, u32 size, bool sign, u32 where);
const struct expr *e_result(u32 where);
const struct expr *e_param(u32 reg);
const struct expr *e_phi(u32 block, u32 reg);
const struct expr *e_unknown(const char *why);

/* e_op() and the like fold constants, and write each value in one way only. */
const struct expr *e_op(enum op op, u32 size, const struct expr *a, const struct expr *b);
const struct expr *e_select(const struct expr *a, const struct expr *b, const struct expr *c);
const struct expr *e_trunc(const struct expr *a, u32 size);
const struct expr *e_sext(const struct expr *a, u32 size);
const struct expr *e_not(const struct expr *condition);

bool e_is_int(const struct expr *e, u64 value);
bool e_is_compare(const struct expr *e);

/* The first reason in it why it is not known. */
const char *unknown_why(const struct expr *e);

/* Calls see() for each node of it, itself last. */
void e_walk(const struct expr *e, void (*see)(const struct expr *e, void *data), void *data);

bool e_has(const struct expr *e, enum kind kind);
bool e_contains(const struct expr *e, const struct expr *part);

/* The same, with another one in place of part. */
const struct expr *e_replace(const struct expr *e, const struct expr *part,
			     const struct expr *with);

#endif /* STUB_EXPR_H */
