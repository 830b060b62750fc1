// SPDX-License-Identifier: GPL-2.0
/*
 * t_leak: takes references on itself and never gives them back.
 *
 * Situation 4. "echo N > /sys/module/t_leak/parameters/leak", or leak=N at load,
 * takes N references that nobody holds.
 * Seen from outside: state LIVE, refcount N, nothing open, no dependents. rmmod
 * says "Module t_leak is in use".
 *
 * exit is healthy and removes /proc/t_leak: no stub is needed.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

static unsigned int t_leak_count;

static void t_leak_take(void)
{
#ifndef FIXED
	__module_get(THIS_MODULE);
#endif
}

static int t_leak_set(const char *val, const struct kernel_param *kp)
{
	unsigned int i, count;
	int err;

	err = kstrtouint(val, 0, &count);
	if (err)
		return err;

	for (i = 0; i < count; i++)
		t_leak_take();
	t_leak_count += count;
	return 0;
}

static const struct kernel_param_ops t_leak_ops = {
	.set = t_leak_set,
	.get = param_get_uint,
};

module_param_cb(leak, &t_leak_ops, &t_leak_count, 0644);
MODULE_PARM_DESC(leak, "Takes so many references; reads as how many in all");

static int t_leak_show(struct seq_file *m, void *v)
{
	seq_puts(m, "t_leak: ok\n");
	return 0;
}

static struct proc_dir_entry *t_leak_proc;

static int __init t_leak_init(void)
{
	t_leak_proc = proc_create_single("t_leak", 0444, NULL, t_leak_show);
	return t_leak_proc ? 0 : -ENOMEM;
}

static void __exit t_leak_exit(void)
{
	proc_remove(t_leak_proc);
}

module_init(t_leak_init);
module_exit(t_leak_exit);

MODULE_DESCRIPTION("patcher target: leaks references on itself");
MODULE_LICENSE("GPL");
