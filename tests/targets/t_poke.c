// SPDX-License-Identifier: GPL-2.0
/*
 * t_poke: makes a wedged module unloadable without a look at who is inside.
 *
 *   echo NAME > /sys/module/t_poke/parameters/target
 *
 * sets its state to LIVE, its raw count to 1 and its exit to one that only frees one object,
 * frees=ADDRESS, as several public tools do. For the negative control only: the next rmmod
 * frees the module, with or without a task in it. -ENODEV when NAME is not loaded.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "find.h"

static unsigned long t_poke_frees;
module_param_named(frees, t_poke_frees, ulong, 0400);
MODULE_PARM_DESC(frees, "Address of an object that the exit frees");

static void t_poke_exit(void)
{
	kfree((void *)t_poke_frees);
}

static int t_poke_set(const char *val, const struct kernel_param *kp)
{
	struct module *mod = t_find_get(val);

	if (!mod)
		return -ENODEV;
	mod->exit = t_poke_exit;
	atomic_set(&mod->refcnt, 1);
	WRITE_ONCE(mod->state, MODULE_STATE_LIVE);
	t_find_put(mod);
	return 0;
}

static const struct kernel_param_ops t_poke_ops = {
	.set = t_poke_set,
};

module_param_cb(target, &t_poke_ops, NULL, 0200);
MODULE_PARM_DESC(target, "Name of the module to make unloadable");

MODULE_DESCRIPTION("patcher test: makes a module unloadable, whoever is inside");
MODULE_LICENSE("GPL");
