// SPDX-License-Identifier: GPL-2.0
/*
 * dry_run: what a rescue would do, in words.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include <patcher/stub.h>

#include "clear.h"
#include "dry_run.h"
#include "log.h"
#include "look/leaked.h"
#include "request.h"
#include "rescue.h"

/* Of PATCHER_ARM. */
static void log_change_planned(const struct patcher_rescue *rescue,
			       const struct patcher_verdict *verdict)
{
	if (verdict->revoke)
		patcher_notice(rescue->name,
			       "dry run: %u references would be taken, with the open files that hold them",
			       verdict->revoke);
	if (verdict->redirect)
		patcher_notice(rescue->name, "dry run: its exit %ps would lead to %ps",
			       rescue->snapshot.exit, rescue->stub->cleanup);
	if (verdict->set_state)
		patcher_notice(rescue->name, "dry run: its state would become LIVE");
	if (verdict->set_count)
		patcher_notice(rescue->name, "dry run: its refcnt would become 0");
	if (*verdict->text)
		patcher_warn(rescue->name, "dry run: %s", verdict->text);
	patcher_notice(rescue->name, "dry run: it would be armed");
}

static void log_plan(const struct patcher_rescue *rescue, const struct patcher_options *options,
		     const struct patcher_diagnosis *found, const struct patcher_verdict *verdict)
{
	bool may_change = verdict->action == PATCHER_QUARANTINE ||
			  verdict->action == PATCHER_ARM;

	if (may_change &&
	    patcher_leaked_check(rescue->target, rescue->name, found, options->leaked)) {
		patcher_notice(rescue->name, "dry run: it would be refused, see above");
		patcher_notice(rescue->name, "dry run: nothing was changed");
		return;
	}
	switch (verdict->action) {
	case PATCHER_REFUSE:
		patcher_notice(rescue->name, "dry run: it would be refused: %s (%pe)",
			       verdict->text, ERR_PTR(verdict->error));
		break;
	case PATCHER_WAIT:
		patcher_notice(rescue->name, "dry run: it would wait up to %u ms: %s",
			       options->timeout_ms, verdict->text);
		break;
	case PATCHER_LET_GO:
		patcher_notice(rescue->name, "dry run: tasks would be released or evicted: %s",
			       verdict->text);
		break;
	case PATCHER_QUARANTINE:
		patcher_notice(rescue->name, "dry run: it would be quarantined");
		break;
	case PATCHER_ARM:
		log_change_planned(rescue, verdict);
		break;
	}
	patcher_notice(rescue->name, "dry run: nothing was changed");
}

/**
 * patcher_dry_run - look and judge once, and log what would be done
 * @rescue: in PATCHER_ARMING
 * @options: what the user asked for
 *
 * Nothing is waited for: that it is in the way is what is asked for.
 *
 * Context: process context, sleeps; no lock held.
 * Return: 0, whatever the verdict; or a negative errno, and the log says why.
 */
int patcher_dry_run(struct patcher_rescue *rescue, const struct patcher_options *options)
{
	struct patcher_verdict *verdict = kzalloc(sizeof(*verdict), GFP_KERNEL);
	struct patcher_diagnosis *found = kzalloc(sizeof(*found), GFP_KERNEL);
	struct patcher_patience wait = {};
	int err = -ENOMEM;

	if (verdict && found)
		err = patcher_look_and_judge(rescue, options, &wait, found, verdict);
	if (!err) {
		patcher_log_diagnosis(rescue, found, verdict);
		log_plan(rescue, options, found, verdict);
	} else {
		patcher_refuse(rescue->name, err, "dry run: it could not be examined; try again");
	}
	kfree(found);
	kfree(verdict);
	return err;
}
