/* SPDX-License-Identifier: GPL-2.0 */
/* Statements of C as a tree, so that they can be made simpler before they are written. */
#ifndef STUB_TREE_H
#define STUB_TREE_H

#include "util.h"

enum node_kind {
	N_TEXT, N_IF, N_LOOP, N_WHILE, N_DO, N_LABEL, N_GOTO, N_BREAK, N_CONTINUE, N_RETURN
};

struct node {
	enum node_kind kind;
	const char *text;	/* N_TEXT: a line; N_IF, N_WHILE, N_DO: the condition */
	const char *negated;	/* and its opposite */
	u32 block;		/* N_LABEL, N_GOTO */
	struct node *then, *other, *next;
};

struct list {
	struct node *first, **last;
};

void list_init(struct list *list);
struct node *list_add(struct list *list, enum node_kind kind);
void list_append(struct list *list, struct list *more);

/* Makes it simpler, and writes it; labels that nothing leads to are left out. */
void tree_write(struct node *first, struct buffer *out);

#endif /* STUB_TREE_H */
