// SPDX-License-Identifier: GPL-2.0
/*
 * judge.c as a plain C function: each situation once, then every combination against
 * the promises of docs/how-it-works.md, stated for each action. Speaks TAP.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../patcher/judge.h"

static int number, failures;

static void ok(bool good, const char *name)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++number, name);
	failures += !good;
}

/* A healthy module with an init and an exit of its own. */
#define HEALTHY .state = PATCHER_LIVE, .has_init = true, .has_exit = true

/* One whose exit was called, and which has not ended. */
#define GOING .state = PATCHER_GOING, .references = -1, .has_init = true, \
	      .has_exit = true, .can_evict = true

static const struct patcher_request no_stub;
static const struct patcher_request cleanup = { .has_stub = true, .has_cleanup = true };
static const struct patcher_request release_only = { .has_stub = true, .has_release = true };
static const struct patcher_request both = {
	.has_stub = true, .has_cleanup = true, .has_release = true
};

static const struct patcher_request forced = {
	.has_stub = true, .has_cleanup = true, .force = true, .quarantine = true
};

static const struct patcher_request given_up = {
	.has_stub = true, .has_cleanup = true, .has_release = true, .quarantine = true
};

static const struct patcher_request forced_no_stub = { .force = true };

static const struct patcher_request forced_and_waited = {
	.has_stub = true, .has_cleanup = true, .force = true, .quarantine = true, .waited = true
};

static const struct patcher_request waited = {
	.has_stub = true, .has_cleanup = true, .waited = true
};

/* A file that a task has open, and a mount. */
#define OPENED .account = { .held = 2, .holders = 1, .files = 1, \
			    .held_by = "cat[9] fd 3 (/dev/x)" }
#define TAKABLE .account = { .held = 1, .holders = 1, .files = 1, .revocable = 1, \
			     .held_by = "cat[9] fd 3 (/dev/x)" }
#define MOUNTED .account = { .held = 1, .holders = 1, .held_by = "minix mounted on /mnt" }

struct example {
	const char *name;
	struct patcher_diagnosis found;
	const struct patcher_request *asked;
	enum patcher_situation situation;
	int error;
	bool redirect, set_state, set_count;
	const char *text;	/* has to be in the verdict's; NULL: it has to be empty */
	/*
	 * What is to be done about tasks while there is time: w wait, r let them go, l and o evict
	 * loaders and others, q quarantine when the time is up; t: take open files. Where there is
	 * a w, .error is what is refused when the time is up, unless there is a q.
	 */
	const char *tasks;
};

