// SPDX-License-Identifier: GPL-2.0
/*
 * candidates: what in memory may have a reference on a target, though no holder was found.
 *
 * Whoever takes a reference on a module does it by a pointer to its struct module: that of the
 * loader, or the owner field of a structure which the module has registered (file_operations,
 * crypto_alg, tcp_congestion_ops ...). To give it back, it has to keep a pointer to one of the two.
 * So each word outside that points at the target's struct module, or into one of its static objects
 * that has a pointer to that, is a candidate: unless it is known to be one of those below, which
 * have no reference. One that is not known makes patcher refuse, and no more.
 *
 * Not found: a reference that the target has on itself, as for its timer; and one that is kept by
 * an index. Read in Linux 5.10, 6.1, 6.12 and 7.3.
 */
#include <linux/blkdev.h>
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/static_call.h>
#include <linux/string.h>
#include <linux/trace_events.h>
#include <linux/tracepoint.h>
#include <net/sch_generic.h>
#include <scsi/scsi_host.h>

#include "kernel/arch/arch.h"
#include "kernel/compat.h"
#include "kernel/ksym.h"
#include "kernel/memory.h"
#include "kernel/symbols.h"
#include "look/candidates.h"
#include "look/place.h"
#include "look/walk.h"

/* So many links of a list are followed. */
#define LINKS_MAX	20000

/* struct kobj_map and struct probe, drivers/base/map.c. */
struct device_probe {
	struct device_probe *next;
	dev_t dev;
	unsigned long range;
	struct module *owner;
	void *get;
	void *lock;
	void *data;
};

struct device_map {
	struct device_probe *probes[255];
};

/* The beginning of struct btf_module, kernel/bpf/btf.c. */
struct btf_listed {
	struct list_head list;
	struct module *module;
};

/* struct static_key_mod, kernel/jump_label.c. */
struct key_record {
	struct key_record *next;
	struct jump_entry *entries;
	struct module *mod;
};

/* The beginning of struct driver_private, drivers/base/base.h: what follows is not used. */
struct driver_record {
	struct kobject kobj;
};

/* The kernel's own, 0 where it is not there; one sweep at a time uses it. */
static struct {
	unsigned long cdev_map;
	unsigned long btf_modules;
	unsigned long tracepoint_modules;
	unsigned long file_systems;
	unsigned long qdisc_base;
	unsigned long alg_types;
	unsigned long root_device_release;
} own;

/* One word, and what it points at. */
struct reference {
	const struct patcher_aim *aim;
	const struct patcher_hit *hit;
	unsigned long value;
	/* The static object of the target that has it; its struct module, if that is it. */
	unsigned long object;
	unsigned long size;
};

static unsigned long address_of_target(const struct reference *ref)
{
	return (unsigned long)ref->aim->target;
}

static bool is_at(const struct reference *ref, const void *field)
{
	return ref->hit->virt == (unsigned long)field;
}

/* Does the word lie in the slab object that begins there? */
static bool is_in_object(const struct reference *ref, unsigned long object)
{
	return object && ref->hit->place == PATCHER_PLACE_SLAB &&
	       object - ref->hit->object < ref->hit->size;
}

static unsigned long load_field(const void *field)
{
	return patcher_arch_load_word((unsigned long)field);
}

static bool has_owner(const struct reference *ref)
{
	unsigned long at;

	for (at = ALIGN(ref->object, sizeof(at)); at + sizeof(at) <= ref->object + ref->size;
	     at += sizeof(at))
		if (patcher_arch_load_word(at) == address_of_target(ref))
			return true;
	return false;
}

/* Fills in the object that the word points into; false if that has no owner. */
static bool find_owned_object(struct reference *ref)
{
	struct module *target = ref->aim->target;
	unsigned long offset, size;

	if (ref->value == address_of_target(ref)) {
		ref->object = ref->value;
		ref->size = sizeof(*target);
		return true;
	}
	if (patcher_within_text(target, ref->value) ||
	    ref->value - address_of_target(ref) < sizeof(*target) ||
	    !patcher_symbol_at(ref->value, &offset, &size))
		return false;
	ref->object = ref->value - offset;
	ref->size = patcher_symbols_size_at(target, ref->object);
	return offset < ref->size && has_owner(ref);
}

/*
 * A neighbour's link on a list that the object is on, of struct list_head or struct hlist_node: the
 * object points back at where that begins.
 */
