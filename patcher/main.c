// SPDX-License-Identifier: GPL-2.0
/*
 * main: parameters, module init and exit.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/moduleparam.h>

#include "act/revoke.h"
#include "arm.h"
#include "disarm.h"
#include "kernel/abandoned.h"
#include "kernel/divert.h"
#include "kernel/ksym.h"
#include "kernel/loads.h"
#include "kernel/modules.h"
#include "log.h"
#include "options.h"
#include "rescue.h"
#include "sysfs.h"
#include "version.h"
#include "watch/gate.h"
#include "watch/leave.h"
#include "watch/watch.h"

static struct patcher_texts texts;

module_param_named(target, texts.target, charp, 0400);
MODULE_PARM_DESC(target, "name of the module to rescue; none: load idle");
module_param_named(stub, texts.stub, charp, 0400);
MODULE_PARM_DESC(stub, "name of the module that knows how to clean up after it; none: the target keeps its own exit");
module_param_named(force, texts.force, charp, 0400);
MODULE_PARM_DESC(force, "1: evict also user tasks and kernel threads that are inside the target; make open files of its misc devices answer EIO; it overrides neither dependent modules nor other holders (default 0)");
module_param_named(timeout_ms, texts.timeout_ms, charp, 0400);
MODULE_PARM_DESC(timeout_ms, "how long to wait for tasks to leave the target, in milliseconds (default 5000)");
module_param_named(quarantine, texts.quarantine, charp, 0400);
MODULE_PARM_DESC(quarantine, "1: where tasks cannot be made to leave, run the cleanup, give up the target's memory and free its name (default 0)");
module_param_named(leaked, texts.leaked, charp, 0400);
MODULE_PARM_DESC(leaked, "that so many references, exactly those of which no holder was found, are lost; without it, one that something in memory may have is not corrected");
module_param_named(dry_run, texts.dry_run, charp, 0400);
MODULE_PARM_DESC(dry_run, "1: look and judge, log what would be done, and change nothing; patcher loads idle (default 0)");

static bool guard;
module_param(guard, bool, 0400);
MODULE_PARM_DESC(guard, "1: before any module of this machine is freed, wait until no task is inside and nothing points into it any more (default 0)");

/* By this symbol patchers of any name find each other: patcher_is_alone(). */
static const char patcher_mark __used;

static int read_parameters(struct patcher_options *options)
{
	if (texts.target)
		return patcher_options_parse(options, &texts);
	if (!texts.stub && !texts.force && !texts.quarantine && !texts.timeout_ms &&
	    !texts.dry_run && !texts.leaked)
		return 0;
	pr_err("refused: parameters, but no target=NAME to rescue (%pe)\n",
	       ERR_PTR(-EINVAL));
	return -EINVAL;
}

static int start_watch_and_sysfs(void)
{
	int err;

	err = patcher_leave_start();
	if (err)
		return err;
	err = patcher_watch_start();
	if (err)
		goto err_leave;
	err = patcher_sysfs_init();
	if (err)
		goto err_watch;
	return 0;

err_watch:
	patcher_watch_stop();
err_leave:
	patcher_leave_stop();
	return err;
}

static int start_guard(void)
{
	int err;

	if (!guard)
		return 0;
	err = patcher_gate_guard();
	if (err)
		return patcher_refuse(KBUILD_MODNAME, err,
				      "guard=1: free_module() cannot be redirected on this kernel now");
	patcher_notice(KBUILD_MODNAME, "guards every rmmod of this machine");
	return 0;
}

static int __init patcher_init(void)
{
	struct patcher_options options;
	int err;

	err = patcher_ksym_init();
	if (err)
		return err;
	patcher_divert_init();
	err = read_parameters(&options);
	if (err)
		return err;
	err = patcher_is_alone(texts.target ? options.target : KBUILD_MODNAME);
	if (err)
		return err;
	err = start_watch_and_sysfs();
	if (err) {
		pr_err("refused: there is no memory for patcher itself now; try again (%pe)\n",
		       ERR_PTR(err));
		return err;
	}
	err = start_guard();
	if (err)
		goto err_start;
	if (texts.target)
		err = patcher_arm(&options);
	else
		patcher_loads_sweep(KBUILD_MODNAME, false);
	/* A signal may have come while a routine of the stub runs, which then needs patcher. */
	if (err && patcher_rescue_wait_for_none(0))
		goto err_start;
	return 0;

err_start:
	patcher_sysfs_stop();
	patcher_leave_stop();
	patcher_sysfs_exit();
	patcher_watch_stop();
	patcher_abandoned_forget();
	return err;
}

/* Restores every target that is still armed. */
static void __exit patcher_exit(void)
{
	patcher_sysfs_stop();
	patcher_disarm_all();
	patcher_leave_stop();
	patcher_sysfs_exit();
	patcher_watch_stop();
	patcher_abandoned_forget();
	patcher_revoke_exit();
}

module_init(patcher_init);
module_exit(patcher_exit);

MODULE_DESCRIPTION("Gives a wedged module back to rmmod");
MODULE_VERSION(PATCHER_VERSION);
MODULE_LICENSE("GPL");