static const struct example examples[] = {
	{ "healthy, no stub: nothing to do", { HEALTHY }, &no_stub, PATCHER_HEALTHY },
	{ "1: dependents are named",
	  { HEALTHY, .references = 2, .dependents = 2, .dependent_names = "abc, def" },
	  &cleanup, PATCHER_DEPENDENTS, -EBUSY, .text = "in use by abc, def; rmmod" },
	{ "1: a stub that links against the target is told so",
	  { HEALTHY, .references = 1, .dependents = 1, .stub_depends = true,
	    .dependent_names = "yyy" },
	  &cleanup, PATCHER_DEPENDENTS, -EBUSY, .text = "must not link" },
	{ "2a: corrected and redirected",
	  { .state = PATCHER_COMING, .references = 1, .has_init = true, .has_exit = true },
	  &cleanup, PATCHER_INIT_DIED, 0, true, true, true },
	{ "2a with references beyond insmod's own",
	  { .state = PATCHER_COMING, .references = 3, .has_init = true, .has_exit = true },
	  &cleanup, PATCHER_INIT_DIED, 0, true, true, true, "2 references count as leaked" },
	{ "2a without a stub: its own exit, with a warning",
	  { .state = PATCHER_COMING, .references = 1, .has_init = true, .has_exit = true },
	  &no_stub, PATCHER_INIT_DIED, 0, false, true, true, "own exit will run" },
	{ "2a without stub and exit: refused",
	  { .state = PATCHER_COMING, .references = 1, .has_init = true },
	  &no_stub, PATCHER_INIT_DIED, -EOPNOTSUPP, .text = "give a stub" },
	{ "2b: somebody is in init",
	  { .state = PATCHER_COMING, .references = 1, .has_init = true, .has_exit = true,
	    .can_evict = true, .loaders = 1, .who = "insmod[5] sleeps inside at init" },
	  &cleanup, PATCHER_INIT_RUNS, -EBUSY, .text = "insmod[5] sleeps inside at init",
	  .tasks = "wrl" },
	{ "2b: insmod is alive, though not in the target's text",
	  { .state = PATCHER_COMING, .references = 1, .has_init = true, .has_exit = true,
	    .can_evict = true, .loaders = 1, .who = "insmod[5] is loading or unloading it" },
	  &cleanup, PATCHER_INIT_RUNS, -EBUSY, .text = "give the stub a .release",
	  .tasks = "wrl" },
	{ "LIVE, but insmod is not done and its reference is not leaked",
	  { HEALTHY, .references = 1, .loaders = 1, .who = "insmod[5]" },
	  &no_stub, PATCHER_INIT_RUNS, -EBUSY, .text = "insmod[5]",
	  .tasks = "w" },
	{ "3: given the stub's cleanup",
	  { .state = PATCHER_LIVE, .has_init = true },
	  &cleanup, PATCHER_NO_EXIT, 0, true, false, false },
	{ "3 without a stub: refused",
	  { .state = PATCHER_LIVE, .has_init = true },
	  &no_stub, PATCHER_NO_EXIT, -EOPNOTSUPP, .text = "no exit" },
	{ "3 with a stub that has no cleanup: refused",
	  { .state = PATCHER_LIVE, .has_init = true },
	  &release_only, PATCHER_NO_EXIT, -EOPNOTSUPP, .text = "no exit" },
	{ "neither init nor exit: rmmod needs none",
	  { .state = PATCHER_LIVE }, &no_stub, PATCHER_HEALTHY },
	{ "4: the count is corrected, its own exit stays",
	  { HEALTHY, .references = 3 }, &no_stub, PATCHER_LEAKED, 0, false, false, true,
	  "3 references count as leaked" },
	{ "4 with a stub: redirected too",
	  { HEALTHY, .references = 3 }, &cleanup, PATCHER_LEAKED, 0, true, false, true,
	  "3 references count as leaked" },
	{ "4': who has it open is named",
	  { HEALTHY, .references = 2, OPENED }, &no_stub, PATCHER_HELD, -EBUSY,
	  .text = "opened by cat[9] fd 3 (/dev/x); close it first", .tasks = "" },
	{ "4' with some leaked beside",
	  { HEALTHY, .references = 4, OPENED }, &cleanup, PATCHER_HELD, -EBUSY,
	  .text = "opened by cat[9]", .tasks = "" },
	{ "4' with force=1",
	  { HEALTHY, .references = 2, OPENED }, &forced, PATCHER_HELD, -EBUSY,
	  .text = "force=1 does not help", .tasks = "" },
	{ "4' with a file that can be taken: not without force=1",
	  { HEALTHY, .references = 1, TAKABLE }, &no_stub, PATCHER_HELD, -EBUSY,
	  .text = "close it first, or force=1 to make it answer EIO", .tasks = "" },
	{ "4' with force=1: taken",
	  { HEALTHY, .references = 1, TAKABLE }, &forced_no_stub, PATCHER_HELD, 0, false, false,
	  true, .tasks = "t" },
	{ "4' with force=1: not if it has another reference, as of its cdev",
	  { HEALTHY, .references = 2, .account = { .held = 2, .holders = 1, .files = 1,
	    .revocable = 1, .held_by = "cat[9] fd 3 (/dev/x)" } }, &forced_no_stub,
	  PATCHER_HELD, -EBUSY, .text = "force=1 does not help", .tasks = "" },
	{ "4' with force=1, and some leaked beside",
	  { HEALTHY, .references = 2, TAKABLE }, &forced_no_stub, PATCHER_HELD, 0, false, false,
	  true, "1 references count as leaked", .tasks = "t" },
	{ "4': a mount",
	  { HEALTHY, .references = 1, MOUNTED }, &no_stub, PATCHER_HELD, -EBUSY,
	  .text = "held by minix mounted on /mnt; unmount or close it first", .tasks = "" },
	{ "a task that has left may be about to close it: waited for",
	  { HEALTHY, .references = 2, OPENED }, &waited, PATCHER_HELD, -EBUSY,
	  .text = "opened by cat[9]", .tasks = "w" },
	{ "a task inside may be the holder: it is named and waited for as such",
	  { HEALTHY, .references = 2, .users = 1, .who = "cat[9] sleeps inside", OPENED },
	  &cleanup, PATCHER_OCCUPIED, -EBUSY, .text = "cat[9] sleeps inside", .tasks = "w" },
	{ "and evicted with force=1, but not given up: its file is closed after the cleanup",
	  { HEALTHY, .references = 2, .can_evict = true, .users = 1, .who = "cat[9]", OPENED },
	  &forced, PATCHER_OCCUPIED, -EBUSY, .text = "cat[9]", .tasks = "wro" },
	{ "no task is evicted while another one holds a file",
	  { HEALTHY, .references = 4, .can_evict = true, .users = 1, .who = "cat[9]",
	    .account = { .held = 4, .holders = 2, .files = 2, .elsewhere = 1,
	    .held_by = "cat[9] fd 3 (/dev/x), tail[10] fd 3 (/dev/x)" } },
	  &forced, PATCHER_OCCUPIED, -EBUSY, .text = "tail[10] fd 3 (/dev/x); close it first",
	  .tasks = "" },
	{ "which is waited for if tasks were in the way before",
	  { HEALTHY, .references = 2, .can_evict = true, .users = 1, .who = "cat[9]",
	    .account = { .held = 2, .holders = 1, .files = 1, .elsewhere = 1,
	    .held_by = "cat[8] fd 3 (/dev/x)" } },
	  &forced_and_waited, PATCHER_OCCUPIED, -EBUSY, .text = "opened by cat[8]",
	  .tasks = "w" },
	{ "2a with a file open",
	  { .state = PATCHER_COMING, .references = 3, .has_init = true, .has_exit = true, OPENED },
	  &cleanup, PATCHER_INIT_DIED, -EBUSY, .text = "opened by cat[9]" },
	{ "5b with a file open",
	  { .state = PATCHER_GOING, .references = 1, .has_init = true, .has_exit = true, OPENED },
	  &cleanup, PATCHER_EXIT_DIED, -EBUSY, .text = "opened by cat[9]" },
	{ "5c with a file open: nobody is evicted",
	  { GOING, .loaders = 1, .who = "rmmod[7]", OPENED }, &given_up,
	  PATCHER_EXIT_BLOCKS, -EBUSY, .text = "opened by cat[9]", .tasks = "" },
	{ "4: network devices take no reference",
	  { HEALTHY, .references = 3, .account = { .idle_devices = 1, .devices = "eth1" } },
	  &no_stub, PATCHER_LEAKED, 0, false, false, true,
	  "3 references count as leaked: no holder of them was found" },
	{ "4: what cannot be looked for is said",
	  { HEALTHY, .references = 1, .account = { .mounts_unknown = true } }, &no_stub,
	  PATCHER_LEAKED, 0, false, false, true, "mounts cannot be looked for" },
	{ "4: a task whose mappings cannot be looked at may be a holder",
	  { HEALTHY, .references = 1, .account = { .unseen = 1 } }, &cleanup,
	  PATCHER_LEAKED, -EBUSY, .text = "mappings of 1 tasks" },
	{ "but force=1 goes on",
	  { HEALTHY, .references = 1, .account = { .unseen = 1 } }, &forced_no_stub,
	  PATCHER_LEAKED, 0, false, false, true, "1 references count as leaked" },
	{ "and it does not matter where there is nothing to account for",
	  { HEALTHY, .account = { .unseen = 1 } }, &cleanup, PATCHER_EXIT_BROKEN, 0, true },
	{ "5a: redirected",
	  { HEALTHY }, &cleanup, PATCHER_EXIT_BROKEN, 0, true, false, false },
	{ "5b: corrected and redirected",
	  { .state = PATCHER_GOING, .references = -1, .has_init = true, .has_exit = true },
	  &cleanup, PATCHER_EXIT_DIED, 0, true, true, true },
	{ "5b without a stub: an exit that has died must not run again",
	  { .state = PATCHER_GOING, .references = -1, .has_init = true, .has_exit = true },
	  &no_stub, PATCHER_EXIT_DIED, -EOPNOTSUPP, .text = "must not run again" },
	{ "5c: somebody is in exit",
	  { .state = PATCHER_GOING, .references = -1, .has_init = true, .has_exit = true,
	    .can_evict = true, .loaders = 1, .who = "rmmod[7] sleeps inside at exit" },
	  &cleanup, PATCHER_EXIT_BLOCKS, -EBUSY, .text = "rmmod[7] sleeps inside at exit",
	  .tasks = "wrl" },
	{ "a task inside a LIVE target",
	  { HEALTHY, .users = 1, .who = "cat[9] sleeps inside at read" },
	  &cleanup, PATCHER_OCCUPIED, -EBUSY, .text = "cat[9] sleeps inside at read",
	  .tasks = "w" },
	{ "a task whose stack cannot be read may be inside",
	  { HEALTHY, .unreadable = 1, .who = "xyz[9] may be inside" },
	  &cleanup, PATCHER_OCCUPIED, -EBUSY, .text = "xyz[9] may be inside",
	  .tasks = "w" },
	{ "5c with a cleanup: what can be told is let go, rmmod evicted",
	  { GOING, .loaders = 1, .who = "rmmod[7]" }, &cleanup, PATCHER_EXIT_BLOCKS, -EBUSY,
	  .tasks = "wrl", .text = "give the stub a .release that wakes it" },
	{ "5c with a release only: the old exit is trusted to end",
	  { GOING, .loaders = 1, .who = "rmmod[7]" }, &release_only, PATCHER_EXIT_BLOCKS,
	  -EBUSY, .tasks = "wr", .text = "has not let it end" },
	{ "5c with both",
	  { GOING, .loaders = 1, .who = "rmmod[7]" }, &both, PATCHER_EXIT_BLOCKS, -EBUSY,
	  .tasks = "wrl", .text = "or quarantine=1" },
	{ "5c with both, when nobody could be let go in time",
	  { GOING, .loaders = 1, .who = "rmmod[7]" }, &waited, PATCHER_EXIT_BLOCKS, -EBUSY,
	  .tasks = "wrl", .text = "rmmod[7]; no task was let go" },
	{ "5c without a stub: waited for, and refused with what would help",
	  { GOING, .loaders = 1, .who = "rmmod[7]" }, &no_stub, PATCHER_EXIT_BLOCKS, -EBUSY,
	  .tasks = "w", .text = "give a stub with a .release" },
	{ "5c with quarantine=1",
	  { GOING, .loaders = 1, .who = "rmmod[7]" }, &given_up, PATCHER_EXIT_BLOCKS, -EBUSY,
	  .tasks = "wrlq", .text = "rmmod[7]" },
	{ "5c with more inside than can be evicted is not given up",
	  { GOING, .loaders = 1, .crowded = true, .who = "rmmod[7] and 200 more" }, &given_up,
	  PATCHER_EXIT_BLOCKS, -EBUSY, .tasks = "wrl", .text = "too many to evict" },
	{ "5d",
	  { GOING, .loaders = 1, .spins = true, .who = "rmmod[7]" }, &cleanup,
	  PATCHER_EXIT_SPINS, -EBUSY, .tasks = "wrl", .text = "rmmod[7]" },
	{ "5c where this architecture cannot evict",
	  { .state = PATCHER_GOING, .has_exit = true, .loaders = 1, .who = "rmmod[7]" }, &both,
	  PATCHER_EXIT_BLOCKS, -EOPNOTSUPP, .tasks = "", .text = "no task can be evicted" },
	{ "but let go",
	  { .state = PATCHER_GOING, .has_exit = true, .loaders = 1, .who = "rmmod[7]" },
	  &release_only, PATCHER_EXIT_BLOCKS, -EBUSY, .tasks = "wr", .text = "rmmod[7]" },
	{ "a user task in a dead exit's module is not evicted without force",
	  { GOING, .users = 1, .who = "cat[9]" }, &given_up, PATCHER_EXIT_BLOCKS, -EBUSY,
	  .tasks = "w", .text = "force=1 to evict it" },
	{ "nor rmmod beside it",
	  { GOING, .loaders = 1, .users = 1, .who = "cat[9]" }, &given_up,
	  PATCHER_EXIT_BLOCKS, -EBUSY, .tasks = "w", .text = "cat[9]" },
	{ "with force it is",
	  { HEALTHY, .can_evict = true, .users = 1, .who = "cat[9]" }, &forced,
	  PATCHER_OCCUPIED, -EBUSY, .tasks = "wroq", .text = "force=1 has not" },
	{ "a task that is ending already is not evicted, and why is said",
	  { HEALTHY, .can_evict = true, .users = 1, .who = "cat[9] sleeps inside",
	    .spared = "cat[9] is ending already" }, &forced,
	  PATCHER_OCCUPIED, -EBUSY, .tasks = "w", .text = "cat[9] is ending already, and cannot" },
	{ "nor is rmmod beside it",
	  { GOING, .loaders = 1, .users = 1, .who = "rmmod[7], init[1]",
	    .spared = "init[1] is PID 1" }, &forced,
	  PATCHER_EXIT_BLOCKS, -EBUSY, .tasks = "w", .text = "init[1] is PID 1, and cannot" },
	{ "but it may be let go",
	  { HEALTHY, .users = 1, .who = "cat[9]", .spared = "cat[9] is ending already" },
	  &release_only, PATCHER_OCCUPIED, -EBUSY, .tasks = "wr",
	  .text = "a stub with a .release" },
	{ "an interrupt handler cannot be given up",
	  { GOING, .loaders = 1, .interrupts = 1, .who = "idle[0]" }, &given_up,
	  PATCHER_EXIT_BLOCKS, -EBUSY, .tasks = "wrl", .text = "before that has left" },
	{ "kernel threads inside are the cleanup's business",
	  { HEALTHY, .threads = 1, .workers = 1 }, &cleanup, PATCHER_EXIT_BROKEN, 0, true },
	{ "with force they are evicted first",
	  { HEALTHY, .can_evict = true, .threads = 1, .who = "kt[9]" }, &forced,
	  PATCHER_OCCUPIED, -EBUSY, .tasks = "wroq", .text = "kt[9]" },
	{ "but no worker ever",
	  { HEALTHY, .can_evict = true, .workers = 1 }, &forced, PATCHER_EXIT_BROKEN, 0, true },
	{ "being set up or freed",
	  { .state = PATCHER_UNFORMED }, &cleanup, PATCHER_INIT_RUNS, -EBUSY,
	  .text = "being set up" },
	{ "a livepatch",
	  { HEALTHY, .references = 1, .is_livepatch = true }, &no_stub, PATCHER_LEAKED,
	  -EBUSY, .text = "livepatch" },
	{ "an exit that something else has redirected",
	  { HEALTHY, .exit_is_foreign = true }, &cleanup, PATCHER_EXIT_BROKEN, -EBUSY,
	  .text = "something else" },
	{ "LIVE with a negative count",
	  { HEALTHY, .references = -1 }, &cleanup, PATCHER_EXIT_BROKEN, -EBUSY,
	  .text = "-1 references" },
};

