// SPDX-License-Identifier: GPL-2.0
/*
 * stub_procfs: removes a directory in proc and one in debugfs.
 *
 * For tests/targets/t_procfs.c, which has no exit, and so keeps no pointer that
 * an exit would need: a static one that is never read is dropped by the compiler,
 * and is in no symbol table. So it goes by name. Order: any, they are independent.
 */
#include <linux/dcache.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <patcher/stub.h>

static void procfs_cleanup(void)
{
	struct dentry *dir;

	/*
	 * NULL if there is no such directory, or no debugfs; then neither of the
	 * two that follow does anything (fs/debugfs/inode.c, fs/dcache.c). What is
	 * in the directory goes with it.
	 */
	dir = debugfs_lookup("t_procfs", NULL);
	debugfs_remove(dir);
	dput(dir);

	/*
	 * Says -ENOENT, and nothing in the log, if there is none; else it takes all
	 * that is in it, and waits until no reader is in the target's functions
	 * (proc_entry_rundown() in fs/proc/inode.c).
	 */
	remove_proc_subtree("t_procfs", NULL);
}

PATCHER_STUB(
	.cleanup = procfs_cleanup,
);

MODULE_DESCRIPTION("patcher stub: proc and debugfs entries");
MODULE_LICENSE("GPL");
