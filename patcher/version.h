/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The version of patcher: the one place that says it.
 */
#ifndef PATCHER_VERSION_H
#define PATCHER_VERSION_H

#define PATCHER_VERSION	"0.1.0"

#endif /* PATCHER_VERSION_H */