static const char *plan_for_tasks(const struct patcher_verdict *v)
{
	static char text[8];
	bool waits = v->action == PATCHER_WAIT || v->action == PATCHER_LET_GO;

	snprintf(text, sizeof(text), "%s%s%s%s%s%s", v->revoke ? "t" : "", waits ? "w" : "",
		 v->action == PATCHER_LET_GO ? "r" : "", v->evict_loaders ? "l" : "",
		 v->evict_others ? "o" : "", v->quarantine_next ? "q" : "");
	return text;
}

/* Is this the action while there is time, and the error that goes with it? */
static bool action_is_right(const struct example *e, const struct patcher_verdict *v)
{
	if (e->tasks && strchr(e->tasks, 'w'))
		return v->action == (strchr(e->tasks, 'r') ? PATCHER_LET_GO : PATCHER_WAIT) &&
		       !v->error;
	return v->action == (e->error ? PATCHER_REFUSE : PATCHER_ARM) && v->error == e->error;
}

/* And when the time is up? */
static bool last_action_is_right(const struct example *e)
{
	struct patcher_request asked = *e->asked;
	struct patcher_verdict v;

	asked.time_is_up = true;
	patcher_judge(&e->found, &asked, &v);
	if (e->tasks && strchr(e->tasks, 'q'))
		return v.action == PATCHER_QUARANTINE && !v.error;
	return v.action == (e->error ? PATCHER_REFUSE : PATCHER_ARM) && v.error == e->error &&
	       !v.evict_loaders && !v.evict_others;
}

