/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dry_run: what a rescue would do, in words.
 */
#ifndef PATCHER_DRY_RUN_H
#define PATCHER_DRY_RUN_H

struct patcher_options;
struct patcher_rescue;

int patcher_dry_run(struct patcher_rescue *rescue, const struct patcher_options *options);

#endif /* PATCHER_DRY_RUN_H */
