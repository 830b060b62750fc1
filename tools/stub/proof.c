// SPDX-License-Identifier: GPL-2.0
/*
 * proof: does the compiled stub do what the target's function does?
 *
 * The stub's object is carried out as the target is. Its pointers, which patcher binds, are
 * replaced by the symbols that its own table names. Then each call and store is a line of
 * text, with its arguments and with the conditions that it is under, and the lines are
 * compared. What the stub asks in addition, whether a step is still needed, may be there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "proof.h"
#include "stub.h"
#include "unpack.h"

/* How far values that depend on themselves are followed. */
#define MAX_NESTING	12

struct side {
	struct exec *exec;
	const struct module *module;
	const struct module *target;
	/* Of the stub: its pointers, and the symbols that they stand for. */
	struct pointer {
		struct place place;
		const struct symbol *symbol;
	} *pointers;
	u32 n_pointers;
	struct line {
		char *text;
		u32 block;
		const char **conditions;
		u32 n_conditions;
		bool matched;
	} *lines;
	u32 n_lines;
	const struct expr *open[MAX_NESTING];	/* E_PHI that are being written */
	u32 n_open;
};

static void print(struct side *side, struct buffer *out, const struct expr *e);

static const struct symbol *bound(const struct side *side, const struct expr *e)
{
	u32 i;

	if (e->kind != E_LOAD || e->size != 8 || e->a->kind != E_ADDR)
		return NULL;
	for (i = 0; i < side->n_pointers; i++)
		if (side->pointers[i].place.section == e->a->where &&
		    side->pointers[i].place.offset == (u64)e->a->value)
			return side->pointers[i].symbol;
	return NULL;
}

static const char *printed(struct side *side, const struct expr *e)
{
	struct buffer out = {};

	print(side, &out, e);
	return out.at;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char **)a, *(const char **)b);
}

/* What a value is that several ways bring: all of them; itself as "^". */
static void print_phi(struct side *side, struct buffer *out, const struct expr *e)
{
	const struct block *block = &side->exec->func->blocks[e->where];
	const char **inputs = alloc((block->n_from + 1) * sizeof(*inputs));
	u32 i, first, n = 0;

	for (i = 0; i < side->n_open; i++) {
		if (side->open[i] == e) {
			add(out, "^");
			return;
		}
	}
	if (side->n_open == MAX_NESTING) {
		add(out, "?");
		return;
	}
	side->open[side->n_open++] = e;
	for (i = 0; i < block->n_from; i++)
		inputs[n++] = printed(side, phi_input(side->exec, e, block->from[i]));
	side->n_open--;
	qsort(inputs, n, sizeof(*inputs), by_text);
	/* Ways that bring the same are one, and those that bring itself none. */
	for (i = 0, first = n; i < n; i++) {
		if (!strcmp(inputs[i], "^"))
			continue;
		if (first < n && strcmp(inputs[i], inputs[first]))
			break;
		first = i;
	}
	if (i == n && first < n) {
		add(out, "%s", inputs[first]);
		return;
	}
	add(out, "{");
	for (i = 0; i < n; i++)
		if (strcmp(inputs[i], "^") && (!i || strcmp(inputs[i], inputs[i - 1])))
			add(out, " %s", inputs[i]);
	add(out, " }");
}

static const char *callee(struct side *side, const struct stmt *stmt)
{
	const struct symbol *symbol;

	if (stmt->name)
		return stmt->name;
	switch (stmt->target.kind) {
	case T_EXT:
		return side->module->symbols[stmt->target.symbol].name;
	case T_OWN:
		symbol = module_function_at(side->module, stmt->target.place);
		return text("%s:%lx", side->module->sections[stmt->target.place.section].name,
			    symbol ? symbol->value : stmt->target.place.offset);
	default:
		break;
	}
	symbol = stmt->callee ? bound(side, stmt->callee) : NULL;
	if (symbol)
		return text("%s:%lx", side->target->sections[symbol->section].name, symbol->value);
	if (stmt->callee && stmt->callee->kind == E_ADDR)
		return text("%s:%lx", side->module->sections[stmt->callee->where].name,
			    stmt->callee->value);
	return text("*(%s)", stmt->callee ? printed(side, stmt->callee) : "?");
}

