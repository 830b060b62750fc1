// SPDX-License-Identifier: GPL-2.0
/*
 * mounts: superblocks that hold a target.
 *
 * A superblock has one reference on the module of its type, from sget_fc() or sget() to
 * deactivate_locked_super() or later (fs/super.c, 5.10 to 7.3), however often it is
 * mounted.
 */
#include <linux/blkdev.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/path.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "kernel/arch/arch.h"
#include "kernel/ksym.h"
#include "look/disks.h"
#include "look/mounts.h"
#include "look/search.h"

#define SUPERS_NAMED	PATCHER_HOLDERS_NAMED
#define MOUNTINFO_SIZE	(64 * 1024)
#define MOUNTINFO	"/proc/self/mountinfo"

/* What there is to say of a superblock when its lock has been given back. */
struct super {
	dev_t dev;
	char id[sizeof_field(struct super_block, s_id)];
	char type[32];
};

struct supers {
	unsigned int number;
	struct super list[SUPERS_NAMED];
};

static bool node_is_sound(const struct list_head *node)
{
	return node->next->prev == node && node->prev->next == node;
}

/* Is the list the one of the superblocks? Then that of / is on it. Caller holds sb_lock. */
static bool list_has(const struct super_block *wanted)
{
	struct super_block *sb;

	list_for_each_entry(sb, patcher_ksym.super_blocks, s_list) {
		if (!node_is_sound(&sb->s_list))
			return false;
		if (sb == wanted)
			return true;
	}
	return false;
}

/* The disk of the target that it is on. One that is shut down may have left its disk. */
static const struct gendisk *disk_under(const struct super_block *sb,
					const struct module *target)
{
	const struct gendisk *disk;

	if (!sb->s_root || !sb->s_bdev || !read_field(disk, sb->s_bdev->bd_disk))
		return NULL;
	return patcher_disk_is_of(disk, target) ? disk : NULL;
}

static void look_at_super(struct patcher_search *search, struct super_block *sb,
			  struct supers *supers)
{
	bool is_type = patcher_owner_at(&sb->s_type->owner) == search->target;
	const struct gendisk *disk = disk_under(sb, search->target);
	struct patcher_found found = { .object = sb, .place = sb, .elsewhere = true };
	struct super *super;

	if (!is_type && !disk)
		return;
	/* The disk's references are counted with the disk. */
	if (disk)
		found.place = disk;
	if (!patcher_search_note(search, &found, is_type) || supers->number++ >= SUPERS_NAMED)
		return;
	super = &supers->list[supers->number - 1];
	super->dev = sb->s_dev;
	strscpy(super->id, sb->s_id, sizeof(super->id));
	strscpy(super->type, sb->s_type->name, sizeof(super->type));
}

static void look_at_supers(struct patcher_search *search, struct supers *supers)
{
	struct super_block *sb;
	struct path root;

	if (!patcher_ksym.super_blocks || !patcher_ksym.sb_lock || kern_path("/", 0, &root))
		goto unknown;
	spin_lock(patcher_ksym.sb_lock);
	if (!list_has(root.mnt->mnt_sb)) {
		spin_unlock(patcher_ksym.sb_lock);
		path_put(&root);
		goto unknown;
	}
	list_for_each_entry(sb, patcher_ksym.super_blocks, s_list)
		if (!hlist_unhashed(&sb->s_instances))
			look_at_super(search, sb, supers);
	spin_unlock(patcher_ksym.sb_lock);
	path_put(&root);
	return;
unknown:
	search->account->mounts_unknown = true;
}

/* All of it, or as much as there is room for; NULL if there is none. */
static char *read_mountinfo(void)
{
	struct file *file = filp_open(MOUNTINFO, O_RDONLY, 0);
	ssize_t got = 0, all = 0;
	loff_t pos = 0;
	char *text;

	if (IS_ERR(file))
		return NULL;
	text = kvmalloc(MOUNTINFO_SIZE, GFP_KERNEL);
	while (text && all < MOUNTINFO_SIZE - 1) {
		got = kernel_read(file, text + all, MOUNTINFO_SIZE - 1 - all, &pos);
		if (got <= 0)
			break;
		all += got;
	}
	if (text)
		text[all] = '\0';
	filp_close(file, NULL);
	return text;
}

/* What ends a field. */
static const char blanks[] = { ' ', '\n', '\0' };

/* The field of that number, from 0 on; NULL if the line has none. */
static const char *field_of_line(const char *line, unsigned int number)
{
	for (; number; number--) {
		line += strcspn(line, blanks);
		if (*line++ != ' ')
			return NULL;
	}
	return line;
}

/* Fields 2 and 4 of a line are the device's number and where it is mounted, see proc(5). */
static bool is_mounted_by(const char *line, dev_t dev, char *point, size_t size)
{
	const char *number = field_of_line(line, 2), *where = field_of_line(line, 4);
	unsigned int major, minor;

	if (!number || !where || sscanf(number, "%u:%u", &major, &minor) != 2 ||
	    MKDEV(major, minor) != dev)
		return false;
	strscpy(point, where, min(size, strcspn(where, blanks) + 1));
	return true;
}

/* As the calling task sees it. */
static bool find_mount_point(const char *text, dev_t dev, char *point, size_t size)
{
	while (text && *text) {
		if (is_mounted_by(text, dev, point, size))
			return true;
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	return false;
}

static void name_supers(struct patcher_search *search, const struct supers *supers)
{
	char *point = search->path, *text;
	unsigned int i;

	text = read_mountinfo();
	for (i = 0; i < supers->number; i++) {
		const struct super *super = &supers->list[i];

		if (i >= SUPERS_NAMED)
			search->account->holders++;
		else if (find_mount_point(text, super->dev, point, sizeof(search->path)))
			patcher_search_name(search, "%s mounted on %*pE", super->type,
					    (int)strlen(point), point);
		else
			patcher_search_name(search, "%s of %*pE, mounted out of sight",
					    super->type, (int)strlen(super->id), super->id);
	}
	kvfree(text);
}

/**
 * patcher_mounts_look - superblocks whose type or disk is the target's
 * @search: to be added to
 *
 * Context: process context, may sleep.
 */
void patcher_mounts_look(struct patcher_search *search)
{
	struct supers *supers = kzalloc(sizeof(*supers), GFP_KERNEL);

	if (!supers) {
		search->account->mounts_unknown = true;
		return;
	}
	look_at_supers(search, supers);
	if (supers->number)
		name_supers(search, supers);
	kfree(supers);
}
