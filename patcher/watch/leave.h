/* SPDX-License-Identifier: GPL-2.0 */
/*
 * leave: what becomes of a module at the gate.
 */
#ifndef PATCHER_LEAVE_H
#define PATCHER_LEAVE_H

int patcher_leave_start(void);
void patcher_leave_stop(void);

#endif /* PATCHER_LEAVE_H */