static void print_result(struct side *side, struct buffer *out, const struct expr *e)
{
	const struct code *code = &side->exec->code[side->exec->func->insns[e->where].block];
	u32 i;

	for (i = 0; i < code->n_stmts; i++)
		if (code->stmts[i].insn == e->where && code->stmts[i].kind == S_CALL)
			add(out, "%s()", callee(side, &code->stmts[i]));
}

/* A sum: terms, each a number of times, and a constant. */
struct sum {
	struct term {
		const char *text;
		s64 times;
	} terms[32];
	u32 n;
	s64 constant;
	bool full;
};

static void add_term(struct sum *sum, const char *what, s64 times)
{
	u32 i;

	for (i = 0; i < sum->n; i++) {
		if (!strcmp(sum->terms[i].text, what)) {
			sum->terms[i].times += times;
			return;
		}
	}
	if (sum->n == ARRAY_SIZE(sum->terms)) {
		sum->full = true;
		return;
	}
	sum->terms[sum->n++] = (struct term){ what, times };
}

static void add_address(struct sum *sum, const struct module *module, struct place place, s64 times)
{
	if (place_is_string(module, place) && module_string(module, place)) {
		add_term(sum, text("\"%s\"", module_string(module, place)), times);
		return;
	}
	add_term(sum, text("&%s", module->sections[place.section].name), times);
	sum->constant += times * place.offset;
}

/*
 * x * 72, (x + x * 8) << 3 and whatever else the compiler may make of it are the same sum. What
 * is narrower counts as a term of its own.
 */
static void add_to(struct side *side, struct sum *sum, const struct expr *e, u32 size, s64 times)
{
	const struct symbol *symbol = bound(side, e);

	if (symbol) {
		add_address(sum, side->target, (struct place){symbol->section, symbol->value},
			    times);
	} else if (e->kind == E_INT) {
		sum->constant += times * e->value;
	} else if (e->kind == E_ADDR) {
		add_address(sum, side->module, (struct place){ e->where, e->value }, times);
	} else if (e->kind == E_OP && e->size >= size && e->op == OP_ADD) {
		add_to(side, sum, e->a, size, times);
		add_to(side, sum, e->b, size, times);
	} else if (e->kind == E_OP && e->size >= size && e->op == OP_SUB) {
		add_to(side, sum, e->a, size, times);
		add_to(side, sum, e->b, size, -times);
	} else if (e->kind == E_OP && e->size >= size && e->op == OP_MUL && e->b->kind == E_INT) {
		add_to(side, sum, e->a, size, times * e->b->value);
	} else if (e->kind == E_OP && e->size >= size && e->op == OP_SHL && e->b->kind == E_INT) {
		add_to(side, sum, e->a, size, times << (e->b->value & 63));
	} else if (e->kind == E_OP && e->size >= size && e->op == OP_TRUNC && size < 8) {
		add_to(side, sum, e->a, size, times);
	} else {
		add_term(sum, printed(side, e), times);
	}
}

static int by_term(const void *a, const void *b)
{
	return strcmp(((const struct term *)a)->text, ((const struct term *)b)->text);
}

static void print_sum(struct side *side, struct buffer *out, const struct expr *e)
{
	u32 size = e->kind == E_OP ? e->size : 8, i, n = 0;
	struct sum sum = {};

	add_to(side, &sum, e, size, 1);
	if (size < 8) {
		sum.constant = e_trunc(e_int(sum.constant), size)->value;
		for (i = 0; i < sum.n; i++)
			sum.terms[i].times = e_trunc(e_int(sum.terms[i].times), size)->value;
	}
	for (i = 0; i < sum.n; i++)
		if (sum.terms[i].times)
			sum.terms[n++] = sum.terms[i];
	if (n)
		qsort(sum.terms, n, sizeof(*sum.terms), by_term);
	if (n == 1 && sum.terms[0].times == 1 && !sum.constant && size == 8) {
		add(out, "%s", sum.terms[0].text);
		return;
	}
	add(out, "(%s", sum.full ? "? " : "");
	for (i = 0; i < n; i++)
		add(out, "%ld*%s + ", sum.terms[i].times, sum.terms[i].text);
	add(out, "%ld)%u", sum.constant, size);
}

