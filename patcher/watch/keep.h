/* SPDX-License-Identifier: GPL-2.0 */
/*
 * keep: modules whose exit has run, and whose memory must not be freed yet.
 */
#ifndef PATCHER_KEEP_H
#define PATCHER_KEEP_H

#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/types.h>

#include "judge.h"
#include "look/occupants.h"
#include "look/sweep.h"
#include "watch/seal.h"

/**
 * struct patcher_kept - a module whose exit has run, and whose memory is kept
 * @node: in the list of them, or of those that are at the gate
 * @name: its new name
 * @size: of its memory, in bytes
 * @display: belongs to whatever shows it to the user; NULL while it is not shown
 * @hidden_module: the module's address with all bits inverted, so that no sweep finds it here
 * @is_sealed: its functions return at once; if not, a task was inside
 * @seal: how far that went
 * @due: when it is swept again, in jiffies
 * @pause: how long after the last time that is, in jiffies
 * @lock: protects @who, @error and @sweep
 * @who: which tasks are inside, in words; empty: none
 * @error: of the last sweep, or 0
 * @sweep: its result
 * @occupants: which tasks were inside at the last look
 *
 * What has no lock belongs to the one task that keeps it, and then to keep's work.
 */
struct patcher_kept {
	struct list_head node;
	char name[MODULE_NAME_LEN];
	unsigned long size;
	void *display;
	unsigned long hidden_module;
	bool is_sealed;
	struct patcher_seal seal;
	unsigned long due;
	unsigned long pause;
	struct mutex lock;	/* of the three that follow */
	char who[PATCHER_WHO_LEN];
	int error;
	struct patcher_sweep sweep;
	struct patcher_occupants occupants;
};

/**
 * struct patcher_kept_display - shows what is kept to the user
 * @show: begin to show it; 0 or -ENOMEM, and then @hide is to be called all the same
 * @hide: end that; returns when no task uses what was shown any more
 *
 * All of them in process context, may sleep.
 */
struct patcher_kept_display {
	int (*show)(struct patcher_kept *kept);
	void (*hide)(struct patcher_kept *kept);
};

int patcher_keep_start(void);
void patcher_keep_stop(void);
bool patcher_keep_has(struct module *mod);
bool patcher_keep_is_leaving(const struct module *mod);
void patcher_keep_set_display(const struct patcher_kept_display *display);

struct patcher_kept *patcher_kept_alloc(const struct module *mod);
void patcher_kept_free(struct patcher_kept *kept);
bool patcher_kept_look(struct patcher_kept *kept, struct module *mod);
bool patcher_kept_sweep(struct patcher_kept *kept, struct module *mod, bool comes_again);
void patcher_keep(struct patcher_kept *kept, struct module *mod);
void patcher_kept_sweep_now(struct patcher_kept *kept);
int patcher_kept_residue(struct patcher_kept *kept, char *text, size_t size);

#endif /* PATCHER_KEEP_H */
