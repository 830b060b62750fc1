/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel's log says of an oops, a warning, a deadlock and the like. */
#ifndef PATCHER_REPORTS_H
#define PATCHER_REPORTS_H

#include "live.h"

/*
 * reports_take(): if @line begins a report, it is added to @reports; if it says where the one
 * before has happened, that is added to it.
 */
void reports_take(struct names *reports, const char *line);

#endif /* PATCHER_REPORTS_H */