static void check_example(const struct example *e)
{
	struct patcher_verdict v;
	bool good;

	memset(&v, 0xff, sizeof(v));
	patcher_judge(&e->found, e->asked, &v);
	good = v.situation == e->situation && action_is_right(e, &v) &&
	       last_action_is_right(e) && v.redirect == e->redirect &&
	       v.set_state == e->set_state && v.set_count == e->set_count &&
	       (!e->tasks || !strcmp(plan_for_tasks(&v), e->tasks)) &&
	       (e->text ? !!strstr(v.text, e->text) : !*v.text);
	ok(good, e->name);
	if (!good)
		printf("# situation %d, action %d (%d), redirect %d, state %d, count %d, %s: %s\n",
		       v.situation, v.action, v.error, v.redirect, v.set_state, v.set_count,
		       plan_for_tasks(&v), v.text);
}

/* What must hold whatever was found; the numbers are those of the loops below. */
struct promises {
	unsigned long combinations, of_action[PATCHER_ARM + 1];
	unsigned long planned_but_not_armed, error_of_another_action;
	unsigned long refused_without_reason, waits_for_nothing, waits_although_time_is_up;
	unsigned long armed_with_somebody_inside, armed_with_dependents, armed_with_holders;
	unsigned long armed_without_an_exit, armed_to_die_again, armed_not_live;
	unsigned long unknown_situation, takes_without_leave;
	unsigned long evicts_without_leave, evicts_beside_holders, evicts_spared;
	unsigned long quarantined_without_leave, quarantined_with_holders;
};

