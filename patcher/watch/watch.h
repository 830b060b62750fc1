/* SPDX-License-Identifier: GPL-2.0 */
/*
 * watch: the module notifier; what happens when the target goes.
 */
#ifndef PATCHER_WATCH_H
#define PATCHER_WATCH_H

#include <linux/types.h>

struct module;
struct patcher_occupants;
struct patcher_rescue;

int patcher_watch_start(void);
void patcher_watch_stop(void);
void patcher_watch_init(struct patcher_rescue *rescue);
void patcher_watch_begin(struct patcher_rescue *rescue);
void patcher_watch_keep(struct patcher_rescue *rescue);
void patcher_watch_end(struct patcher_rescue *rescue);
bool patcher_watch_is_empty(struct module *target, const char *name,
			    struct patcher_occupants *found, unsigned long *next_word);
struct patcher_rescue *patcher_watch_hand_over(const struct module *target);

#endif /* PATCHER_WATCH_H */
