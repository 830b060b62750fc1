// SPDX-License-Identifier: GPL-2.0
/*
 * keep: modules whose exit has run, and whose memory must not be freed yet.
 *
 * Something still points into such a module, or a task is inside. It gets another name, so that
 * its own is free, and its functions return at once (seal.c). It stays on the kernel's list,
 * GOING. One work sweeps each of them again, less and less often, and frees it with the real
 * free_module() when nothing is left.
 *
 * Only that work takes one off the list, and patcher_keep_stop() when there is no work any more:
 * so an entry can be used without the lock once it was found.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "kernel/compat.h"
#include "kernel/modules.h"
#include "log.h"
#include "watch/gate.h"
#include "watch/keep.h"

#define SUFFIX		"_kept"
#define FIRST_PAUSE	HZ
#define LONGEST_PAUSE	(600 * HZ)

static void keep_work(struct work_struct *work);

static struct workqueue_struct *keep_queue;
static DECLARE_DELAYED_WORK(keep_next, keep_work);

/* Protects the lists of what is at the gate and of what is kept, and when each is due. */
static DEFINE_MUTEX(keep_lock);
static LIST_HEAD(leaving_modules);
static LIST_HEAD(kept_modules);

static const struct patcher_kept_display *kept_display;

/**
 * patcher_keep_set_display - what is to show what is kept from now on
 * @display: the functions; NULL: none
 *
 * Context: this module's init and exit; nothing is kept.
 */
void patcher_keep_set_display(const struct patcher_kept_display *display)
{
	kept_display = display;
}

/**
 * patcher_kept_alloc - what is needed to examine a module that leaves, and to keep it
 * @mod: which, at the gate
 *
 * Context: process context, sleeps.
 * Return: NULL if there is no memory.
 */
struct patcher_kept *patcher_kept_alloc(const struct module *mod)
{
	struct patcher_kept *kept = kvzalloc(sizeof(*kept), GFP_KERNEL);

	if (!kept)
		return NULL;
	mutex_init(&kept->lock);
	kept->hidden_module = ~(unsigned long)mod;
	mutex_lock(&keep_lock);
	list_add(&kept->node, &leaving_modules);
	mutex_unlock(&keep_lock);
	return kept;
}

static void remove_from_list(struct patcher_kept *kept)
{
	mutex_lock(&keep_lock);
	list_del(&kept->node);
	mutex_unlock(&keep_lock);
}

/**
 * patcher_kept_free - free what patcher_kept_alloc() returned
 * @kept: of a module that is not kept, or not any more
 *
 * Context: process context, sleeps.
 */
void patcher_kept_free(struct patcher_kept *kept)
{
	remove_from_list(kept);
	patcher_occupants_forget(&kept->occupants);
	/* No sweep is to find in freed memory what pointed into a module. */
	memset(kept, 0, sizeof(*kept));
	kvfree(kept);
}

static struct module *module_of(const struct patcher_kept *kept)
{
	return (struct module *)~kept->hidden_module;
}

/**
 * patcher_kept_look - is no task inside?
 * @kept: what it is about
 * @mod: whose exit has run
 *
 * Context: process context, sleeps.
 * Return: true if none is for certain; otherwise @kept has in words who is.
 */
bool patcher_kept_look(struct patcher_kept *kept, struct module *mod)
{
	char who[PATCHER_WHO_LEN] = "";

	if (patcher_occupants_look(mod, false, &kept->occupants))
		strscpy(who, "not all tasks could be scanned", sizeof(who));
	else if (kept->occupants.inside)
		patcher_occupants_text(&kept->occupants, who, sizeof(who));
	patcher_occupants_forget(&kept->occupants);
	/* It has addresses, which no sweep is to find. */
	memset(&kept->occupants, 0, sizeof(kept->occupants));

	mutex_lock(&kept->lock);
	strscpy(kept->who, who, sizeof(kept->who));
	mutex_unlock(&kept->lock);
	return !*who;
}

/**
 * patcher_kept_sweep - does nothing point into a module?
 * @kept: what it is about
 * @mod: whose exit has run; no task is inside
 * @comes_again: if something does, it is looked for again later, so that it need not be certain
 *
 * Context: process context, sleeps for seconds maybe; a signal ends that.
 * Return: true if nothing does, or if this kernel's memory cannot be swept; otherwise @kept has
 * the result.
 */
bool patcher_kept_sweep(struct patcher_kept *kept, struct module *mod, bool comes_again)
{
	struct patcher_sweep *sweep = &kept->sweep;
	int err;

	mutex_lock(&kept->lock);
	memset(sweep, 0, sizeof(*sweep));
	sweep->comes_again = comes_again;
	err = patcher_sweep(mod, sweep);
	sweep->target = NULL;
	kept->error = err == -EOPNOTSUPP ? 0 : err;
	if (!err)
		pr_debug("%s: swept in %u ms: read %u times, the last one %lu MB in %u ms; %u words pointed into it, %u count\n",
			 mod->name, sweep->total_us / 1000, sweep->looks, sweep->kbytes / 1024,
			 sweep->pass_us / 1000, sweep->words, sweep->found);
	mutex_unlock(&kept->lock);
	return err == -EOPNOTSUPP || (!err && !sweep->found);
}