static bool is_sum(const struct expr *e)
{
	/* The lowest bytes of a sum are the sum of the lowest bytes. */
	if (e->op == OP_TRUNC)
		return e->a->kind == E_OP && is_sum(e->a);
	return e->op == OP_ADD || e->op == OP_SUB || (e->op == OP_MUL && e->b->kind == E_INT) ||
	       (e->op == OP_SHL && e->b->kind == E_INT);
}

static void print_op(struct side *side, struct buffer *out, const struct expr *e)
{
	const char *a, *b, *swap;
	bool swaps = e->op == OP_MUL || e->op == OP_AND || e->op == OP_OR || e->op == OP_XOR ||
		e->op == OP_EQ || e->op == OP_NE;

	if (is_sum(e)) {
		print_sum(side, out, e);
		return;
	}
	a = printed(side, e->a);
	b = e->b ? printed(side, e->b) : "";
	if (swaps && strcmp(a, b) > 0) {
		swap = a;
		a = b;
		b = swap;
	}
	/* What has been read, or computed, of that size. */
	if (e->op == OP_TRUNC &&
	    ((a[0] == '[' && a[1] >= '1' && a[1] <= '0' + e->size && a[2] == ' ') ||
	     (e->a->kind == E_OP && e->a->size == e->size && ends(a, text(")%u", e->size))))) {
		add(out, "%s", a);
		return;
	}
	add(out, "(%u.%u %s %s", e->op, e->size, a, b);
	if (e->c)
		add(out, " %s", printed(side, e->c));
	add(out, ")");
}

static void print(struct side *side, struct buffer *out, const struct expr *e)
{
	if (bound(side, e) || e->kind == E_ADDR) {
		print_sum(side, out, e);
		return;
	}
	switch (e->kind) {
	case E_INT:
		add(out, "%lx", e->value);
		break;
	case E_EXT:
		add(out, "%s+%ld", side->module->symbols[e->where].name, e->value);
		break;
	case E_STACK:
		add(out, "local");
		break;
	case E_PERCPU:
		add(out, "percpu(%s)", printed(side, e->a));
		break;
	case E_LOAD:
		add(out, "[%u %s]", e->size, printed(side, e->a));
		break;
	case E_RESULT:
		print_result(side, out, e);
		break;
	case E_PHI:
		print_phi(side, out, e);
		break;
	case E_OP:
		print_op(side, out, e);
		break;
	default:
		add(out, "?");
	}
}

/* An argument is what its parameter's type takes of it. */
static const struct expr *taken(const struct side *side, const struct stmt *stmt, u32 i)
{
	const struct prototype *prototype = NULL;
	u64 size;

	if (stmt->target.kind == T_EXT)
		prototype = types_exported(callee((struct side *)side, stmt));
	if (!prototype || i >= prototype->n_parameters)
		return stmt->args[i];
	size = types_size(prototype->parameters[i].type);
	return size == 1 || size == 2 || size == 4 ? e_trunc(stmt->args[i], size) : stmt->args[i];
}

/* Branches that a block is behind, each with the way that was taken. */
static void note_conditions(struct side *side, struct line *line, u32 block)
{
	const struct func *func = side->exec->func;
	u32 at = block, above, way;

	for (; at != func->first; at = above) {
		const struct expr *condition;

		above = func->blocks[at].dominator;
		condition = side->exec->code[above].condition;
		if (!condition || func->blocks[at].n_from != 1)
			continue;
		way = func->blocks[above].next[1] == at;
		more(line->conditions, line->n_conditions);
		line->conditions[line->n_conditions++] =
			printed(side, way ? condition : e_not(condition));
	}
}

