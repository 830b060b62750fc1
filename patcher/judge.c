// SPDX-License-Identifier: GPL-2.0
/*
 * judge: the whole policy, on one page.
 *
 * patcher_judge() is called after each scan and answers with one action. The tests in
 * tests/unit try every combination of what may be found against what the documents promise
 * of each action.
 */
#include "judge.h"

const char *patcher_state_text(enum patcher_state state)
{
	switch (state) {
	case PATCHER_LIVE:
		return "LIVE";
	case PATCHER_COMING:
		return "COMING";
	case PATCHER_GOING:
		return "GOING";
	case PATCHER_UNFORMED:
		return "UNFORMED";
	}
	return "of an unknown state";
}

const char *patcher_situation_text(enum patcher_situation situation)
{
	switch (situation) {
	case PATCHER_HEALTHY:
		return "healthy (nothing keeps rmmod from working)";
	case PATCHER_DEPENDENTS:
		return "situation 1 (other modules depend on it)";
	case PATCHER_INIT_DIED:
		return "situation 2a (its init died)";
	case PATCHER_INIT_RUNS:
		return "situation 2b (its init has not ended)";
	case PATCHER_NO_EXIT:
		return "situation 3 (it has no exit)";
	case PATCHER_LEAKED:
		return "situation 4 (references leaked)";
	case PATCHER_HELD:
		return "situation 4' (references held)";
	case PATCHER_EXIT_BROKEN:
		return "situation 5a (exit to be replaced before it runs)";
	case PATCHER_EXIT_DIED:
		return "situation 5b (its exit died)";
	case PATCHER_EXIT_BLOCKS:
		return "situation 5c (its exit has not ended, it sleeps)";
	case PATCHER_EXIT_SPINS:
		return "situation 5d (its exit has not ended, it runs)";
	case PATCHER_OCCUPIED:
		return "LIVE with tasks inside";
	}
	return "of an unknown situation";
}

/* The part of the refcount that insmod or rmmod accounts for, as refcnt in sysfs shows it. */
static int own_references(enum patcher_state state)
{
	switch (state) {
	case PATCHER_COMING:
		return 1;
	case PATCHER_GOING:
		return -1;
	default:
		return 0;
	}
}

/* The number of references that must be held by something, or have leaked. */
int patcher_judge_references(const struct patcher_diagnosis *found)
{
	int references = found->references - own_references(found->state);

	return references > 0 ? references : 0;
}

/* The number of references of which no holder was found. */
int patcher_judge_unaccounted(const struct patcher_diagnosis *found)
{
	int known = found->account.held + found->dependents;
	int references = patcher_judge_references(found);

	return references > known ? references - known : 0;
}

/*
 * Kernel threads of the target are the business of the cleanup, or of the exit: they do not
 * hinder a rescue, unless they are to be evicted. If one is inside when the target goes,
 * the watch keeps the memory.
 */
static bool is_busy(const struct patcher_diagnosis *found,
		    const struct patcher_request *asked)
{
	return found->loaders || found->users || found->interrupts || found->unreadable ||
	       (found->threads && asked->force);
}

static enum patcher_situation classify_situation(const struct patcher_diagnosis *found,
						 const struct patcher_request *asked)
{
	bool busy = is_busy(found, asked);

	if (found->dependents)
		return PATCHER_DEPENDENTS;

	switch (found->state) {
	case PATCHER_UNFORMED:
		return PATCHER_INIT_RUNS;
	case PATCHER_COMING:
		return busy ? PATCHER_INIT_RUNS : PATCHER_INIT_DIED;
	case PATCHER_GOING:
		if (!busy)
			return PATCHER_EXIT_DIED;
		return found->spins ? PATCHER_EXIT_SPINS : PATCHER_EXIT_BLOCKS;
	case PATCHER_LIVE:
		break;
	}

	/* LIVE is set before insmod has dropped its own reference. */
	if (found->loaders)
		return PATCHER_INIT_RUNS;
	if (busy)
		return PATCHER_OCCUPIED;
	if (found->references > 0)
		return found->account.held ? PATCHER_HELD : PATCHER_LEAKED;
	if (found->has_init && !found->has_exit)
		return PATCHER_NO_EXIT;
	return asked->has_cleanup ? PATCHER_EXIT_BROKEN : PATCHER_HEALTHY;
}

/* Fills in a refusal, with its text still to be written. */
static char *refuse_with(struct patcher_verdict *v, int error)
{
	v->action = PATCHER_REFUSE;
	v->error = error;
	return v->text;
}

/* What is in the way may go by itself: wait, as long as there is time. */
static void wait_or_refuse(const struct patcher_request *asked, struct patcher_verdict *v)
{
	if (asked->time_is_up && !asked->ending)
		refuse_with(v, -EBUSY);
	else
		v->action = PATCHER_WAIT;
}

/* Is a loader inside whose init or exit has not ended? */
static bool loader_is_stuck(const struct patcher_diagnosis *found)
{
	return found->loaders && found->state != PATCHER_LIVE;
}

