// SPDX-License-Identifier: GPL-2.0
/*
 * diagnose: look; reads all it can about a target, changes nothing.
 *
 * struct module is the kernel's own, and built differently by each configuration.
 * vermagic has seen to it that it fits; what is relied on is checked once more here,
 * on the target itself: name, list linkage, sysfs entry, the own symbol table.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "kernel/arch/arch.h"
#include "kernel/compat.h"
#include "look/diagnose.h"
#include "look/holders.h"
#include "kernel/ksym.h"
#include "log.h"
#include "look/occupants.h"
#include "kernel/symbols.h"

/* How often the references are looked at while they come and go. */
#define MAX_TRIES	5

static struct kobject *find_kobject(const char *name)
{
	return kset_find_obj(THIS_MODULE->mkobj.kobj.kset, name);
}

/* Also one that is not fully set up. Caller holds module_mutex. */
static struct module *find_target(const char *name)
{
	struct module *mod;

	list_for_each_entry(mod, patcher_ksym.modules, list)
		if (!strcmp(mod->name, name))
			return mod;
	return NULL;
}

/* What is built in may have an entry in /sys/module, which then leads to no module. */
static bool is_built_in(const char *name)
{
	struct kobject *kobj = find_kobject(name);
	bool built_in;

	if (!kobj)
		return false;
	built_in = !container_of(kobj, struct module_kobject, kobj)->mod;
	kobject_put(kobj);
	return built_in;
}

static bool linkage_is_right(const struct module *mod)
{
	return mod->list.next->prev == &mod->list && mod->list.prev->next == &mod->list;
}

/* Caller holds module_mutex, so the target does not go while it is being pinned. */
static int pin_locked(const char *name, struct module **target)
{
	struct module *mod = find_target(name);
	struct kobject *kobj;

	if (!mod)
		return is_built_in(name) ?
			patcher_refuse(name, -EINVAL,
				       "it is built into the kernel, and cannot be unloaded") :
			patcher_refuse(name, -ENODEV,
				       "it is not loaded; lsmod shows what is");

	if (!linkage_is_right(mod))
		return patcher_refuse(name, -EOPNOTSUPP,
				      "struct module is not as expected on this kernel (list)");

	kobj = find_kobject(name);
	if (!kobj)
		return patcher_refuse(name, -EBUSY,
				      "it is still being set up, or being freed, state %s; wait until its insmod or rmmod has ended",
				      patcher_state_text((enum patcher_state)mod->state));
	if (kobj != &mod->mkobj.kobj || mod->mkobj.mod != mod) {
		kobject_put(kobj);
		return patcher_refuse(name, -EOPNOTSUPP,
				      "struct module is not as expected on this kernel (sysfs)");
	}
	*target = mod;
	return 0;
}

/* A symbol that every patcher has, whatever it is called. */
static const char *const mark = "patcher_mark";

/*
 * The name of another patcher that is loaded, or being loaded; NULL if there is none. Two
 * that begin at once see each other, and both refuse.
 */
static const char *other_patcher(void)
{
	struct patcher_match match;
	struct module *mod;

	lockdep_assert_held(patcher_ksym.module_mutex);
	list_for_each_entry(mod, patcher_ksym.modules, list) {
		if (mod == THIS_MODULE || mod->state == MODULE_STATE_UNFORMED ||
		    !patcher_symbols_are_right(mod))
			continue;
		patcher_symbols_look_up(mod, mark, &match);
		if (match.number)
			return mod->name;
	}
	return NULL;
}

/**
 * patcher_is_alone - is this the only patcher? Two would not know of each other's rescues
 * @target: what it is asked to rescue, for the log
 *
 * Context: process context, may sleep; takes module_mutex.
 * Return: 0, or -EBUSY, and then the log names the other one.
 */
int patcher_is_alone(const char *target)
{
	const char *other;
	int err = 0;

	mutex_lock(patcher_ksym.module_mutex);
	other = other_patcher();
	if (other)
		err = patcher_refuse(target, -EBUSY,
				     "another patcher is loaded, as %s; rmmod that first", other);
	mutex_unlock(patcher_ksym.module_mutex);
	return err;
}

/**
 * patcher_pin - find the target, and keep its memory from being freed
 * @name: its name
 * @target: out
 *
 * The pin is a reference on the target's kobject: free_module() waits for the last
 * of those in mod_kobject_put(), early and without a lock (kernel/module/sysfs.c, 5.10
 * to 7.3). It does not show in the reference count, and rmmod may begin meanwhile.
 *
 * Context: process context, may sleep; takes module_mutex.
 * Return: 0, and patcher_unpin() is to be called; or -ENODEV, -EINVAL (built in), -EBUSY
 * (being set up), -EOPNOTSUPP (not the struct module that it should be), and then the
 * log says so.
 */
int patcher_pin(const char *name, struct module **target)
{
	int err;

	mutex_lock(patcher_ksym.module_mutex);
	err = pin_locked(name, target);
	mutex_unlock(patcher_ksym.module_mutex);
	if (err)
		return err;

	if (!patcher_symbols_are_right(*target)) {
		patcher_unpin(*target);
		return patcher_refuse(name, -EOPNOTSUPP,
				      "struct module is not as expected on this kernel (symbols)");
	}
	return 0;
}

