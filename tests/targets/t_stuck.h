/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the two halves of t_stuck share: t_stuck_main.c and t_stuck_ways.c.
 */
#ifndef T_STUCK_H
#define T_STUCK_H

#include <linux/compiler.h>

/**
 * struct t_stuck_way - one way to get stuck
 * @name: what how= calls it
 * @prepare: called by init; may be NULL
 * @block: gets stuck; returns when it is let go. NULL: exit is healthy
 * @go: lets it go, for the parameter "go"
 * @undo: called by exit after @block; may be NULL
 */
struct t_stuck_way {
	const char *name;
	int (*prepare)(void);
	void (*block)(void);
	void (*go)(void);
	void (*undo)(void);
};

/* NULL if there is none of that name. */
const struct t_stuck_way *t_stuck_find(const char *name);

/* Where a task that came through the device file may get stuck. */
enum t_stuck_file {
	T_STUCK_NOWHERE,
	T_STUCK_READ,
	T_STUCK_CLOSE,
	T_STUCK_POLL,
};

/* Gets stuck, if this is where. */
void t_stuck_in_file(enum t_stuck_file where);

/* How often the insmod, rmmod or reader came past where it was stuck; parameter "after". */
extern unsigned int t_stuck_after;
/* The same for the module's own threads and works; parameter "others". */
extern unsigned int t_stuck_others;

static __always_inline void t_stuck_passed(unsigned int *count)
{
	WRITE_ONCE(*count, *count + 1);
}

#endif /* T_STUCK_H */
