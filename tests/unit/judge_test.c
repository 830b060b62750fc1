// SPDX-License-Identifier: GPL-2.0
/*
 * judge.c as a plain C function: each situation once, then every combination against
 * the promises of docs/how-it-works.md. Speaks TAP.
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

static const struct patcher_request no_stub;
static const struct patcher_request cleanup = { .has_stub = true, .has_cleanup = true };
static const struct patcher_request release_only = { .has_stub = true };

struct example {
	const char *name;
	struct patcher_diagnosis found;
	const struct patcher_request *asked;
	enum patcher_situation situation;
	int error;
	bool redirect, set_state, set_count;
	const char *text;	/* has to be in the verdict's; NULL: it has to be empty */
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
	{ "2a without a stub: its own exit, with a warning",
	  { .state = PATCHER_COMING, .references = 1, .has_init = true, .has_exit = true },
	  &no_stub, PATCHER_INIT_DIED, 0, false, true, true, "own exit will run" },
	{ "2a without stub and exit: refused",
	  { .state = PATCHER_COMING, .references = 1, .has_init = true },
	  &no_stub, PATCHER_INIT_DIED, -EOPNOTSUPP, .text = "give a stub" },
	{ "2b: somebody is in init",
	  { .state = PATCHER_COMING, .references = 1, .has_init = true, .has_exit = true,
	    .inside = 1, .loaders = 1, .who = "insmod[5] sleeps inside at init" },
	  &cleanup, PATCHER_INIT_RUNS, -EBUSY, .text = "insmod[5] sleeps inside at init" },
	{ "2b: insmod is alive, though not in the target's text",
	  { .state = PATCHER_COMING, .references = 1, .has_init = true, .has_exit = true,
	    .loaders = 1, .who = "insmod[5] is loading or unloading it" },
	  &cleanup, PATCHER_INIT_RUNS, -EBUSY, .text = "insmod or rmmod has ended" },
	{ "LIVE, but insmod is not done and its reference is not leaked",
	  { HEALTHY, .references = 1, .loaders = 1, .who = "insmod[5]" },
	  &no_stub, PATCHER_INIT_RUNS, -EBUSY, .text = "insmod[5]" },
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
	    .inside = 1, .loaders = 1, .who = "rmmod[7] sleeps inside at exit" },
	  &cleanup, PATCHER_EXIT_RUNS, -EBUSY, .text = "rmmod[7] sleeps inside at exit" },
	{ "a task inside a LIVE target",
	  { HEALTHY, .inside = 1, .who = "cat[9] sleeps inside at read" },
	  &cleanup, PATCHER_OCCUPIED, -EBUSY, .text = "cat[9] sleeps inside at read" },
	{ "a task whose stack cannot be read may be inside",
	  { HEALTHY, .unreadable = 1, .who = "xyz[9] may be inside" },
	  &cleanup, PATCHER_OCCUPIED, -EBUSY, .text = "xyz[9] may be inside" },
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

static void check_example(const struct example *e)
{
	struct patcher_verdict v;
	bool good;

	memset(&v, 0xff, sizeof(v));
	patcher_judge(&e->found, e->asked, &v);
	good = v.situation == e->situation && v.error == e->error &&
	       v.redirect == e->redirect && v.set_state == e->set_state &&
	       v.set_count == e->set_count &&
	       (e->text ? !!strstr(v.text, e->text) : !*v.text);
	ok(good, e->name);
	if (!good)
		printf("# situation %d, error %d, redirect %d, state %d, count %d, \"%s\"\n",
		       v.situation, v.error, v.redirect, v.set_state, v.set_count, v.text);
}

/* What must hold whatever was found; the numbers are those of the loops below. */
struct promises {
	unsigned long combinations, refused, armed;
	unsigned long refused_with_a_plan, refused_without_reason, waits_for_nobody;
	unsigned long armed_with_somebody_inside, armed_with_dependents;
	unsigned long armed_without_an_exit, armed_to_die_again, armed_not_live;
	unsigned long unknown_situation;
};

static void check_promises(const struct patcher_diagnosis *d,
			   const struct patcher_request *asked, struct promises *p)
{
	bool somebody = d->inside || d->unreadable || d->loaders;
	struct patcher_verdict v;

	patcher_judge(d, asked, &v);
	p->combinations++;
	p->unknown_situation += !strcmp(patcher_situation_text(v.situation),
					"of an unknown situation");
	if (v.error) {
		p->refused++;
		p->refused_with_a_plan += v.redirect || v.set_state || v.set_count;
		p->refused_without_reason += !*v.text;
		p->waits_for_nobody += v.wait && !somebody;
		return;
	}
	p->armed++;
	p->armed_with_somebody_inside += somebody;
	p->armed_with_dependents += d->dependents != 0;
	p->armed_without_an_exit += d->has_init && !d->has_exit && !v.redirect;
	p->armed_to_die_again += d->state == PATCHER_GOING && !v.redirect;
	p->armed_not_live += (d->state != PATCHER_LIVE) != v.set_state ||
			     (d->references != 0) != v.set_count;
}

static void check_all_combinations(struct promises *p)
{
	const struct patcher_request *const requests[] = { &no_stub, &cleanup, &release_only };
	unsigned int state, bits, r;
	int references;

	for (state = PATCHER_LIVE; state <= PATCHER_UNFORMED; state++)
		for (references = -2; references <= 3; references++)
			for (bits = 0; bits < 512; bits++)
				for (r = 0; r < 3; r++) {
					struct patcher_diagnosis d = {
						.state = state,
						.references = references,
						.has_init = bits & 1,
						.has_exit = bits & 2,
						.exit_is_foreign = bits & 4,
						.is_livepatch = bits & 8,
						.dependents = !!(bits & 16),
						.stub_depends = bits & 32,
						.inside = !!(bits & 64),
						.unreadable = !!(bits & 128),
						.loaders = !!(bits & 256),
						.dependent_names = "abc",
						.who = "xyz[1]",
					};

					check_promises(&d, requests[r], p);
				}
}

int main(void)
{
	const unsigned int n = sizeof(examples) / sizeof(*examples);
	struct promises p = {};
	unsigned int i;

	printf("1..%u\n", n + 10);
	for (i = 0; i < n; i++)
		check_example(&examples[i]);

	check_all_combinations(&p);
	printf("# %lu combinations: %lu refused, %lu armed\n", p.combinations, p.refused,
	       p.armed);
	ok(p.combinations == 4 * 6 * 512 * 3 && p.refused && p.armed,
	   "every combination is judged, some each way");
	ok(!p.refused_with_a_plan, "a refusal has no plan");
	ok(!p.refused_without_reason, "a refusal has a reason");
	ok(!p.waits_for_nobody, "only tasks are waited for");
	ok(!p.armed_with_somebody_inside, "nothing is armed with somebody inside");
	ok(!p.armed_with_dependents, "nothing is armed with dependents");
	ok(!p.armed_without_an_exit, "nothing is armed that rmmod would find without exit");
	ok(!p.armed_to_die_again, "an exit that has died is never kept");
	ok(!p.armed_not_live, "state and count are set if and only if they differ");
	ok(!p.unknown_situation, "every situation has a name");
	return failures != 0;
}
