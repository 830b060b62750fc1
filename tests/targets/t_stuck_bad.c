// SPDX-License-Identifier: GPL-2.0
/*
 * t_stuck_bad: t_stuck_both with a defect in one of its routines. Each of the parameters
 * release, cleanup and evicted is one of
 *
 *   dies	it oopses
 *   hangs	it does not return before the parameter "go" is set; nothing interrupts it
 *   waits	likewise, but a signal interrupts it
 *   hangs_dies	it oopses when "go" is set
 *   idle	it does nothing
 */
#include "defect.h"
#include "t_stuck_stub.h"

static char *release = "";
static char *cleanup = "";
static char *evicted = "";
static bool go;
module_param(release, charp, 0400);
module_param(cleanup, charp, 0400);
module_param(evicted, charp, 0400);
module_param(go, bool, 0600);

/* False if the routine is as in t_stuck_both. */
static bool bad_does(const char *defect)
{
	bool interruptible = !strcmp(defect, "waits");

	if (!strncmp(defect, "hangs", 5) || interruptible)
		while (!READ_ONCE(go) && !(interruptible && msleep_interruptible(20)))
			msleep(interruptible ? 0 : 20);
	if (strstr(defect, "dies"))
		t_defect_oops();
	return *defect && strcmp(defect, "hangs");
}

static void bad_release(void)
{
	if (!bad_does(release))
		stuck_release();
}

static void bad_cleanup(void)
{
	if (!bad_does(cleanup))
		stuck_cleanup();
}

static void bad_evicted(void)
{
	if (!bad_does(evicted))
		stuck_evicted();
}

PATCHER_STUB(
	.release = bad_release,
	.cleanup = bad_cleanup,
	.evicted = bad_evicted,
	.symbols = symbols,
);

MODULE_DESCRIPTION("patcher test stub: with a defect of its own");
MODULE_LICENSE("GPL");
