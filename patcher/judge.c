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
	case PATCHER_EXIT_BROKEN:
		return "situation 5a (exit to be replaced before it runs)";
	case PATCHER_EXIT_DIED:
		return "situation 5b (its exit died)";
	case PATCHER_EXIT_RUNS:
		return "situation 5c or 5d (its exit has not ended)";
	case PATCHER_OCCUPIED:
		return "LIVE with tasks inside";
	}
	return "of an unknown situation";
}

static enum patcher_situation classify(const struct patcher_diagnosis *found,
				       const struct patcher_request *asked)
{
	bool busy = found->inside || found->unreadable || found->loaders;

	if (found->dependents)
		return PATCHER_DEPENDENTS;

	switch (found->state) {
	case PATCHER_UNFORMED:
		return PATCHER_INIT_RUNS;
	case PATCHER_COMING:
		return busy ? PATCHER_INIT_RUNS : PATCHER_INIT_DIED;
	case PATCHER_GOING:
		return busy ? PATCHER_EXIT_RUNS : PATCHER_EXIT_DIED;
	case PATCHER_LIVE:
		break;
	}

	/* LIVE is set before insmod has dropped its own reference. */
	if (found->loaders)
		return PATCHER_INIT_RUNS;
	if (busy)
		return PATCHER_OCCUPIED;
	if (found->references > 0)
		return PATCHER_LEAKED;
	if (found->has_init && !found->has_exit)
		return PATCHER_NO_EXIT;
	return asked->has_cleanup ? PATCHER_EXIT_BROKEN : PATCHER_HEALTHY;
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
	if (found->inside || found->unreadable || found->loaders) {
		v->wait = true;
		snprintf(v->text, size, "%s; it cannot be unloaded before %s",
			 found->who, found->loaders ?
			 "that insmod or rmmod has ended" : "that task has left it");
		return -EBUSY;
	}
	if (found->references < 0 && found->state == PATCHER_LIVE) {
		snprintf(v->text, size,
			 "it is LIVE with %d references, which no module ever is; something else has changed it",
			 found->references);
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

void patcher_judge(const struct patcher_diagnosis *found,
		   const struct patcher_request *asked,
		   struct patcher_verdict *verdict)
{
	*verdict = (struct patcher_verdict){
		.situation = classify(found, asked),
	};

	verdict->error = object(found, asked, verdict);
	if (verdict->error)
		return;

	verdict->redirect = asked->has_cleanup;
	verdict->set_state = found->state != PATCHER_LIVE;
	verdict->set_count = found->references != 0;

	if (verdict->situation == PATCHER_INIT_DIED && !verdict->redirect)
		snprintf(verdict->text, sizeof(verdict->text),
			 "its own exit will run although its init died half way; if it cannot cope, give a stub");
	else if (verdict->situation == PATCHER_LEAKED)
		snprintf(verdict->text, sizeof(verdict->text),
			 "%d references count as leaked: no module depends on it, but open files, mounts and sockets were not looked for; if there are any, rmmod patcher now, and close them",
			 found->references);
}