static void note_stmt(struct side *side, const struct stmt *stmt, u32 block)
{
	struct buffer out = {};
	u32 i;

	switch (stmt->kind) {
	case S_CALL:
		add(&out, "%s(", callee(side, stmt));
		for (i = 0; i < stmt->n_args; i++)
			add(&out, "%s%s", i ? ", " : "", printed(side, taken(side, stmt, i)));
		add(&out, ")");
		break;
	case S_ATOMIC:
		add(&out, "atomic%u.%u(%s, %s)", stmt->atomic, stmt->size,
		    printed(side, stmt->args[0]), printed(side, stmt->args[1]));
		break;
	case S_STORE:
		if (stmt->args[0]->kind == E_STACK)
			return;
		add(&out, "[%u %s] = %s", stmt->size, printed(side, stmt->args[0]),
		    printed(side, e_trunc(stmt->args[1], stmt->size)));
		break;
	default:
		return;
	}
	more(side->lines, side->n_lines);
	side->lines[side->n_lines] = (struct line){ .text = out.at, .block = block };
	note_conditions(side, &side->lines[side->n_lines++], block);
}

static void note_all(struct side *side)
{
	const struct func *func = side->exec->func;
	u32 i, j;

	for (i = 0; i < func->n_order; i++) {
		const struct code *code = &side->exec->code[func->order[i]];

		for (j = 0; j < code->n_stmts; j++)
			note_stmt(side, &code->stmts[j], func->order[i]);
	}
}

/* struct patcher_symbol: name, where, size, kind. */
static void read_pointers(struct side *side)
{
	const struct symbol *table = module_symbol(side->module, "symbols");
	const struct reloc *name, *where;
	const struct symbol *in;
	const char *string;
	u64 at;

	for (at = 0; table && at + 32 <= table->size; at += 32) {
		name = module_reloc(side->module, table->section, table->value + at,
				    table->value + at + 8);
		where = module_reloc(side->module, table->section, table->value + at + 8,
				     table->value + at + 16);
		if (!name || !where)
			continue;
		in = &side->module->symbols[name->symbol];
		string = module_string(side->module,
				       (struct place){ in->section, in->value + name->addend });
		if (!string || !module_symbol(side->target, string))
			continue;
		in = &side->module->symbols[where->symbol];
		more(side->pointers, side->n_pointers);
		side->pointers[side->n_pointers++] = (struct pointer){
			.place = { in->section, in->value + where->addend },
			.symbol = module_symbol(side->target, string),
		};
	}
}

/* For struct exec: of a call through a pointer that patcher binds. */
static int n_args(const struct target *target, const struct expr *callee, void *data)
{
	const struct side *side = data;
	const struct symbol *symbol = callee ? bound(side, callee) : NULL;

	if (symbol)
		return stub_count_parameters(side->target,
					     (struct place){ symbol->section, symbol->value });
	return stub_n_args(target, callee, (void *)side->module);
}

/* Calls that only the tests in a stub make (tests.c). */
static bool is_test(const char *line)
{
	return starts(line, "driver_find(");
}

static bool conditions_hold(const struct line *target, const struct line *stub)
{
	u32 i, j;

	for (i = 0; i < target->n_conditions; i++) {
		for (j = 0; j < stub->n_conditions; j++)
			if (!strcmp(target->conditions[i], stub->conditions[j]))
				break;
		if (j == stub->n_conditions)
			return false;
	}
	return true;
}

static bool leads_to(const struct func *func, u32 from, u32 to, bool *seen)
{
	u32 i, next;

	for (i = 0; i < 2; i++) {
		next = func->blocks[from].next[i];
		if (next == NO_BLOCK || seen[next])
			continue;
		if (next == to)
			return true;
		seen[next] = true;
		if (leads_to(func, next, to, seen))
			return true;
	}
	return false;
}

static bool both_happen(const struct side *side, u32 a, u32 b)
{
	const struct func *func = side->exec->func;

	return a == b || leads_to(func, a, b, alloc(func->n_blocks)) ||
	       leads_to(func, b, a, alloc(func->n_blocks));
}

/* The compiler copies the end of a function to each of the ways that lead to it. */
static bool is_copy(const struct side *stub, const struct line *line)
{
	u32 i;

	for (i = 0; i < stub->n_lines; i++)
		if (stub->lines[i].matched && !strcmp(stub->lines[i].text, line->text) &&
		    !both_happen(stub, stub->lines[i].block, line->block))
			return true;
	return false;
}