/*
 * The task that loads or unloads the target is evicted if a cleanup takes the place of what it
 * would have done; but not while a task is inside that is not to be evicted.
 */
static bool evicts_loaders(const struct patcher_diagnosis *found,
			   const struct patcher_request *asked)
{
	return loader_is_stuck(found) && asked->has_cleanup && (!found->users || asked->force) &&
	       !*found->spared;
}

/*
 * Other tasks are evicted by force only. Without a cleanup, a release lets the old init or
 * exit go on to its end, and no task must be redirected any more when that comes.
 */
static bool evicts_others(const struct patcher_diagnosis *found,
			  const struct patcher_request *asked)
{
	return asked->force && (asked->has_cleanup || !loader_is_stuck(found)) &&
	       !*found->spared;
}

/*
 * May the target be given up when the time is up? Its cleanup then runs at once, so nothing may
 * be held: a file that is read or closed after that leads into what the cleanup has freed.
 */
static bool may_quarantine(const struct patcher_diagnosis *found,
			   const struct patcher_request *asked)
{
	return asked->quarantine && asked->has_cleanup &&
	       (evicts_loaders(found, asked) || evicts_others(found, asked)) &&
	       !found->account.held && !found->unreadable && !found->interrupts &&
	       !found->crowded;
}

/* Tasks are in the way: let go what may be let go, until the time is up. */
static void let_go_or_refuse(const struct patcher_diagnosis *found,
			     const struct patcher_request *asked, struct patcher_verdict *v)
{
	bool loaders = evicts_loaders(found, asked), others = evicts_others(found, asked);

	if (asked->time_is_up && may_quarantine(found, asked)) {
		v->action = PATCHER_QUARANTINE;
		return;
	}
	wait_or_refuse(asked, v);
	if (v->action == PATCHER_REFUSE)
		return;
	if (loaders || others || (asked->has_release && !asked->has_cleanup))
		v->action = PATCHER_LET_GO;
	v->evict_loaders = loaders;
	v->evict_others = others;
	v->quarantine_next = may_quarantine(found, asked);
}

static const char *remedy_for_tasks(const struct patcher_diagnosis *found,
				    const struct patcher_request *asked)
{
	bool can_let_go = evicts_loaders(found, asked) || evicts_others(found, asked) ||
			  (asked->has_release && !asked->has_cleanup);

	if (found->unreadable || found->interrupts)
		return "it cannot be unloaded before that has left it";
	if (found->loaders && found->state == PATCHER_LIVE)
		return "wait until that insmod has ended";
	if (found->users && !asked->force)
		return "that task has to leave it first; let it end, or force=1 to evict it";
	if (found->crowded && asked->has_cleanup)
		return "too many to evict; a stub with a .release and no .cleanup may let them go";
	if (can_let_go && asked->waited && !asked->let_go)
		return "no task was let go, not all could be caught; try a longer timeout_ms";
	if (found->loaders && !asked->has_cleanup && !asked->has_release)
		return "give a stub with a .release to let it go, or a .cleanup";
	if (found->loaders && !asked->has_release)
		return "give the stub a .release that wakes it";
	if (found->loaders && asked->has_cleanup)
		return "the stub's .release has not woken it; let it do more, or quarantine=1";
	if (found->loaders)
		return "the stub's .release has not let it end; give a .cleanup as well";
	return "force=1 has not made it leave; give the stub a .release that wakes it";
}

/* Can all that is held be taken from the tasks that have it? Each such file has one reference. */
static bool can_be_revoked(const struct patcher_account *account)
{
	return account->held && account->held == account->holders &&
	       account->revocable == account->holders;
}

static bool is_to_be_revoked(const struct patcher_diagnosis *found,
			     const struct patcher_request *asked)
{
	return asked->force && can_be_revoked(&found->account);
}

/*
 * Is something held that is in the way? What only the user tasks inside hold goes with them,
 * when they leave or are evicted.
 */
static bool is_held_elsewhere(const struct patcher_diagnosis *found,
			      const struct patcher_request *asked)
{
	const struct patcher_account *account = &found->account;

	return account->held && (!found->users || account->elsewhere) &&
	       !is_to_be_revoked(found, asked);
}

/* A file of it is open, or it is mounted: no task is evicted for the sake of that. */
static void object_to_holders(const struct patcher_diagnosis *found,
			      const struct patcher_request *asked,
			      struct patcher_verdict *v)
{
	const struct patcher_account *account = &found->account;
	bool files = account->files == account->holders;
	const char *by_force = "";

	if (asked->waited)
		wait_or_refuse(asked, v);
	else
		refuse_with(v, -EBUSY);
	if (asked->force)
		by_force = ", force=1 does not help";
	else if (can_be_revoked(account))
		by_force = ", or force=1 to make it answer EIO";
	snprintf(v->text, sizeof(v->text), "%s %s; %s first%s", files ? "opened by" : "held by",
		 account->held_by, files ? "close it" : "unmount or close it", by_force);
}

