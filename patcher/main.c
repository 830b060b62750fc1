// SPDX-License-Identifier: GPL-2.0
/*
 * main: parameters, module init and exit.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/moduleparam.h>

#include "ksym.h"
#include "loads.h"
#include "log.h"
#include "options.h"
#include "rescue.h"
#include "watch.h"

static struct patcher_texts texts;

module_param_named(target, texts.target, charp, 0400);
MODULE_PARM_DESC(target, "name of the module to rescue; none: load idle");
module_param_named(stub, texts.stub, charp, 0400);
MODULE_PARM_DESC(stub, "name of the module that knows how to clean up after it; none: the target keeps its own exit");
module_param_named(force, texts.force, charp, 0400);
MODULE_PARM_DESC(force, "1: evict also user tasks and kernel threads that are inside the target; it does not override dependent modules (default 0)");
module_param_named(timeout_ms, texts.timeout_ms, charp, 0400);
MODULE_PARM_DESC(timeout_ms, "how long to wait for tasks to leave the target, in milliseconds (default 5000)");
module_param_named(quarantine, texts.quarantine, charp, 0400);
MODULE_PARM_DESC(quarantine, "1: where tasks cannot be made to leave, run the cleanup, give up the target's memory and free its name (default 0)");

/* By this name in their symbol tables patchers know each other: patcher_is_alone(). */
static const char patcher_mark __used;

static int arm_from_parameters(void)
{
	struct patcher_options options;
	int err;

	if (!texts.target) {
		if (!texts.stub && !texts.force && !texts.quarantine && !texts.timeout_ms)
			return 0;
		pr_err("refused: parameters, but no target=NAME to rescue (%pe)\n",
		       ERR_PTR(-EINVAL));
		return -EINVAL;
	}
	err = patcher_options_parse(&options, &texts);
	if (!err)
		err = patcher_is_alone(options.target);
	if (err)
		return err;
	return patcher_arm(&options);
}

static int __init patcher_init(void)
{
	int err;

	err = patcher_ksym_init();
	if (err)
		return err;
	patcher_loads_init();
	err = patcher_watch_start();
	if (err)
		return err;
	err = arm_from_parameters();
	if (err)
		patcher_watch_stop();
	return err;
}

/* Restores every target that is still armed. */
static void __exit patcher_exit(void)
{
	patcher_disarm_all();
	patcher_watch_wait();
	patcher_watch_stop();
}

module_init(patcher_init);
module_exit(patcher_exit);

MODULE_DESCRIPTION("Gives a wedged module back to rmmod");
MODULE_LICENSE("GPL");