static void check_evictions(const struct patcher_diagnosis *d,
			    const struct patcher_request *asked,
			    const struct patcher_verdict *v, struct promises *p)
{
	bool evicts = v->evict_loaders || v->evict_others;
	bool takable = d->account.revocable == d->account.holders && asked->force;

	p->evicts_without_leave += (v->evict_loaders && !asked->has_cleanup) ||
		(v->evict_others && !asked->force) || (evicts && !d->can_evict) ||
		(evicts && v->action != PATCHER_LET_GO);
	p->evicts_spared += *d->spared && (evicts || v->action == PATCHER_QUARANTINE);
	p->evicts_beside_holders += evicts && d->account.held && !takable &&
		(d->account.elsewhere || !d->users);
}

static void check_promises(const struct patcher_diagnosis *d,
			   const struct patcher_request *asked, struct promises *p)
{
	bool somebody = d->users || d->unreadable || d->loaders || d->interrupts ||
			(d->threads && asked->force);
	struct patcher_verdict v;

	patcher_judge(d, asked, &v);
	p->combinations++;
	p->of_action[v.action]++;
	p->unknown_situation += !strcmp(patcher_situation_text(v.situation),
					"of an unknown situation");
	p->error_of_another_action += (v.action == PATCHER_REFUSE) != (v.error < 0);
	p->planned_but_not_armed += v.action != PATCHER_ARM &&
		(v.redirect || v.set_state || v.set_count || v.revoke);
	check_evictions(d, asked, &v, p);
	switch (v.action) {
	case PATCHER_REFUSE:
		p->refused_without_reason += !*v.text;
		break;
	case PATCHER_WAIT:
	case PATCHER_LET_GO:
		p->waits_for_nothing += !somebody && !(asked->waited && d->account.held);
		p->waits_although_time_is_up += asked->time_is_up && !asked->ending;
		break;
	case PATCHER_QUARANTINE:
		p->quarantined_without_leave += !asked->quarantine || !asked->has_cleanup ||
			!asked->time_is_up || !d->can_evict || d->crowded ||
			(d->users && !asked->force);
		p->quarantined_with_holders += d->account.held != 0;
		break;
	case PATCHER_ARM:
		p->armed_with_somebody_inside += somebody;
		p->armed_with_dependents += d->dependents != 0;
		p->armed_with_holders += d->account.held && !v.revoke;
		p->takes_without_leave += v.revoke && (!asked->force ||
					  d->account.revocable != d->account.holders);
		p->armed_without_an_exit += d->has_init && !d->has_exit && !v.redirect;
		p->armed_to_die_again += d->state == PATCHER_GOING && !v.redirect;
		p->armed_not_live += (d->state != PATCHER_LIVE) != v.set_state ||
				     (d->references != 0) != v.set_count;
		break;
	}
}