static void object_to_tasks(const struct patcher_diagnosis *found,
			    const struct patcher_request *asked,
			    struct patcher_verdict *v)
{
	if (!found->can_evict && (evicts_loaders(found, asked) || evicts_others(found, asked))) {
		snprintf(refuse_with(v, -EOPNOTSUPP), sizeof(v->text),
			 "%s; on this architecture no task can be evicted, give a stub with a .release and no .cleanup",
			 found->who);
		return;
	}
	let_go_or_refuse(found, asked, v);
	if (*found->spared) {
		snprintf(v->text, sizeof(v->text),
			 "%s; %s, and cannot be evicted; it has to leave by itself, or be let go by a stub with a .release and no .cleanup",
			 found->who, found->spared);
		return;
	}
	snprintf(v->text, sizeof(v->text), "%s; %s", found->who,
		 remedy_for_tasks(found, asked));
}

/* True if something is in the way; then @v says what is to be done about it. */
static bool object_to_anything(const struct patcher_diagnosis *found,
			       const struct patcher_request *asked,
			       struct patcher_verdict *v)
{
	size_t size = sizeof(v->text);

	if (found->dependents) {
		const char *remedy = "rmmod or rescue that first";

		if (found->stub_depends)
			remedy = "a stub must not link against its target, use PATCHER_SYMBOL()";
		snprintf(refuse_with(v, -EBUSY), size, "in use by %s; %s",
			 found->dependent_names, remedy);
		return true;
	}
	if (found->state == PATCHER_UNFORMED) {
		snprintf(refuse_with(v, -EBUSY), size,
			 "it is still being set up, or being freed; wait until its insmod or rmmod has ended");
		return true;
	}
	if (found->is_livepatch) {
		snprintf(refuse_with(v, -EBUSY), size,
			 "it is a livepatch, kernel text may still lead into it; disable it first: /sys/kernel/livepatch/*/enabled");
		return true;
	}
	if (found->exit_is_foreign) {
		snprintf(refuse_with(v, -EBUSY), size,
			 "its exit points outside of its own text, something else has redirected it; undo that first");
		return true;
	}
	if (is_held_elsewhere(found, asked)) {
		object_to_holders(found, asked, v);
		return true;
	}
	if (is_busy(found, asked)) {
		object_to_tasks(found, asked, v);
		return true;
	}
	if (found->references < 0 && found->state == PATCHER_LIVE) {
		snprintf(refuse_with(v, -EBUSY), size,
			 "it is LIVE with %d references, which no module ever is; something else has changed it",
			 found->references);
		return true;
	}
	if (patcher_judge_unaccounted(found) && found->account.unseen && !asked->force) {
		snprintf(refuse_with(v, -EBUSY), size,
			 "the mappings of %u tasks could not be looked at, and one may be of it; try again, or force=1",
			 found->account.unseen);
		return true;
	}
	if (asked->has_cleanup)
		return false;
	if (found->state == PATCHER_GOING) {
		snprintf(refuse_with(v, -EOPNOTSUPP), size,
			 "its exit has died once and must not run again; give a stub with a cleanup");
		return true;
	}
	if (!found->has_exit && found->has_init) {
		snprintf(refuse_with(v, -EOPNOTSUPP), size,
			 "it has no exit, and nothing else could run as one; give a stub with a cleanup");
		return true;
	}
	return false;
}

static const char *unknown_text(const struct patcher_account *account)
{
	if (account->mounts_unknown && account->disks_unknown)
		return ", but mounts and disks cannot be looked for on this kernel";
	if (account->mounts_unknown)
		return ", but mounts cannot be looked for on this kernel";
	if (account->disks_unknown)
		return ", but disks cannot be looked for on this kernel";
	return "";
}

/* Nothing is in the way. */
static void plan_to_arm(const struct patcher_diagnosis *found,
			const struct patcher_request *asked, struct patcher_verdict *v)
{
	int leaked = patcher_judge_unaccounted(found);

	v->action = PATCHER_ARM;
	if (is_to_be_revoked(found, asked))
		v->revoke = found->account.held;
	v->redirect = asked->has_cleanup;
	v->set_state = found->state != PATCHER_LIVE;
	v->set_count = found->references != 0;

	if (leaked > 0)
		snprintf(v->text, sizeof(v->text),
			 "%d references count as leaked: no holder of them was found%s; if you know one, rmmod patcher now",
			 leaked, unknown_text(&found->account));
	else if (v->situation == PATCHER_INIT_DIED && !v->redirect)
		snprintf(v->text, sizeof(v->text),
			 "its own exit will run although its init died half way; if it cannot cope, give a stub");
}

void patcher_judge(const struct patcher_diagnosis *found,
		   const struct patcher_request *asked,
		   struct patcher_verdict *verdict)
{
	*verdict = (struct patcher_verdict){
		.situation = classify_situation(found, asked),
	};

	if (!object_to_anything(found, asked, verdict))
		plan_to_arm(found, asked, verdict);
}
