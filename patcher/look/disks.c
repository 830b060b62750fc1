// SPDX-License-Identifier: GPL-2.0
/*
 * disks: open disks that hold a target.
 *
 * An open disk has references on the module of its operations; and, where it is
 * a SCSI disk, its driver has one on the module of the SCSI host for each time that it
 * opened it (scsi_device_get()).
 */
#include <linux/blkdev.h>
#include <linux/device.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#include "kernel/arch/arch.h"
#include "kernel/compat.h"
#include "kernel/ksym.h"
#include "look/disks.h"
#include "look/search.h"

/* The name of a type of devices, as drivers/scsi/scsi_sysfs.c has it. */
static const char scsi_device[] = "scsi_device";
static const char block[] = "block";

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
	const struct patcher_found found = {
		.object = disk, .place = disk, .elsewhere = true
	};

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
	found.elsewhere = patcher_search_place_is_elsewhere(search, disk);
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
