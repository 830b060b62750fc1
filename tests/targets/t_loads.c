// SPDX-License-Identifier: GPL-2.0
/*
 * t_loads: what a case needs of the kernel's table of loads in progress (idem_hash and idem_lock
 * in kernel/module/main.c; from 6.5 on, the same in 6.12 and 7.3).
 *
 *   insmod t_loads.ko table=ADDRESS lock=ADDRESS
 *   echo PATH > /sys/module/t_loads/parameters/chain
 *   cat /sys/module/t_loads/parameters/chain
 *
 * prints in which of the table's chains a load of that file would be.
 *
 *   cat /sys/module/t_loads/parameters/used
 *
 * prints in how many chains there is something.
 *
 *   echo 1 > /sys/module/t_loads/parameters/hold
 *
 * leaves the table's lock locked, as a task does that dies with it, until 0 is written there.
 */
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/namei.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#define T_LOADS_BITS	8

static unsigned long t_loads_table;
module_param_named(table, t_loads_table, ulong, 0400);
MODULE_PARM_DESC(table, "Address of idem_hash");

static unsigned long t_loads_lock;
module_param_named(lock, t_loads_lock, ulong, 0400);
MODULE_PARM_DESC(lock, "Address of idem_lock");

static unsigned int t_loads_chain;

static int t_loads_chain_set(const char *val, const struct kernel_param *kp)
{
	char name[256];
	struct path path;
	int err;

	strscpy(name, val, sizeof(name));
	err = kern_path(strim(name), LOOKUP_FOLLOW, &path);
	if (err)
		return err;
	t_loads_chain = hash_ptr(d_inode(path.dentry), T_LOADS_BITS);
	path_put(&path);
	return 0;
}

static const struct kernel_param_ops t_loads_chain_ops = {
	.set = t_loads_chain_set,
	.get = param_get_uint,
};

module_param_cb(chain, &t_loads_chain_ops, &t_loads_chain, 0600);
MODULE_PARM_DESC(chain, "Path of a file; reads as the number of its chain");

static int t_loads_used_get(char *buffer, const struct kernel_param *kp)
{
	const struct hlist_head *head = (const struct hlist_head *)t_loads_table;
	unsigned int i, used = 0;

	spin_lock((spinlock_t *)t_loads_lock);
	for (i = 0; i < 1 << T_LOADS_BITS; i++, head++)
		used += !!head->first;
	spin_unlock((spinlock_t *)t_loads_lock);
	return sprintf(buffer, "%u\n", used);
}

static const struct kernel_param_ops t_loads_used_ops = {
	.get = t_loads_used_get,
};

module_param_cb(used, &t_loads_used_ops, NULL, 0400);
MODULE_PARM_DESC(used, "In how many chains there is something");

static bool t_loads_held;

/* As if the task had died with it: nobody spins, and nobody has preemption off. */
static void t_loads_hold(raw_spinlock_t *lock)
{
	raw_spin_lock(lock);
	preempt_enable();
	__release(lock);
}

static void t_loads_let_go(raw_spinlock_t *lock)
{
	__acquire(lock);
	preempt_disable();
	raw_spin_unlock(lock);
}

static int t_loads_hold_set(const char *val, const struct kernel_param *kp)
{
	/* Without PREEMPT_RT a spinlock_t begins with one, and is nothing else. */
	raw_spinlock_t *lock = (raw_spinlock_t *)t_loads_lock;
	bool hold;
	int err;

	err = kstrtobool(val, &hold);
	if (err)
		return err;
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		return -EOPNOTSUPP;
	if (hold && !t_loads_held)
		t_loads_hold(lock);
	if (!hold && t_loads_held)
		t_loads_let_go(lock);
	t_loads_held = hold;
	return 0;
}

static const struct kernel_param_ops t_loads_hold_ops = {
	.set = t_loads_hold_set,
};

module_param_cb(hold, &t_loads_hold_ops, NULL, 0200);
MODULE_PARM_DESC(hold, "1: lock the table, and leave it; 0: unlock it");

static int __init t_loads_init(void)
{
	return t_loads_table && t_loads_lock ? 0 : -EINVAL;
}

static void __exit t_loads_exit(void)
{
}

module_init(t_loads_init);
module_exit(t_loads_exit);

MODULE_DESCRIPTION("patcher test: reads and locks the kernel's table of loads in progress");
MODULE_LICENSE("GPL");
