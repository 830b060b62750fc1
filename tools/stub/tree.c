// SPDX-License-Identifier: GPL-2.0
/*
 * tree: statements of C, made simpler and written.
 */
#include <stdio.h>
#include <string.h>

#include "tree.h"

#define WIDTH	100

void list_init(struct list *list)
{
	list->first = NULL;
	list->last = &list->first;
}

struct node *list_add(struct list *list, enum node_kind kind)
{
	struct node *node = alloc(sizeof(*node));

	node->kind = kind;
	*list->last = node;
	list->last = &node->next;
	return node;
}

void list_append(struct list *list, struct list *more)
{
	if (!more->first)
		return;
	*list->last = more->first;
	list->last = more->last;
}

static bool is_break(const struct node *node)
{
	return node && node->kind == N_BREAK && !node->next;
}

/* A continue of this loop, not of one within. */
static bool has_continue(const struct node *node)
{
	for (; node; node = node->next) {
		if (node->kind == N_CONTINUE)
			return true;
		if (node->kind == N_IF && (has_continue(node->then) || has_continue(node->other)))
			return true;
	}
	return false;
}

/* for (;;) { if (x) break; ... }, and for (;;) { ... if (x) break; } */
static void simplify_loop(struct node *loop)
{
	struct node *first = loop->then, **last;

	if (first && first->kind == N_IF && is_break(first->then) && !first->other) {
		loop->kind = N_WHILE;
		loop->text = first->negated;
		loop->negated = first->text;
		loop->then = first->next;
		return;
	}
	if (!first || has_continue(first))
		return;
	for (last = &loop->then; (*last)->next; last = &(*last)->next)
		;
	if ((*last)->kind == N_IF && is_break((*last)->then) && !(*last)->other) {
		loop->kind = N_DO;
		loop->text = (*last)->negated;
		*last = NULL;
	}
}

static void swap(struct node *node)
{
	struct node *then = node->then;
	const char *text = node->text;

	node->then = node->other;
	node->other = then;
	node->text = node->negated;
	node->negated = text;
}

static bool leaves(const struct node *node)
{
	while (node && node->next)
		node = node->next;
	return node && (node->kind == N_BREAK || node->kind == N_GOTO || node->kind == N_RETURN ||
			node->kind == N_CONTINUE);
}

static void append(struct node *to, struct node *what)
{
	while (to->next)
		to = to->next;
	to->next = what;
}

/* Of two branches the one that leaves needs no else. */
static void simplify_if(struct node *node)
{
	struct node *rest = node->next;

	if (!node->then)
		swap(node);
	if (!node->then || !node->other)
		return;
	if (!leaves(node->then) && leaves(node->other))
		swap(node);
	if (!leaves(node->then))
		return;
	node->next = node->other;
	node->other = NULL;
	append(node, rest);
}

static void simplify(struct node **first)
{
	struct node **at = first, *node;

	while ((node = *at)) {
		if (node->kind == N_IF)
			simplify_if(node);
		simplify(&node->then);
		simplify(&node->other);
		if (node->kind == N_IF && !node->then && !node->other) {
			*at = node->next;
			continue;
		}
		if (node->kind == N_LOOP)
			simplify_loop(node);
		at = &node->next;
	}
}

static bool is_wanted(const struct node *node, u32 block)
{
	for (; node; node = node->next)
		if ((node->kind == N_GOTO && node->block == block) ||
		    is_wanted(node->then, block) || is_wanted(node->other, block))
			return true;
	return false;
}

static void add_line(struct buffer *out, u32 depth, const char *line)
{
	while (depth--)
		add(out, "\t");
	add(out, "%s\n", line);
}

static u32 width_of(u32 depth, const char *line, size_t length)
{
	(void)line;
	return 8 * depth + length;
}

/* Where a line that is too long can be broken: behind the last "," or "&&" that fits. */
static size_t break_at(const char *line, size_t most)
{
	size_t i, best = 0;
	bool string = false;

	for (i = 0; line[i] && i < most; i++) {
		if (line[i] == '"' && (!i || line[i - 1] != '\\'))
			string = !string;
		if (string || line[i] != ' ' || !i)
			continue;
		if (line[i - 1] == ',' || (i > 1 && !strncmp(line + i - 2, "&&", 2)) ||
		    (i > 1 && !strncmp(line + i - 2, "||", 2)))
			best = i;
	}
	return best;
}

