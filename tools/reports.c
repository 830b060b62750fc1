// SPDX-License-Identifier: GPL-2.0
/*
 * reports: lines of the kernel's log that begin a report.
 */
#include <regex.h>
#include <string.h>

#include "reports.h"
#include "stub/util.h"

/* As of 5.10 to 7.3; what kmod's users see of modules, not of hardware. */
static const char *const beginnings[] = {
	"^(rcu: |watchdog: )?(BUG|WARNING|INFO|UBSAN|ODEBUG|refcount_t|ref_tracker): ",
	"^(BUG |kernel BUG at |DEBUG_LOCKS_|Kernel panic|Internal error|Unable to handle )",
	"^(general protection fault|divide error|list_(add|del) corruption|page allocation failure)",
	"^(unregister_netdevice: waiting for |irq [0-9]+: nobody cared)",
	"possible (circular|recursive|irq lock)|inconsistent lock state|suspicious RCU usage",
	"bad unlock balance|held lock freed|lock held when returning|locks? still held",
	"scheduling while atomic|sleeping function called|blocked for more than",
	"Slab cache still has objects|unreferenced object|Trying to (free|vfree)",
	"cannot create duplicate filename|kobject_add_internal failed|already registered",
	"non-empty directory",
};

static bool begins_report(const char *line)
{
	static regex_t regexes[ARRAY_SIZE(beginnings)];
	static bool compiled;
	size_t i;

	for (i = 0; !compiled && i < ARRAY_SIZE(beginnings); i++)
		if (regcomp(&regexes[i], beginnings[i], REG_EXTENDED | REG_NOSUB))
			fail("what begins a report cannot be compiled: %s", beginnings[i]);
	compiled = true;
	for (i = 0; i < ARRAY_SIZE(beginnings); i++)
		if (!regexec(&regexes[i], line, 0, NULL, 0))
			return true;
	return false;
}

void reports_take(struct names *reports, const char *line)
{
	static const char place[] = "RIP: 0010:";
	const char **last = reports->n ? &reports->at[reports->n - 1] : NULL;

	if (begins_report(line))
		add_name(reports, text("%s", line));
	else if (last && starts(line, place) && !strstr(*last, " at "))
		*last = text("%s at %s", *last, line + strlen(place));
}