static size_t callee_length(const char *line)
{
	return strcspn(line, "(=");
}

/* Says what the stub has that comes closest. */
static void explain(const struct side *stub, const struct line *line, struct buffer *why)
{
	size_t length = callee_length(line->text);
	u32 i, j;

	add(why, "the stub does not do as the target does: %s", line->text);
	for (i = 0; i < line->n_conditions; i++)
		add(why, "%s%s", i ? " and " : " if ", line->conditions[i]);
	for (i = 0; i < stub->n_lines; i++) {
		const struct line *other = &stub->lines[i];

		if (other->matched || callee_length(other->text) != length ||
		    strncmp(other->text, line->text, length))
			continue;
		add(why, "; it does: %s", other->text);
		for (j = 0; j < other->n_conditions; j++)
			add(why, "%s%s", j ? " and " : " if ", other->conditions[j]);
	}
}

static enum verdict compare(struct side *target, struct side *stub, struct buffer *why)
{
	enum verdict verdict = PROVEN;
	u32 i, j, last = 0;

	for (i = 0; i < target->n_lines; i++) {
		struct line *found = NULL;

		for (j = 0; j < stub->n_lines && !found; j++)
			if (!stub->lines[j].matched &&
			    !strcmp(stub->lines[j].text, target->lines[i].text) &&
			    conditions_hold(&target->lines[i], &stub->lines[j]))
				found = &stub->lines[j];
		if (!found) {
			explain(stub, &target->lines[i], why);
			return DIFFERS;
		}
		found->matched = true;
		if ((u32)(found - stub->lines) < last)
			verdict = REORDERED;
		last = found - stub->lines;
	}
	for (j = 0; j < stub->n_lines; j++) {
		if (stub->lines[j].matched || is_test(stub->lines[j].text) ||
		    is_copy(stub, &stub->lines[j]))
			continue;
		add(why, "the stub does what the target does not: %s", stub->lines[j].text);
		return DIFFERS;
	}
	return verdict;
}

enum verdict proof(struct exec *target, const char *object, const char *function,
		   struct buffer *why)
{
	const char *subject = fail_subject;
	struct exec exec = {};
	struct side a = { .exec = target, .module = target->func->module,
			  .target = target->func->module };
	struct side b = { .exec = &exec, .target = target->func->module };
	const struct symbol *cleanup;

	b.module = module_read(object);
	cleanup = module_symbol(b.module, function);
	if (!cleanup)
		fail("has no function %s", function);
	fail_subject = subject;
	read_pointers(&b);
	exec.n_args = n_args;
	exec.data = &b;
	exec.func =
		func_build(b.module, (struct place){cleanup->section, cleanup->value}, NULL, NULL);
	if (!exec.func->trouble)
		exec_run(&exec, NULL);
	if (exec.func->trouble) {
		add(why, "the compiled stub %s", exec.func->trouble);
		return DIFFERS;
	}
	note_all(&a);
	note_all(&b);
	return compare(&a, &b, why);
}

static void list_args(struct side *side, const struct stmt *stmt)
{
	u32 i;

	for (i = 0; i < stmt->n_args; i++)
		printf("\t%s", printed(side, taken(side, stmt, i)));
	printf("\n");
}

void proof_list(struct exec *exec, const char *function)
{
	struct side side = {
		.exec = exec, .module = exec->func->module, .target = exec->func->module};
	u32 i, j;

	for (i = 0; i < exec->func->n_order; i++) {
		const struct code *code = &exec->code[exec->func->order[i]];

		for (j = 0; j < code->n_stmts; j++) {
			const struct stmt *stmt = &code->stmts[j];

			if (stmt->kind == S_CALL) {
				printf("%s\tcall\t%s", function, callee(&side, stmt));
				list_args(&side, stmt);
			} else if (stmt->kind == S_UNKNOWN) {
				printf("%s\tunknown\t%s\n", function, stmt->why);
			} else if (stmt->kind == S_STORE && stmt->args[0]->kind == E_ADDR) {
				printf("%s\tstore\t%s\t%s\n", function,
				       printed(&side, stmt->args[0]),
				       printed(&side, stmt->args[1]));
			}
		}
	}
}