static bool list_has_module(const struct list_head *list, const struct module *mod)
{
	const struct patcher_kept *kept;
	bool found = false;

	mutex_lock(&keep_lock);
	list_for_each_entry(kept, list, node)
		found = found || module_of(kept) == mod;
	mutex_unlock(&keep_lock);
	return found;
}

/**
 * patcher_keep_has - is a module kept, by this patcher or by an earlier one?
 * @mod: pinned, its symbol table is right
 *
 * Its exit and the notifiers have run, and must not run again.
 *
 * Context: process context, sleeps.
 */
bool patcher_keep_has(struct module *mod)
{
	return list_has_module(&kept_modules, mod) || patcher_seal_is_sealed(mod);
}

/**
 * patcher_keep_is_leaving - is a module at the gate, to be freed or kept?
 * @mod: pinned
 *
 * Context: process context, sleeps.
 */
bool patcher_keep_is_leaving(const struct module *mod)
{
	return list_has_module(&leaving_modules, mod);
}

static void rename_kept(struct patcher_kept *kept, struct module *mod, const char *name)
{
	int err;

	/* Two of one name may come at once. */
	mutex_lock(&keep_lock);
	patcher_free_name(kept->name, name, SUFFIX);
	err = patcher_rename(mod, kept->name);
	mutex_unlock(&keep_lock);
	if (!err)
		return;
	patcher_warn(name, "it cannot be renamed to %s, so its name stays taken (%pe)", kept->name,
		     ERR_PTR(err));
	strscpy(kept->name, name, sizeof(kept->name));
}

static void seal_kept(struct patcher_kept *kept, struct module *mod)
{
	int err = patcher_seal(mod, &kept->seal);

	kept->is_sealed = true;
	if (err)
		patcher_warn(mod->name,
			     "it cannot be sealed: what still leads to its functions runs them (%pe)",
			     ERR_PTR(err));
	else
		patcher_notice(mod->name, "sealed: %u functions return at once, %u were too short",
			       kept->seal.functions, kept->seal.missed);
}

/* Several words may have one line between them. */
static bool has_unnamed(const struct patcher_sweep *sweep)
{
	return sweep->named == PATCHER_SWEEP_LINES && sweep->found > sweep->named;
}

/* Under its old name, which is the one that the user knows. */
static void log_residue(const struct patcher_kept *kept, const char *name)
{
	const struct patcher_sweep *sweep = &kept->sweep;
	unsigned int i;

	if (*kept->who)
		patcher_warn(name, "still inside it: %s", kept->who);
	if (kept->error)
		patcher_warn(name, "it could not be determined whether anything still points into it (%pe)",
			     ERR_PTR(kept->error));
	for (i = 0; i < sweep->named; i++)
		patcher_warn(name, "still points into it: %s", sweep->lines[i]);
	if (has_unnamed(sweep))
		patcher_warn(name, "still points into it: and %u more",
			     sweep->found - sweep->named);
}

/* Caller holds keep_lock. */
static void queue_next_sweep(void)
{
	const struct patcher_kept *kept;
	unsigned long first = jiffies + LONGEST_PAUSE;
	long pause;

	if (list_empty(&kept_modules))
		return;
	list_for_each_entry(kept, &kept_modules, node)
		if (time_before(kept->due, first))
			first = kept->due;
	pause = first - jiffies;
	mod_delayed_work(keep_queue, &keep_next, max(pause, 0L));
}

/**
 * patcher_keep - take a module out of use, and keep its memory
 * @kept: what is known of it: who is inside, or what the sweep has found; not to be used any more
 * @mod: its exit has run, and its free_module() has led to the gate
 *
 * Context: the task that unloads it, no lock held; there is no rescue of it any more.
 */
void patcher_keep(struct patcher_kept *kept, struct module *mod)
{
	char name[MODULE_NAME_LEN];

	strscpy(name, mod->name, sizeof(name));
	kept->size = patcher_module_size(mod);
	add_taint(TAINT_FORCED_RMMOD, LOCKDEP_STILL_OK);
	log_residue(kept, name);
	if (!*kept->who)
		seal_kept(kept, mod);
	rename_kept(kept, mod, name);
	patcher_warn(name, "not freed, but kept as %s: its name is free, and its %lu KB are freed when nothing points into it any more",
		     kept->name, kept->size / 1024);

	kept_display->show(kept);
	kept->pause = FIRST_PAUSE;
	mutex_lock(&keep_lock);
	kept->due = jiffies + kept->pause;
	list_move_tail(&kept->node, &kept_modules);
	queue_next_sweep();
	mutex_unlock(&keep_lock);
}

