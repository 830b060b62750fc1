// SPDX-License-Identifier: GPL-2.0
/*
 * sysfs: /sys/kernel/patcher.
 *
 *	arm			write only: TARGET [STUB] [force] [quarantine] [dry_run]
 *			[leaked=N] [timeout_ms=N]
 *	TARGET/			each rescue, from the moment that its target is looked at
 *		stub		the stub's name, or (none)
 *		method		ftrace, slot or (none)
 *		situation	the number of docs/how-it-works.md, and what it means
 *		status		arming, armed, restoring, leaving, quarantined, calling or
 *				restored
 *		disarm		write only: 1 puts back what was found
 *	NAME_kept/		each module whose memory is kept
 *		status		kept
 *		residue		who is inside, and what still points into it, a line each
 *		sweep		write only: 1 looks again at once
 *
 * sysfs takes no reference on a module whose file is open. Instead, removing a file waits
 * until no task is in its show or store function. So no file is removed under a lock that one
 * of these takes, and none from within its own store: disarm and sweep leave that to a
 * workqueue. Once its directory is gone, what it shows cannot be reached from here any more,
 * and may be freed.
 *
 * A task that arms may wait for long; it has a reference on this module meanwhile, so that
 * rmmod does not wait for it but says "in use".
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include <patcher/stub.h>

#include "arm.h"
#include "disarm.h"
#include "kernel/ksym.h"
#include "log.h"
#include "options.h"
#include "rescue.h"
#include "sysfs.h"
#include "watch/keep.h"

#define NONE	"(none)"

/* In the directory of a rescue, or of what is kept. */
#define MAX_FILES	5

/**
 * struct patcher_file - a file in such a directory
 * @attribute: sysfs's view of it
 * @owner: which rescue, or which struct patcher_kept
 */
struct patcher_file {
	struct kobj_attribute attribute;
	void *owner;
};

/**
 * struct patcher_directory - what shows one of them
 * @kobj: allocated and freed by the kernel, which keeps nothing of this structure
 * @files: in it
 */
struct patcher_directory {
	struct kobject *kobj;
	struct patcher_file files[MAX_FILES];
};

/* What a file is. */
struct patcher_file_kind {
	const char *name;
	umode_t mode;
	ssize_t (*show)(struct kobject *kobj, struct kobj_attribute *attribute, char *buf);
	ssize_t (*store)(struct kobject *kobj, struct kobj_attribute *attribute,
			 const char *buf, size_t count);
};

static struct kobject *root;

static struct patcher_rescue *rescue_of(struct kobj_attribute *attribute)
{
	return container_of(attribute, struct patcher_file, attribute)->owner;
}

/* Pinned for as long as the directory is there: patcher_watch_end(). */
static ssize_t show_stub(struct kobject *kobj, struct kobj_attribute *attribute, char *buf)
{
	const struct patcher_stub *stub = rescue_of(attribute)->stub;

	return sysfs_emit(buf, "%s\n", stub ? stub->owner->name : NONE);
}

static ssize_t show_method(struct kobject *kobj, struct kobj_attribute *attribute, char *buf)
{
	switch (READ_ONCE(rescue_of(attribute)->redirect.method)) {
	case PATCHER_FTRACE:
		return sysfs_emit(buf, "ftrace\n");
	case PATCHER_SLOT:
		return sysfs_emit(buf, "slot\n");
	default:
		return sysfs_emit(buf, "%s\n", NONE);
	}
}

static ssize_t show_situation(struct kobject *kobj, struct kobj_attribute *attribute,
			      char *buf)
{
	static const char prefix[] = "situation ";
	const char *text = READ_ONCE(rescue_of(attribute)->situation);

	if (!text)
		return sysfs_emit(buf, "%s\n", NONE);
	return sysfs_emit(buf, "%s\n", text + str_has_prefix(text, prefix));
}

static ssize_t show_status(struct kobject *kobj, struct kobj_attribute *attribute, char *buf)
{
	static const char *const texts[] = {
		[PATCHER_ARMING] = "arming",
		[PATCHER_ARMED] = "armed",
		[PATCHER_RESTORING] = "restoring",
		[PATCHER_LEAVING] = "leaving",
		[PATCHER_QUARANTINED] = "quarantined",
		[PATCHER_CALLING] = "calling",
		[PATCHER_RESTORED] = "restored",
	};

	return sysfs_emit(buf, "%s\n", texts[READ_ONCE(rescue_of(attribute)->phase)]);
}