static bool is_linkage(const struct reference *ref)
{
	unsigned long next = patcher_arch_load_word(ref->value);
	unsigned long prev = patcher_arch_load_word(ref->value + sizeof(long));
	unsigned long at = ref->hit->virt;

	return prev == at || next == at - sizeof(long);
}

/* A list that is linked by one pointer each, @offset bytes into its entries. */
static bool is_on_chain(const struct reference *ref, unsigned long head, size_t offset)
{
	unsigned long link = head;
	unsigned int i;

	for (i = 0; link && i < LINKS_MAX; i++) {
		if (ref->hit->virt == link)
			return true;
		link = patcher_arch_load_word(link);
		if (link)
			link += offset;
	}
	return false;
}

/* Is it the field of an entry of that list, @offset bytes behind its link? */
static bool is_listed(const struct reference *ref, unsigned long head, long offset)
{
	unsigned long link = head ? patcher_arch_load_word(head) : 0;
	unsigned int i;

	for (i = 0; link && link != head && i < LINKS_MAX; i++) {
		if (ref->hit->virt == link + offset)
			return true;
		link = patcher_arch_load_word(link);
	}
	return false;
}

/* What is registered there is not in use by that. */
static bool is_registration(const struct reference *ref)
{
	/* struct alg_type_list, crypto/af_alg.c */
	return is_listed(ref, own.alg_types, -(long)sizeof(void *)) ||
	       is_on_chain(ref, own.file_systems, PATCHER_NEXT_FILESYSTEM) ||
	       is_on_chain(ref, own.qdisc_base, offsetof(struct Qdisc_ops, next));
}

/* The entry of a character device in the kernel's map of them, and that device. */
static bool is_character_device(const struct reference *ref)
{
	void *const *variable = (void *)own.cdev_map;
	const struct device_map *map = variable ? (void *)load_field(variable) : NULL;
	const struct device_probe *probe;
	const struct cdev *cdev;
	unsigned int i, links = 0;

	if (!map || ref->hit->place != PATCHER_PLACE_SLAB)
		return false;
	for (i = 0; i < ARRAY_SIZE(map->probes); i++)
		for (probe = (void *)load_field(&map->probes[i]); probe && links < LINKS_MAX;
		     probe = (void *)load_field(&probe->next), links++) {
			cdev = (void *)load_field(&probe->data);
			if (is_at(ref, &probe->owner) || is_at(ref, &probe->data) ||
			    (cdev && (is_at(ref, &cdev->owner) || is_at(ref, &cdev->ops))))
				return true;
		}
	return false;
}

/* For each static key that the target's code asks, the kernel notes the modules that do. */
static bool is_of_static_key(const struct reference *ref)
{
	const struct module *target = ref->aim->target;
	const struct key_record *record;
	struct static_key *key;
	unsigned int i, links;

	for (i = 0; (key = patcher_static_key(target, i)); i++) {
		record = (void *)patcher_static_key_modules(key);
		for (links = 0; record && links < LINKS_MAX; links++) {
			if (is_at(ref, &record->mod))
				return true;
			record = (void *)load_field(&record->next);
		}
	}
	return false;
}

/* Likewise for static calls (kernel/static_call_inline.c). */
static bool is_of_static_call(const struct reference *ref)
{
	const struct module *target = ref->aim->target;
	const struct static_call_mod *record;
	struct static_call_key *key;
	unsigned int i, links;

	for (i = 0; (key = patcher_static_call(target, i)); i++) {
		record = (void *)load_field(&key->mods);
		/* Else these are the kernel's own sites. */
		if ((unsigned long)record & 1)
			continue;
		for (links = 0; record && links < LINKS_MAX; links++) {
			if (is_at(ref, &record->mod))
				return true;
			record = (void *)load_field(&record->next);
		}
	}
	return false;
}

/* The loader's own, of a module that is in use or not. */
static bool is_of_loader(const struct reference *ref)
{
	return ref->value == address_of_target(ref) &&
	       (is_listed(ref, own.btf_modules, offsetof(struct btf_listed, module)) ||
		is_listed(ref, own.tracepoint_modules, offsetof(struct tp_module, mod)) ||
		is_of_static_key(ref) || is_of_static_call(ref));
}

/* A disk that is not open; those that are open have been counted. */
static bool is_disk(const struct reference *ref)
{
	struct class_dev_iter iter;
	struct gendisk *disk;
	struct device *dev;
	bool found = false;

	if (!patcher_ksym.block_class || ref->hit->place != PATCHER_PLACE_SLAB)
		return false;
	class_dev_iter_init(&iter, patcher_ksym.block_class, NULL, NULL);
	while ((dev = class_dev_iter_next(&iter))) {
		disk = patcher_disk_of(dev);
		found |= disk && is_at(ref, &disk->fops);
	}
	class_dev_iter_exit(&iter);
	return found;
}