/* Each way to ask, while there is time and when it is up, with a task just ending and without. */
static void check_requests(const struct patcher_diagnosis *d, struct promises *p)
{
	const struct patcher_request *const requests[] = {
		&no_stub, &cleanup, &release_only, &both, &forced, &given_up, &forced_and_waited
	};
	unsigned int r, time;

	for (r = 0; r < sizeof(requests) / sizeof(*requests); r++)
		for (time = 0; time < 3; time++) {
			struct patcher_request asked = *requests[r];

			asked.time_is_up = time > 0;
			asked.ending = time == 2;
			check_promises(d, &asked, p);
		}
}

static void check_all_combinations(struct promises *p)
{
	unsigned int state, bits;
	int references;

	for (state = PATCHER_LIVE; state <= PATCHER_UNFORMED; state++)
		for (references = -2; references <= 3; references++)
			for (bits = 0; bits < 131072; bits++) {
				struct patcher_diagnosis d = {
					.state = state,
					.references = references,
					.has_init = bits & 1,
					.has_exit = bits & 2,
					.exit_is_foreign = bits & 4,
					.is_livepatch = bits & 8,
					.dependents = !!(bits & 16),
					.stub_depends = bits & 32,
					.users = !!(bits & 64),
					.unreadable = !!(bits & 128),
					.loaders = !!(bits & 256),
					.threads = !!(bits & 512),
					.interrupts = !!(bits & 1024),
					.can_evict = bits & 2048,
					.crowded = bits & 8192,
					.account.held = !!(bits & 4096),
					.account.holders = !!(bits & 4096),
					.account.revocable = !!(bits & 16384),
					.account.elsewhere = (bits & 4096) &&
						(bits & 32768),
					.dependent_names = "abc",
					.who = "xyz[1]",
					.spared = { bits & 65536 ? 'x' : 0 },
				};

				check_requests(&d, p);
			}
}