/* Is there nothing left that speaks against freeing it? */
static bool kept_may_be_freed(struct patcher_kept *kept)
{
	struct module *mod = module_of(kept);

	if (!patcher_kept_look(kept, mod))
		return false;
	if (!kept->is_sealed)
		seal_kept(kept, mod);
	return patcher_kept_sweep(kept, mod, true);
}

static void free_kept(struct patcher_kept *kept)
{
	mutex_lock(&keep_lock);
	list_move(&kept->node, &leaving_modules);
	mutex_unlock(&keep_lock);
	kept_display->hide(kept);
	patcher_notice(kept->name, "nothing points into it any more, freed");
	patcher_gate_free(module_of(kept));
	patcher_kept_free(kept);
}

static void keep_longer(struct patcher_kept *kept)
{
	kept->pause = min_t(unsigned long, 2 * kept->pause, LONGEST_PAUSE);
	mutex_lock(&keep_lock);
	kept->due = jiffies + kept->pause;
	mutex_unlock(&keep_lock);
}

static struct patcher_kept *find_due(void)
{
	struct patcher_kept *kept, *found = NULL;

	mutex_lock(&keep_lock);
	list_for_each_entry(kept, &kept_modules, node)
		if (!found && time_after_eq(jiffies, kept->due))
			found = kept;
	mutex_unlock(&keep_lock);
	return found;
}

static void keep_work(struct work_struct *work)
{
	struct patcher_kept *kept;

	while ((kept = find_due())) {
		if (kept_may_be_freed(kept))
			free_kept(kept);
		else
			keep_longer(kept);
	}
	mutex_lock(&keep_lock);
	queue_next_sweep();
	mutex_unlock(&keep_lock);
}

/**
 * patcher_kept_sweep_now - sweep again at once, and often for a while
 * @kept: shown to the user for as long as this takes
 *
 * Context: process context, may sleep.
 */
void patcher_kept_sweep_now(struct patcher_kept *kept)
{
	mutex_lock(&keep_lock);
	kept->due = jiffies;
	kept->pause = FIRST_PAUSE;
	queue_next_sweep();
	mutex_unlock(&keep_lock);
}

/**
 * patcher_kept_residue - what is left, a line each
 * @kept: shown to the user for as long as this takes
 * @text: out
 * @size: of @text
 *
 * Context: process context, sleeps for as long as a sweep takes.
 * Return: how many characters.
 */
int patcher_kept_residue(struct patcher_kept *kept, char *text, size_t size)
{
	const struct patcher_sweep *sweep = &kept->sweep;
	unsigned int i;
	int length = 0;

	mutex_lock(&kept->lock);
	if (*kept->who)
		length += scnprintf(text + length, size - length, "%s\n", kept->who);
	if (kept->error)
		length += scnprintf(text + length, size - length, "unknown (%pe)\n",
				    ERR_PTR(kept->error));
	for (i = 0; i < sweep->named; i++)
		length += scnprintf(text + length, size - length, "%s\n", sweep->lines[i]);
	if (has_unnamed(sweep))
		length += scnprintf(text + length, size - length, "and %u more\n",
				    sweep->found - sweep->named);
	mutex_unlock(&kept->lock);
	return length;
}

/**
 * patcher_keep_start - begin to keep modules
 *
 * Context: this module's init.
 * Return: 0 or -ENOMEM.
 */
int patcher_keep_start(void)
{
	keep_queue = alloc_workqueue("patcher_keep", WQ_UNBOUND, 1);
	return keep_queue ? 0 : -ENOMEM;
}

/* The last look at it. */
static void free_or_leave(struct patcher_kept *kept)
{
	if (kept_may_be_freed(kept)) {
		free_kept(kept);
		return;
	}
	kept_display->hide(kept);
	patcher_warn(kept->name,
		     "it stays until the machine boots, as nobody is left to free it: %s, %lu KB",
		     kept->is_sealed ? "sealed" : "not sealed", kept->size / 1024);
	patcher_kept_free(kept);
}

/**
 * patcher_keep_stop - leave what is kept to itself
 *
 * What nothing points into any more is freed. The rest stays as it is, for good: nobody is left
 * who would free it.
 *
 * Context: this module's exit, or its init that has failed; no module comes to be kept any more.
 * Sleeps for as long as it takes to sweep memory once for each; a signal ends that.
 */
void patcher_keep_stop(void)
{
	struct patcher_kept *kept, *next;

	cancel_delayed_work_sync(&keep_next);
	list_for_each_entry_safe(kept, next, &kept_modules, node)
		free_or_leave(kept);
	destroy_workqueue(keep_queue);
}
