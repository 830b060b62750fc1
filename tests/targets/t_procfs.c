// SPDX-License-Identifier: GPL-2.0
/*
 * t_procfs: proc and debugfs entries, and no exit.
 *
 * Situation 3. The module can be loaded, and that is all.
 * Seen from outside: state LIVE, refcount 0, "[permanent]" in /proc/modules. rmmod
 * says "Device or resource busy".
 *
 * No exit, so nothing keeps the pointers that an exit would need; stub_procfs goes
 * by name.
 */
#include <linux/dcache.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#include "die.h"

static int t_procfs_show(struct seq_file *m, void *v)
{
	seq_puts(m, "t_procfs: ok\n");
	return 0;
}

static int t_procfs_open(struct inode *inode, struct file *file)
{
	return single_open(file, t_procfs_show, NULL);
}

static const struct proc_ops t_procfs_proc_ops = {
	.proc_open = t_procfs_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

static const struct file_operations t_procfs_debugfs_fops = {
	.owner = THIS_MODULE,
	.open = t_procfs_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};

static int __init t_procfs_init(void)
{
	struct proc_dir_entry *proc;
	struct dentry *debugfs;

	t_die_after(0);
	proc = proc_mkdir("t_procfs", NULL);
	if (!proc)
		return -ENOMEM;
	t_die_after(1);

	if (!proc_create("value", 0444, proc, &t_procfs_proc_ops)) {
		proc_remove(proc);
		return -ENOMEM;
	}

	t_die_after(2);
	debugfs = debugfs_create_dir("t_procfs", NULL);
	debugfs_create_file("value", 0444, debugfs, NULL,
			    &t_procfs_debugfs_fops);
	t_die_after(3);
	return 0;
}

module_init(t_procfs_init);

#ifdef FIXED
static void __exit t_procfs_exit(void)
{
	struct dentry *debugfs = debugfs_lookup("t_procfs", NULL);

	debugfs_remove(debugfs);
	dput(debugfs);
	remove_proc_subtree("t_procfs", NULL);
}

module_exit(t_procfs_exit);
#endif

MODULE_DESCRIPTION("patcher target: proc and debugfs entries, no exit");
MODULE_LICENSE("GPL");