/*
 * The file may have been opened by root and given to another user, so the mode alone is
 * not enough. What insmod of this module needs is needed here.
 */
static bool may_rescue(void)
{
	return capable(CAP_SYS_MODULE);
}

static ssize_t store_disarm(struct kobject *kobj, struct kobj_attribute *attribute,
			    const char *buf, size_t count)
{
	struct patcher_rescue *rescue = rescue_of(attribute);
	int err;

	if (!may_rescue())
		return -EPERM;
	if (strlen(buf) != count || !sysfs_streq(buf, "1"))
		return patcher_refuse(rescue->name, -EINVAL, "its file disarm takes a 1 only");
	err = patcher_disarm(rescue);
	return err ?: count;
}

static const struct patcher_file_kind rescue_files[] = {
	{ "stub", 0400, show_stub, NULL },
	{ "method", 0400, show_method, NULL },
	{ "situation", 0400, show_situation, NULL },
	{ "status", 0400, show_status, NULL },
	{ "disarm", 0200, NULL, store_disarm },
};

static struct patcher_kept *kept_of(struct kobj_attribute *attribute)
{
	return container_of(attribute, struct patcher_file, attribute)->owner;
}

static ssize_t show_kept_status(struct kobject *kobj, struct kobj_attribute *attribute,
				char *buf)
{
	return sysfs_emit(buf, "kept\n");
}

static ssize_t show_residue(struct kobject *kobj, struct kobj_attribute *attribute, char *buf)
{
	return patcher_kept_residue(kept_of(attribute), buf, PAGE_SIZE);
}

static ssize_t store_sweep(struct kobject *kobj, struct kobj_attribute *attribute,
			   const char *buf, size_t count)
{
	struct patcher_kept *kept = kept_of(attribute);

	if (!may_rescue())
		return -EPERM;
	if (strlen(buf) != count || !sysfs_streq(buf, "1"))
		return patcher_refuse(kept->name, -EINVAL, "its file sweep takes a 1 only");
	patcher_kept_sweep_now(kept);
	return count;
}

static const struct patcher_file_kind kept_files[] = {
	{ "status", 0400, show_kept_status, NULL },
	{ "residue", 0400, show_residue, NULL },
	{ "sweep", 0200, NULL, store_sweep },
};

static int add_file(struct patcher_directory *directory, struct patcher_file *file,
		    const struct patcher_file_kind *kind, void *owner)
{
	sysfs_attr_init(&file->attribute.attr);
	file->attribute.attr.name = kind->name;
	file->attribute.attr.mode = kind->mode;
	file->attribute.show = kind->show;
	file->attribute.store = kind->store;
	file->owner = owner;
	return sysfs_create_file(directory->kobj, &file->attribute.attr);
}

static ssize_t store_arm(struct kobject *kobj, struct kobj_attribute *attribute,
			 const char *buf, size_t count);

static struct kobj_attribute arm = __ATTR(arm, 0200, NULL, store_arm);

/*
 * A target called "arm" would collide with the file of that name; show it as "arm-", which no
 * module can be called (patcher_options_parse()).
 */
static const char *directory_name(const char *target)
{
	return strcmp(target, arm.attr.name) ? target : "arm-";
}

static int add_directory(struct patcher_directory *directory, const char *name, void *owner,
			 const struct patcher_file_kind *kinds, unsigned int number)
{
	unsigned int i;
	int err = 0;

	directory->kobj = kobject_create_and_add(directory_name(name), root);
	if (!directory->kobj)
		return -ENOMEM;
	for (i = 0; !err && i < number; i++)
		err = add_file(directory, &directory->files[i], &kinds[i], owner);
	return err;
}

static void remove_directory(struct patcher_directory *directory)
{
	if (!directory)
		return;
	if (directory->kobj) {
		kobject_del(directory->kobj);
		kobject_put(directory->kobj);
	}
	kfree(directory);
}