/**
 * patcher_unpin - let the target's memory be freed
 * @target: what patcher_pin() found; not to be used any more
 */
void patcher_unpin(struct module *target)
{
	kobject_put(&target->mkobj.kobj);
}

static void name_dependents(struct module *mod, const struct module *stub,
			    struct patcher_diagnosis *found)
{
	size_t size = sizeof(found->dependent_names);
	struct patcher_module_use *use;
	int used = 0;

	list_for_each_entry(use, &mod->source_list, source_list) {
		used += scnprintf(found->dependent_names + used, size - used, "%s%s",
				  found->dependents ? ", " : "", use->source->name);
		found->dependents++;
		if (use->source == stub)
			found->stub_depends = true;
	}
}

static enum patcher_state state_of(enum module_state state)
{
	switch (state) {
	case MODULE_STATE_LIVE:
		return PATCHER_LIVE;
	case MODULE_STATE_COMING:
		return PATCHER_COMING;
	case MODULE_STATE_GOING:
		return PATCHER_GOING;
	default:
		return PATCHER_UNFORMED;
	}
}

static void read_module(struct module *mod, const struct module *stub,
			struct patcher_snapshot *snapshot,
			struct patcher_diagnosis *found)
{
	mutex_lock(patcher_ksym.module_mutex);
	*snapshot = (struct patcher_snapshot){
		.state = mod->state,
		.refcnt = atomic_read(&mod->refcnt),
		.exit = mod->exit,
	};
	*found = (struct patcher_diagnosis){
		.state = state_of(mod->state),
		.references = module_refcount(mod),
		.has_init = mod->init,
		.has_exit = mod->exit,
		.is_livepatch = is_livepatch_module(mod),
	};
	found->exit_is_foreign = mod->exit &&
		!patcher_within_text(mod, (unsigned long)mod->exit);
	name_dependents(mod, stub, found);
	mutex_unlock(patcher_ksym.module_mutex);
}

static bool loader_spins(const struct patcher_occupants *occupants)
{
	const struct patcher_occupant *who = occupants->list;
	unsigned int i;

	for (i = 0; i < patcher_occupants_listed(occupants); i++, who++)
		if (who->kind == PATCHER_LOADER && patcher_occupant_runs(who))
			return true;
	return false;
}

/* The count, and who is in it; read again while it changes, for as long as that helps. */
static int read_references(struct module *mod, const struct module *stub,
			   struct patcher_snapshot *snapshot,
			   struct patcher_diagnosis *found)
{
	int tries, err = 0;

	for (tries = 0; tries < MAX_TRIES && !err; tries++) {
		read_module(mod, stub, snapshot, found);
		err = patcher_holders_look(mod, patcher_judge_references(found),
					   &found->account);
		if (atomic_read(&mod->refcnt) == snapshot->refcnt)
			break;
	}
	return err;
}

/**
 * patcher_diagnose - read all there is to know about a target
 * @target: pinned
 * @stub: the stub module, or NULL
 * @snapshot: out, for patcher_unchanged()
 * @occupants: out, who is inside; to be forgotten in the end
 * @found: out, for patcher_judge()
 *
 * The tasks are read after the rest. So when the state is COMING or GOING and nobody is
 * found who is at it, nobody was at it when the state was read either, or the state
 * has changed since, and then patcher_unchanged() tells.
 *
 * Context: process context, may sleep; takes module_mutex for a short time.
 * Return: 0, -ENOMEM, or -EAGAIN when the tasks could not all be read.
 */
int patcher_diagnose(struct module *target, const struct module *stub,
		     struct patcher_snapshot *snapshot,
		     struct patcher_occupants *occupants,
		     struct patcher_diagnosis *found)
{
	const unsigned int *count = occupants->count;
	int err;

	err = read_references(target, stub, snapshot, found);
	if (err)
		return err;
	err = patcher_occupants_look(target, true, occupants);
	if (err)
		return err;
	found->loaders = count[PATCHER_LOADER];
	found->users = count[PATCHER_USER];
	found->threads = count[PATCHER_THREAD];
	found->workers = count[PATCHER_WORKER];
	found->interrupts = count[PATCHER_INTERRUPT];
	found->unreadable = count[PATCHER_UNREADABLE];
	found->spins = loader_spins(occupants);
	found->crowded = occupants->tasks > PATCHER_OCCUPANTS_MAX;
	found->can_evict = patcher_arch_can_evict();
	patcher_occupants_text(occupants, found->who, sizeof(found->who));
	return 0;
}

/**
 * patcher_unchanged - is the target still as it was diagnosed?
 * @target: pinned
 * @snapshot: what patcher_diagnose() filled in
 *
 * Context: caller holds module_mutex.
 */
bool patcher_unchanged(const struct module *target,
		       const struct patcher_snapshot *snapshot)
{
	lockdep_assert_held(patcher_ksym.module_mutex);
	return target->state == snapshot->state && target->exit == snapshot->exit &&
	       atomic_read(&target->refcnt) == snapshot->refcnt &&
	       list_empty(&target->source_list);
}
