// SPDX-License-Identifier: GPL-2.0
/*
 * sysfs: /sys/kernel/patcher.
 *
 *	arm			write only: TARGET [STUB] [force] [quarantine] [timeout_ms=N]
 *	TARGET/			each rescue, from the moment that its target is looked at
 *		stub		the stub's name, or (none)
 *		method		ftrace, slot or (none)
 *		situation	the number of docs/how-it-works.md, and what it means
 *		status		arming, armed, leaving, quarantined or restored
 *		disarm		write only: 1 puts back what was found
 *
 * sysfs takes no reference on a module whose file is open. What it does is to wait, when a
 * file is removed, for whoever is in its show or store function just then. So no file is
 * removed under a lock that one of these takes, and none from within its own store: disarm
 * leaves that to the watch's workqueue. Once its directory is gone, nobody can reach a
 * rescue from here any more, and it may be freed.
 *
 * Whoever arms may wait for long; he has a reference on this module meanwhile, so that
 * rmmod does not wait with him but says "in use".
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>

#include "log.h"
#include "options.h"
#include "rescue.h"
#include "look/stub.h"
#include "sysfs.h"

#define NONE	"(none)"

static struct kobject *root;

static struct patcher_rescue *rescue_of(struct kobj_attribute *attribute)
{
	return container_of(attribute, struct patcher_file, attribute)->rescue;
}

/* Pinned for as long as the directory is there: patcher_rescue_end(). */
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
		[PATCHER_LEAVING] = "leaving",
		[PATCHER_QUARANTINED] = "quarantined",
		[PATCHER_RESTORED] = "restored",
	};

	return sysfs_emit(buf, "%s\n", texts[READ_ONCE(rescue_of(attribute)->phase)]);
}

/*
 * The file may have been opened by root and given to somebody else, so the mode alone is
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

static const struct {
	const char *name;
	umode_t mode;
	ssize_t (*show)(struct kobject *kobj, struct kobj_attribute *attribute, char *buf);
	ssize_t (*store)(struct kobject *kobj, struct kobj_attribute *attribute,
			 const char *buf, size_t count);
} files[PATCHER_FILES] = {
	[PATCHER_FILE_STUB] = { "stub", 0400, show_stub, NULL },
	[PATCHER_FILE_METHOD] = { "method", 0400, show_method, NULL },
	[PATCHER_FILE_SITUATION] = { "situation", 0400, show_situation, NULL },
	[PATCHER_FILE_STATUS] = { "status", 0400, show_status, NULL },
	[PATCHER_FILE_DISARM] = { "disarm", 0200, NULL, store_disarm },
};

static int add_file(struct patcher_rescue *rescue, enum patcher_file_number number)
{
	struct patcher_file *file = &rescue->directory.files[number];

	sysfs_attr_init(&file->attribute.attr);
	file->attribute.attr.name = files[number].name;
	file->attribute.attr.mode = files[number].mode;
	file->attribute.show = files[number].show;
	file->attribute.store = files[number].store;
	file->rescue = rescue;
	return sysfs_create_file(rescue->directory.kobj, &file->attribute.attr);
}

static ssize_t store_arm(struct kobject *kobj, struct kobj_attribute *attribute,
			 const char *buf, size_t count);

static struct kobj_attribute arm = __ATTR(arm, 0200, NULL, store_arm);

/*
 * Beside the file arm there can be no directory of that name. No target's name has a dash
 * (patcher_options_parse()), so that a name with one is nobody else's.
 */
static const char *directory_name(const char *target)
{
	return strcmp(target, arm.attr.name) ? target : "arm-";
}

/**
 * patcher_sysfs_add - show a rescue
 * @rescue: on the list; its stub, if any, is set
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM; patcher_sysfs_remove() is to be called in any case.
 */
int patcher_sysfs_add(struct patcher_rescue *rescue)
{
	enum patcher_file_number number;
	int err = 0;

	rescue->directory.kobj = kobject_create_and_add(directory_name(rescue->name), root);
	if (!rescue->directory.kobj)
		return -ENOMEM;
	for (number = 0; !err && number < PATCHER_FILES; number++)
		err = add_file(rescue, number);
	return err;
}

/**
 * patcher_sysfs_rename - show it under another name
 * @rescue: shown
 * @name: which no loaded module has
 *
 * Context: process context, may sleep.
 * Return: 0 or a negative errno.
 */
int patcher_sysfs_rename(struct patcher_rescue *rescue, const char *name)
{
	return kobject_rename(rescue->directory.kobj, directory_name(name));
}

/**
 * patcher_sysfs_remove - do not show it any more
 * @rescue: its target still pinned, so that no other can have its name
 *
 * Returns when nobody is in one of its files any more.
 *
 * Context: process context, sleeps; not under patcher_lock, nor in one of its files.
 */
void patcher_sysfs_remove(struct patcher_rescue *rescue)
{
	if (!rescue->directory.kobj)
		return;
	kobject_del(rescue->directory.kobj);
	kobject_put(rescue->directory.kobj);
	rescue->directory.kobj = NULL;
}

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
	if (err)
		kobject_put(root);
	return err;
}

/**
 * patcher_sysfs_stop - no more arming
 *
 * Returns when nobody arms any more.
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
	kobject_put(root);
}