/* On error, what there is of it stays until it is hidden. */
static int show_rescue(struct patcher_rescue *rescue)
{
	struct patcher_directory *directory = kzalloc(sizeof(*directory), GFP_KERNEL);

	if (!directory)
		return -ENOMEM;
	BUILD_BUG_ON(ARRAY_SIZE(rescue_files) > MAX_FILES);
	rescue->display = directory;
	return add_directory(directory, rescue->name, rescue, rescue_files,
			     ARRAY_SIZE(rescue_files));
}

static int rename_rescue(struct patcher_rescue *rescue, const char *name)
{
	struct patcher_directory *directory = rescue->display;

	return kobject_rename(directory->kobj, directory_name(name));
}

static void hide_rescue(struct patcher_rescue *rescue)
{
	remove_directory(rescue->display);
	rescue->display = NULL;
}

static int show_kept(struct patcher_kept *kept)
{
	struct patcher_directory *directory = kzalloc(sizeof(*directory), GFP_KERNEL);

	if (!directory)
		return -ENOMEM;
	BUILD_BUG_ON(ARRAY_SIZE(kept_files) > MAX_FILES);
	kept->display = directory;
	return add_directory(directory, kept->name, kept, kept_files, ARRAY_SIZE(kept_files));
}

static void hide_kept(struct patcher_kept *kept)
{
	remove_directory(kept->display);
	kept->display = NULL;
}

static const struct patcher_kept_display kept_display = {
	.show = show_kept,
	.hide = hide_kept,
};

static const struct patcher_display display = {
	.show = show_rescue,
	.rename = rename_rescue,
	.hide = hide_rescue,
};

static int arm_line(const char *buf, size_t count)
{
	struct patcher_options options;
	char line[PATCHER_LINE_MAX];
	struct patcher_texts texts;
	int err;

	err = patcher_options_split(line, buf, count, &texts);
	if (!err)
		err = patcher_options_parse(&options, &texts);
	return err ?: patcher_arm(&options);
}

static ssize_t store_arm(struct kobject *kobj, struct kobj_attribute *attribute,
			 const char *buf, size_t count)
{
	int err;

	if (!may_rescue())
		return -EPERM;
	/* As delete_module() does: a rescue ends in an unload, and a quarantine is one. */
	if (patcher_ksym.modules_disabled && READ_ONCE(*patcher_ksym.modules_disabled))
		return patcher_refuse(KBUILD_MODNAME, -EPERM,
				      "kernel.modules_disabled is set, no module can be unloaded");
	/* While this module's init runs, it may still have to give all of it up. */
	if (READ_ONCE(THIS_MODULE->state) != MODULE_STATE_LIVE ||
	    !try_module_get(THIS_MODULE))
		return patcher_refuse(KBUILD_MODNAME, -EBUSY,
				      "it is being loaded or unloaded itself; wait until that has ended");
	err = arm_line(buf, count);
	module_put(THIS_MODULE);
	return err ?: count;
}

/**
 * patcher_sysfs_init - make /sys/kernel/patcher
 *
 * Context: this module's init; no other patcher is loaded.
 * Return: 0 or -ENOMEM.
 */
int patcher_sysfs_init(void)
{
	int err;

	root = kobject_create_and_add(KBUILD_MODNAME, kernel_kobj);
	if (!root)
		return -ENOMEM;
	err = sysfs_create_file(root, &arm.attr);
	if (err) {
		kobject_put(root);
		return err;
	}
	patcher_rescue_set_display(&display);
	patcher_keep_set_display(&kept_display);
	return 0;
}

/**
 * patcher_sysfs_stop - no more arming
 *
 * Returns when no task arms any more.
 *
 * Context: process context, sleeps.
 */
void patcher_sysfs_stop(void)
{
	sysfs_remove_file(root, &arm.attr);
}

/**
 * patcher_sysfs_exit - remove /sys/kernel/patcher
 *
 * Context: process context, sleeps; after patcher_sysfs_stop(), and with no rescue left.
 */
void patcher_sysfs_exit(void)
{
	patcher_rescue_set_display(NULL);
	patcher_keep_set_display(NULL);
	kobject_put(root);
}
