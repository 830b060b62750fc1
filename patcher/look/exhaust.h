/* SPDX-License-Identifier: GPL-2.0 */
/*
 * exhaust: which words lie in objects that are free.
 */
#ifndef PATCHER_EXHAUST_H
#define PATCHER_EXHAUST_H

#include "look/walk.h"

int patcher_exhaust(struct patcher_hits *hits);

#endif /* PATCHER_EXHAUST_H */