int main(void)
{
	const unsigned int n = sizeof(examples) / sizeof(*examples);
	struct promises p = {};
	unsigned int i;

	printf("1..%u\n", n + 19);
	for (i = 0; i < n; i++)
		check_example(&examples[i]);

	check_all_combinations(&p);
	printf("# %lu: %lu refused, %lu wait, %lu let go, %lu quarantined, %lu armed\n",
	       p.combinations, p.of_action[PATCHER_REFUSE], p.of_action[PATCHER_WAIT],
	       p.of_action[PATCHER_LET_GO], p.of_action[PATCHER_QUARANTINE],
	       p.of_action[PATCHER_ARM]);
	ok(p.combinations == 4ul * 6 * 131072 * 7 * 3 && p.of_action[PATCHER_REFUSE] &&
	   p.of_action[PATCHER_WAIT] && p.of_action[PATCHER_LET_GO] &&
	   p.of_action[PATCHER_QUARANTINE] && p.of_action[PATCHER_ARM],
	   "every combination is judged, some with each action");
	ok(!p.planned_but_not_armed, "only arming redirects, corrects or takes files");
	ok(!p.error_of_another_action, "a refusal has an error, and nothing else has");
	ok(!p.refused_without_reason, "a refusal has a reason");
	ok(!p.waits_for_nothing, "only tasks are waited for, and files that they close");
	ok(!p.waits_although_time_is_up, "nothing is waited for when the time is up");
	ok(!p.evicts_without_leave, "no task is evicted but with a cleanup, or by force");
	ok(!p.evicts_beside_holders,
	   "no task is evicted while something else holds a reference that is not to be taken");
	ok(!p.evicts_spared,
	   "no task is evicted beside one that must not be, nor the target given up");
	ok(!p.quarantined_without_leave, "nothing is given up unless that was asked for");
	ok(!p.quarantined_with_holders, "nothing is given up while anything holds a reference");
	ok(!p.armed_with_somebody_inside, "nothing is armed with a task inside");
	ok(!p.armed_with_dependents, "nothing is armed with dependents");
	ok(!p.armed_with_holders,
	   "no reference of a known holder is zeroed, unless its file is taken");
	ok(!p.takes_without_leave, "no file is taken but by force, and if all can be");
	ok(!p.armed_without_an_exit, "nothing is armed that rmmod would find without exit");
	ok(!p.armed_to_die_again, "an exit that has died is never kept");
	ok(!p.armed_not_live, "state and count are set if and only if they differ");
	ok(!p.unknown_situation, "every situation has a name");
	return failures != 0;
}
