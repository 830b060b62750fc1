// SPDX-License-Identifier: GPL-2.0
/*
 * diagnose: reads all there is to know about a target, and changes nothing.
 */
#include <linux/module.h>

#include "kernel/arch/arch.h"
#include "kernel/compat.h"
#include "kernel/ksym.h"
#include "look/diagnose.h"
#include "look/holders.h"
#include "look/occupants.h"

/* How often all of it is read while references come and go. */
#define MAX_TRIES	5

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

static void count_occupants(struct patcher_occupants *occupants,
			    struct patcher_diagnosis *found)
{
	const unsigned int *count = occupants->count;

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
	patcher_occupants_spared(occupants, found->spared, sizeof(found->spared));
}

/**
 * patcher_diagnose - read all there is to know about a target
 * @target: pinned
 * @stub: the stub module, or NULL
 * @snapshot: out, for patcher_unchanged()
 * @occupants: out, which tasks are inside; to be forgotten in the end
 * @found: out, for patcher_judge()
 *
 * The tasks are scanned after struct module was read. So when the state is COMING or GOING
 * and no task is found that loads or unloads the target, there was none when the state was
 * read either, or the state has changed since, and then patcher_unchanged() returns false.
 *
 * Holders of references are looked for last, as it matters whether a task that is inside holds
 * them. All is read again, for as long as that helps, if the refcount has changed meanwhile.
 *
 * Context: process context, may sleep; takes module_mutex for a short time.
 * Return: 0, -ENOMEM, or -EAGAIN when the tasks could not all be scanned.
 */
int patcher_diagnose(struct module *target, const struct module *stub,
		     struct patcher_snapshot *snapshot,
		     struct patcher_occupants *occupants,
		     struct patcher_diagnosis *found)
{
	int tries, err = 0;

	for (tries = 0; tries < MAX_TRIES && !err; tries++) {
		read_module(target, stub, snapshot, found);
		err = patcher_occupants_look(target, true, occupants);
		if (err)
			break;
		count_occupants(occupants, found);
		err = patcher_holders_look(target, patcher_judge_references(found), occupants,
					   &found->account);
		if (atomic_read(&target->refcnt) == snapshot->refcnt)
			break;
	}
	return err;
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
