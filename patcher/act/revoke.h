/* SPDX-License-Identifier: GPL-2.0 */
/*
 * revoke: takes the open files of a target from the tasks that have them, for force=1.
 */
#ifndef PATCHER_REVOKE_H
#define PATCHER_REVOKE_H

struct patcher_rescue;

int patcher_revoke(struct patcher_rescue *rescue, unsigned int references);
void patcher_revoke_done(struct patcher_rescue *rescue);
void patcher_revoke_undo(struct patcher_rescue *rescue);
void patcher_revoke_exit(void);

#endif /* PATCHER_REVOKE_H */
