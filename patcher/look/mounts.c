// SPDX-License-Identifier: GPL-2.0
/*
 * mounts: superblocks and disks that hold a target.
 *
 * A superblock has one reference on the module of its type, from sget_fc() or sget() to
 * deactivate_locked_super() or later (fs/super.c, 5.10 to 7.3), however often it is
 * mounted. An open disk has references on the module of its operations; and, where it is
 * a SCSI disk, its driver has one on the module of the SCSI host for each time that it
 * opened it (scsi_device_get()).
 */
#include <linux/blkdev.h>
#include <linux/device.h>
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
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#include "kernel/arch/arch.h"
#include "kernel/compat.h"
#include "look/holders.h"
#include "kernel/ksym.h"

#define SUPERS_NAMED	PATCHER_HOLDERS_NAMED
#define MOUNTINFO_SIZE	(64 * 1024)
#define MOUNTINFO	"/proc/self/mountinfo"

/* The name of a type of devices, as drivers/scsi/scsi_sysfs.c has it. */
static const char scsi_device[] = "scsi_device";
static const char block[] = "block";

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

/* The module of the SCSI host, if it is a disk at one. */
static struct module *scsi_host_of(const struct gendisk *disk)
{
	const struct scsi_host_template *hostt;
	const struct device_type *type;
	const struct device *parent;
	struct Scsi_Host *host;
	const char *name;
	char text[sizeof(scsi_device)];

	if (!read_field(parent, disk_to_dev(disk)->parent) || !read_field(type, parent->type) ||
	    !read_field(name, type->name) || !patcher_arch_read(text, name, sizeof(text)) ||
	    memcmp(text, scsi_device, sizeof(text)))
		return NULL;
	if (!read_field(host, container_of(parent, struct scsi_device, sdev_gendev)->host) ||
	    !read_field(hostt, host->hostt))
		return NULL;
	return patcher_owner_at(&hostt->module);
}

static struct module *driver_of(const struct gendisk *disk)
{
	const struct block_device_operations *fops;

	return read_field(fops, disk->fops) ? patcher_owner_at(&fops->owner) : NULL;
}

/**
 * patcher_disk_is_of - does opening this disk take references on the target?
 * @disk: may be gone
 * @target: the target
 *
 * Context: any.
 */
bool patcher_disk_is_of(const struct gendisk *disk, const struct module *target)
{
	return driver_of(disk) == target || scsi_host_of(disk) == target;
}

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
	struct patcher_found found = { .object = sb, .place = sb };
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
static const char *field(const char *line, unsigned int number)
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
	const char *number = field(line, 2), *where = field(line, 4);
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

/*
 * The one driver of disks that has a reference on itself for each one that is set up, open or
 * not (loop_configure() in drivers/block/loop.c, 5.10 to 7.3). Others have no capacity.
 */
static bool is_loop_set_up(const struct patcher_search *search, struct gendisk *disk)
{
	return !strcmp(search->target->name, "loop") && get_capacity(disk);
}

static void look_at_loop(struct patcher_search *search, const struct gendisk *disk,
			 const struct device *dev)
{
	const struct patcher_found found = { .object = disk, .place = disk };

	if (patcher_search_note(search, &found, 1))
		patcher_search_name(search, "%s, set up by losetup", dev_name(dev));
}

static void look_at_disk(struct patcher_search *search, struct device *dev)
{
	struct patcher_found found = { .object = dev };
	bool is_partition = patcher_is_partition(dev);
	struct gendisk *disk = patcher_disk_of(dev);
	unsigned int openers, references = 0;

	if (!disk || !patcher_disk_is_of(disk, search->target))
		return;
	openers = patcher_openers_of(dev);
	if (driver_of(disk) == search->target)
		references += patcher_disk_references(openers, is_partition);
	if (!is_partition && scsi_host_of(disk) == search->target)
		references += openers;
	found.place = disk;
	if (!is_partition && is_loop_set_up(search, disk))
		look_at_loop(search, disk, dev);
	else if (!references && !is_partition && get_capacity(disk))
		patcher_account_device(search->account, dev_name(dev));
	if (!references)
		return;
	/* A mount or a file has been named for it; if not, it is open without either. */
	if (patcher_search_knows_place(search, disk)) {
		patcher_search_note(search, &found, references);
		return;
	}
	if (patcher_search_note(search, &found, references))
		patcher_search_name(search, "%s, opened by the kernel itself (swap, loop, md)",
				    dev_name(dev));
}

/**
 * patcher_disks_look - disks of the target that are open
 * @search: to be added to; mounts and files have been looked at
 *
 * Context: process context, may sleep.
 */
void patcher_disks_look(struct patcher_search *search)
{
	struct class *class = patcher_ksym.block_class;
	struct class_dev_iter iter;
	struct device *dev;
	char text[sizeof(block)];
	const char *name;

	if (!class || !read_field(name, class->name) ||
	    !patcher_arch_read(text, name, sizeof(text)) || memcmp(text, block, sizeof(text))) {
		search->account->disks_unknown = true;
		return;
	}
	class_dev_iter_init(&iter, class, NULL, NULL);
	while ((dev = class_dev_iter_next(&iter)))
		look_at_disk(search, dev);
	class_dev_iter_exit(&iter);
}