/* Where what follows on the next line is aligned: behind the parenthesis that is open. */
static u32 open_column(const char *line, size_t length)
{
	u32 columns[32], depth = 0;
	bool string = false;
	size_t i;

	for (i = 0; i < length; i++) {
		if (line[i] == '"' && (!i || line[i - 1] != '\\'))
			string = !string;
		if (string)
			continue;
		if (line[i] == '(' && depth < ARRAY_SIZE(columns))
			columns[depth++] = i + 1;
		else if (line[i] == ')' && depth)
			depth--;
	}
	return depth ? columns[depth - 1] : 8;
}

static void add_statement(struct buffer *out, u32 depth, const char *line)
{
	u32 column = 8 * depth, i;
	size_t at;

	for (i = 0; i < depth; i++)
		add(out, "\t");
	while (width_of(0, line, column + strlen(line)) > WIDTH) {
		at = break_at(line, WIDTH > column ? WIDTH - column : 1);
		if (!at)
			break;
		add_n(out, line, at);
		add(out, "\n");
		column += open_column(line, at);
		if (column > WIDTH / 2)
			column = 8 * depth + 8;
		for (i = 0; i < column / 8; i++)
			add(out, "\t");
		for (i = 0; i < column % 8; i++)
			add(out, " ");
		line += at + 1;
	}
	add(out, "%s\n", line);
}

static void write(const struct node *node, const struct node *all, struct buffer *out, u32 depth);

/* One statement needs no braces; a line of the preprocessor or a comment does. */
static bool needs_braces(const struct node *node)
{
	if (!node || node->next || node->kind == N_LABEL)
		return true;
	if (node->kind == N_IF || node->kind == N_LOOP || node->kind == N_WHILE ||
	    node->kind == N_DO)
		return true;
	return node->kind == N_TEXT && (node->text[0] == '#' || node->text[0] == '/' ||
					starts(node->text, "if (") || strchr(node->text, '\n'));
}

static void write_if(const struct node *node, const struct node *all, struct buffer *out, u32 depth)
{
	bool braces = needs_braces(node->then) || (node->other && needs_braces(node->other));

	add_statement(out, depth, text("if (%s)%s", node->text, braces ? " {" : ""));
	write(node->then, all, out, depth + 1);
	if (node->other) {
		add_line(out, depth, braces ? "} else {" : "else");
		write(node->other, all, out, depth + 1);
	}
	if (braces)
		add_line(out, depth, "}");
}

static void write_loop(const struct node *node, const struct node *all, struct buffer *out,
		       u32 depth)
{
	if (node->kind == N_DO)
		add_line(out, depth, "do {");
	else if (node->kind == N_WHILE && !node->then)
		add_statement(out, depth, text("while (%s)", node->text));
	else if (node->kind == N_WHILE)
		add_statement(out, depth, text("while (%s)%s", node->text,
					       needs_braces(node->then) ? " {" : ""));
	else
		add_line(out, depth, "for (;;) {");
	if (node->kind == N_WHILE && !node->then) {
		add_line(out, depth + 1, ";");
		return;
	}
	write(node->then, all, out, depth + 1);
	if (node->kind == N_DO)
		add_statement(out, depth, text("} while (%s);", node->text));
	else if (node->kind != N_WHILE || needs_braces(node->then))
		add_line(out, depth, "}");
}

/* A label belongs to a statement: before the end of a block it needs an empty one. */
static void write_label(const struct node *node, const struct node *all, struct buffer *out)
{
	const struct node *next = node->next;

	if (!is_wanted(all, node->block))
		return;
	while (next && next->kind == N_LABEL)
		next = next->next;
	add(out, "block_%u:%s\n", node->block, next ? "" : "\n\t;");
}

static void write(const struct node *node, const struct node *all, struct buffer *out, u32 depth)
{
	for (; node; node = node->next) {
		switch (node->kind) {
		case N_IF:
			write_if(node, all, out, depth);
			break;
		case N_LOOP:
		case N_WHILE:
		case N_DO:
			write_loop(node, all, out, depth);
			break;
		case N_LABEL:
			write_label(node, all, out);
			break;
		case N_GOTO:
			add_line(out, depth, text("goto block_%u;", node->block));
			break;
		case N_BREAK:
			add_line(out, depth, "break;");
			break;
		case N_CONTINUE:
			add_line(out, depth, "continue;");
			break;
		case N_RETURN:
			add_line(out, depth, "return;");
			break;
		default:
			if (node->text[0] == '#')
				add(out, "%s\n", node->text);
			else
				add_statement(out, depth, node->text);
		}
	}
}

static void drop_last_return(struct node **first)
{
	struct node **last = first;

	while (*last && (*last)->next)
		last = &(*last)->next;
	if (*last && (*last)->kind == N_RETURN)
		*last = NULL;
}

void tree_write(struct node *first, struct buffer *out)
{
	simplify(&first);
	drop_last_return(&first);
	write(first, first, out, 1);
}