static int compare_device(struct device *dev, void *data)
{
	return is_at(data, &dev->driver);
}

/* What the driver core has for a driver of the target, and the devices that are bound to it. */
static bool is_driver(const struct reference *ref)
{
	struct device_driver *driver = (struct device_driver *)ref->value;
	const struct driver_record *record;

	if (ref->value + sizeof(*driver) > ref->object + ref->size)
		return false;
	record = (void *)load_field(&driver->p);
	if (!record || !virt_addr_valid(record) || !driver->bus ||
	    !load_field(&record->kobj.name) || !load_field(&record->kobj.kset))
		return false;
	if (strcmp(record->kobj.name, driver->name))
		return false;
	return is_in_object(ref, (unsigned long)record) ||
	       driver_for_each_device(driver, NULL, (void *)ref, compare_device);
}

static bool lies_in_cache(const struct reference *ref, const char *ending)
{
	const char *name, *end;

	if (ref->hit->place != PATCHER_PLACE_SLAB)
		return false;
	name = patcher_memory_cache_name(ref->hit->cache);
	end = strstr(name, ending);
	return end && !strcmp(end, ending);
}

/* Is it this field of an inode? That has itself as the host of its pages. */
static bool is_field_of_inode(const struct reference *ref, size_t offset)
{
	const struct inode *inode = (void *)(ref->hit->virt - offset);

	return (unsigned long)inode >= ref->hit->object &&
	       load_field(&inode->i_data.host) == (unsigned long)inode;
}

/*
 * What a file of a cached inode would have once it is opened, and the character device that one
 * had (fs/char_dev.c): it stays in there when that file is closed.
 */
static bool is_inode(const struct reference *ref)
{
	return lies_in_cache(ref, "inode_cache") &&
	       (is_field_of_inode(ref, offsetof(struct inode, i_fop)) ||
		is_field_of_inode(ref, offsetof(struct inode, i_cdev)) ||
		is_field_of_inode(ref, offsetof(struct inode, i_private)));
}

/* A tracepoint's event that nothing has been made to follow (linux/trace_events.h). */
static bool is_trace_event(const struct reference *ref)
{
	const struct trace_event_file *file = (void *)ref->hit->object;

	return lies_in_cache(ref, "trace_event_file") && is_at(ref, &file->event_call) &&
	       load_field(&file->triggers.next) == (unsigned long)&file->triggers;
}

/* Is a driver of SCSI devices in use that takes references on their host, and has no disk? */
static bool is_scsi_in_use(void)
{
	static const char *const names[] = { "sg", "st", "ch", "ses" };
	struct module *mod;
	bool found = false;
	unsigned int i;

	mutex_lock(patcher_ksym.module_mutex);
	list_for_each_entry(mod, patcher_ksym.modules, list)
		for (i = 0; i < ARRAY_SIZE(names); i++)
			found |= !strcmp(mod->name, names[i]) && module_refcount(mod) > 0;
	mutex_unlock(patcher_ksym.module_mutex);
	return found;
}

/* A SCSI host of the target's; the references of its disks have been counted. */
static bool is_scsi_host(const struct reference *ref)
{
	void *field = (void *)ref->hit->virt;
	const struct Scsi_Host *host = container_of(field, struct Scsi_Host, hostt);
	const char *name;

	if (ref->hit->place != PATCHER_PLACE_SLAB || (unsigned long)host != ref->hit->object ||
	    ref->hit->size < sizeof(*host) || ref->value != ref->object)
		return false;
	name = (const char *)load_field(&host->shost_gendev.kobj.name);
	return name && virt_addr_valid(name) && !strncmp(name, "host", 4) && !is_scsi_in_use();
}

/* A class of devices has no reference on the module that has made it. */
static bool is_class(const struct reference *ref)
{
	const struct class *class = patcher_class_by_owner(ref->hit->virt);
	const struct kset *subsystem;

	if (!class || !is_in_object(ref, (unsigned long)class) ||
	    ref->value != address_of_target(ref))
		return false;
	subsystem = patcher_class_subsystem(class);
	return subsystem && virt_addr_valid(subsystem) && subsystem->kobj.name &&
	       subsystem->kobj.parent && !strcmp(subsystem->kobj.parent->name, "class") &&
	       !strcmp(subsystem->kobj.name, class->name);
}

