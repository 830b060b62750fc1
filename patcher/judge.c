// SPDX-License-Identifier: GPL-2.0
/*
 * judge: the whole policy, on one page.
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

/* What the count shows while insmod is at it, or after rmmod has called the exit. */
static int own_references(enum patcher_state state)
{
	return state == PATCHER_COMING ? 1 : state == PATCHER_GOING ? -1 : 0;
}

/* How many references there are that somebody must have, or have lost. */
int patcher_judge_references(const struct patcher_diagnosis *found)
{
	int references = found->references - own_references(found->state);

	return references > 0 ? references : 0;
}

/* How many of these nobody was found to have. */
int patcher_judge_unaccounted(const struct patcher_diagnosis *found)
{
	int known = found->account.held + found->dependents;
	int references = patcher_judge_references(found);

	return references > known ? references - known : 0;
}

/*
 * Kernel threads of the target are the cleanup's business, or the exit's: they do not
 * hinder a rescue, unless they are to be evicted. If one is inside when the target goes,
 * the watch holds the memory.
 */
static bool is_busy(const struct patcher_diagnosis *found,
		    const struct patcher_request *asked)
{
	return found->loaders || found->users || found->interrupts || found->unreadable ||
	       (found->threads && asked->force);
}

static enum patcher_situation classify(const struct patcher_diagnosis *found,
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

/*
 * Tasks are in the way. Whoever loads or unloads the target is evicted if a cleanup takes
 * the place of what he would have done; others only by force. As long as one is there who is
 * not to be evicted, nothing is done to anybody. Without a cleanup, a release lets the old
 * init or exit go on to its end.
 */
static void plan_release(const struct patcher_diagnosis *found,
			 const struct patcher_request *asked,
			 struct patcher_verdict *v)
{
	bool stuck = found->loaders && found->state != PATCHER_LIVE;
	bool hopeless = found->users && !asked->force;

	v->wait = true;
	v->evict_loaders = stuck && asked->has_cleanup && !hopeless;
	/* Tripwires must be off when the old exit ends. */
	v->evict_others = asked->force && (asked->has_cleanup || !stuck);
	v->release = v->evict_loaders || v->evict_others ||
		     (asked->has_release && !asked->has_cleanup);
	v->quarantine = asked->quarantine && asked->has_cleanup &&
			(v->evict_loaders || v->evict_others) &&
			!found->unreadable && !found->interrupts && !found->crowded;
}

static const char *remedy_for_tasks(const struct patcher_diagnosis *found,
				    const struct patcher_request *asked,
				    const struct patcher_verdict *v)
{
	if (found->unreadable || found->interrupts)
		return "it cannot be unloaded before that has left it";
	if (found->loaders && found->state == PATCHER_LIVE)
		return "wait until that insmod has ended";
	if (found->users && !asked->force)
		return "that task has to leave it first; let it end, or force=1 to evict it";
	if (found->crowded && asked->has_cleanup)
		return "too many to evict; a stub with a .release and no .cleanup may let them go";
	if (v->release && asked->waited && !asked->let_go)
		return "nobody was let go, not all were within reach; try a longer timeout_ms";
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

/* Can all that is held be taken from who has it? Each such file has one reference. */
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
 * Somebody has a file of it open, or has it mounted: what he has would lead nowhere. Nobody
 * is evicted for his sake.
 */
static int object_to_holders(const struct patcher_diagnosis *found,
			     const struct patcher_request *asked,
			     struct patcher_verdict *v)
{
	const struct patcher_account *account = &found->account;
	bool files = account->files == account->holders;
	const char *by_force = "";

	if (asked->force)
		by_force = ", force=1 does not help";
	else if (can_be_revoked(account))
		by_force = ", or force=1 to make it answer EIO";
	v->wait = asked->waited;
	snprintf(v->text, sizeof(v->text), "%s %s; %s first%s", files ? "opened by" : "held by",
		 account->held_by, files ? "close it" : "unmount or close it", by_force);
	return -EBUSY;
}

/* Why it must not be touched, with the remedy; 0 when nothing speaks against it. */
static int object(const struct patcher_diagnosis *found,
		  const struct patcher_request *asked,
		  struct patcher_verdict *v)
{
	size_t size = sizeof(v->text);

	if (found->dependents) {
		const char *remedy = "rmmod or rescue that first";

		if (found->stub_depends)
			remedy = "a stub must not link against its target, use PATCHER_SYMBOL()";
		snprintf(v->text, size, "in use by %s; %s", found->dependent_names, remedy);
		return -EBUSY;
	}
	if (found->state == PATCHER_UNFORMED) {
		snprintf(v->text, size,
			 "it is still being set up, or being freed; wait until its insmod or rmmod has ended");
		return -EBUSY;
	}
	if (found->is_livepatch) {
		snprintf(v->text, size,
			 "it is a livepatch, kernel text may still lead into it; disable it first: /sys/kernel/livepatch/*/enabled");
		return -EBUSY;
	}
	if (found->exit_is_foreign) {
		snprintf(v->text, size,
			 "its exit points outside of its own text, something else has redirected it; undo that first");
		return -EBUSY;
	}
	/* A user task that is inside may be the holder itself. */
	if (found->account.held && !found->users && !is_to_be_revoked(found, asked))
		return object_to_holders(found, asked, v);
	if (is_busy(found, asked)) {
		plan_release(found, asked, v);
		if ((v->evict_loaders || v->evict_others) && !found->can_evict) {
			*v = (struct patcher_verdict){ .situation = v->situation };
			snprintf(v->text, size,
				 "%s; on this architecture nobody can be evicted, give a stub with a .release and no .cleanup",
				 found->who);
			return -EOPNOTSUPP;
		}
		snprintf(v->text, size, "%s; %s", found->who, remedy_for_tasks(found, asked, v));
		return -EBUSY;
	}
	if (found->references < 0 && found->state == PATCHER_LIVE) {
		snprintf(v->text, size,
			 "it is LIVE with %d references, which no module ever is; something else has changed it",
			 found->references);
		return -EBUSY;
	}
	if (patcher_judge_unaccounted(found) && found->account.unseen && !asked->force) {
		snprintf(v->text, size,
			 "the mappings of %u tasks could not be looked at, and one may be of it; try again, or force=1",
			 found->account.unseen);
		return -EBUSY;
	}
	if (asked->has_cleanup)
		return 0;
	if (found->state == PATCHER_GOING) {
		snprintf(v->text, size,
			 "its exit has died once and must not run again; give a stub with a cleanup");
		return -EOPNOTSUPP;
	}
	if (!found->has_exit && found->has_init) {
		snprintf(v->text, size,
			 "it has no exit, and nothing else could run as one; give a stub with a cleanup");
		return -EOPNOTSUPP;
	}
	return 0;
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

void patcher_judge(const struct patcher_diagnosis *found,
		   const struct patcher_request *asked,
		   struct patcher_verdict *verdict)
{
	int leaked;

	*verdict = (struct patcher_verdict){
		.situation = classify(found, asked),
	};

	verdict->error = object(found, asked, verdict);
	if (verdict->error)
		return;

	if (is_to_be_revoked(found, asked))
		verdict->revoke = found->account.held;
	verdict->redirect = asked->has_cleanup;
	verdict->set_state = found->state != PATCHER_LIVE;
	verdict->set_count = found->references != 0;

	leaked = patcher_judge_unaccounted(found);
	if (leaked > 0)
		snprintf(verdict->text, sizeof(verdict->text),
			 "%d references count as leaked: nobody was found who has them%s; if you know who does, rmmod patcher now",
			 leaked, unknown_text(&found->account));
	else if (verdict->situation == PATCHER_INIT_DIED && !verdict->redirect)
		snprintf(verdict->text, sizeof(verdict->text),
			 "its own exit will run although its init died half way; if it cannot cope, give a stub");
}