/* A device that is only a directory: struct root_device, drivers/base/core.c. */
static bool is_root_device(const struct reference *ref)
{
	const struct device *dev = (void *)ref->hit->object;

	return own.root_device_release && is_in_object(ref, (unsigned long)dev) &&
	       is_at(ref, dev + 1) && load_field(&dev->release) == own.root_device_release;
}

static bool (*const rules[])(const struct reference *ref) = {
	is_linkage,
	is_of_loader,
	is_registration,
	is_character_device,
	is_inode,
	is_trace_event,
	is_class,
	is_root_device,
	is_driver,
	is_scsi_host,
	is_disk,
};

static bool is_candidate(struct reference *ref)
{
	unsigned int i;

	if (!find_owned_object(ref))
		return false;
	for (i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i](ref))
			return false;
	return true;
}

/* By where the word lies: a symbol of the kernel's, or a cache; what shows the users there. */
static const struct {
	const char *place;
	const char *remedy;
} remedies[] = {
	{ "default_qdisc_ops", "sysctl net.core.default_qdisc" },
	{ "noop_qdisc", "tc qdisc" },
	{ "init_net", "sysctl net" },
	{ "xfrm_state", "ip xfrm state" },
	{ "TCP", "ss -tnp" },
	{ "TCPv6", "ss -tnp" },
	{ "sock_inode_cache", "ss -ap" },
	{ "filp", "lsof" },
	{ "configfs_dir_cache", "find /sys/kernel/config" },
	{ "request_queue", "cat /sys/block/*/queue/scheduler" },
	{ "blkdev_queue", "cat /sys/block/*/queue/scheduler" },
	{ "con_driver_map", "cat /sys/class/vtconsole/*/bind" },
	{ "registered_con_driver", "cat /sys/class/vtconsole/*/bind" },
	{ "fb_info", "cat /sys/class/vtconsole/*/bind" },
};

/**
 * patcher_candidates_text - a candidate, in words one can act on
 * @aim: the target
 * @hit: the word
 * @text: out: where it lies, what it points at, and where it is known, what shows its users
 * @size: of @text, in bytes
 *
 * Context: may sleep.
 * Return: the length.
 */
size_t patcher_candidates_text(const struct patcher_aim *aim, const struct patcher_hit *hit,
			       char *text, size_t size)
{
	size_t used, length;
	unsigned int i;

	used = patcher_place_text(hit, text, size);
	length = strcspn(text, "+ ");
	for (i = 0; i < ARRAY_SIZE(remedies); i++)
		if (strlen(remedies[i].place) == length &&
		    !strncmp(remedies[i].place, text, length))
			break;
	used += scnprintf(text + used, size - used, " -> ");
	used += patcher_place_aim_text(aim, patcher_hit_value(hit), text + used, size - used);
	if (i < ARRAY_SIZE(remedies))
		used += scnprintf(text + used, size - used, " (%s)", remedies[i].remedy);
	return used;
}

/* Where one is not there, what is on it counts. Some are other modules', so they come and go. */
static void find_lists(void)
{
	static const struct patcher_wanted wanted[] = {
		{ "cdev_map", &own.cdev_map, true },
		{ "btf_modules", &own.btf_modules, true },
		{ "tracepoint_module_list", &own.tracepoint_modules, true },
		{ "file_systems", &own.file_systems, true },
		{ "qdisc_base", &own.qdisc_base, true },
		{ "alg_types", &own.alg_types, true },
		{ "root_device_release", &own.root_device_release, true },
		{ }
	};

	memset(&own, 0, sizeof(own));
	patcher_resolve(wanted);
}

/**
 * patcher_candidates_tell - which words may belong to a holder of a reference?
 * @aim: the target
 * @hits: patcher_identify() and patcher_exhaust() have told; is_residue is cleared for others
 *
 * Context: may sleep.
 * Return: how many, or -EINTR.
 */
int patcher_candidates_tell(const struct patcher_aim *aim, struct patcher_hits *hits)
{
	struct reference ref = { .aim = aim };
	unsigned int i;
	int number = 0;

	find_lists();
	for (i = 0; i < hits->number; i++) {
		if (!hits->list[i].is_residue)
			continue;
		ref.hit = &hits->list[i];
		ref.value = patcher_hit_value(ref.hit);
		hits->list[i].is_residue = is_candidate(&ref);
		number += hits->list[i].is_residue;
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return number;
}
