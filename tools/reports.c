// SPDX-License-Identifier: GPL-2.0
/*
 * reports: lines of the kernel's log that begin a report.
 */
#include <regex.h>
#include <string.h>

#include "reports.h"
#include "stub/util.h"

/* As of 5.10 to 7.3; what kmod's users see of modules, not of hardware. */
static const char beginning[] =
	"^(BUG: |BUG |kernel BUG at |WARNING: |UBSAN: |general protection fault|divide error|"
	"Unable to handle |Internal error|Kernel panic|INFO: (task |rcu|trying to register)|"
	"rcu: INFO: |watchdog: BUG: |refcount_t: |list_(add|del) corruption|ODEBUG: |DEBUG_LOCKS_|"
	"page allocation failure|unregister_netdevice: waiting for |ref_tracker: |irq [0-9]+: nobody)|"
	"possible (circular|recursive|irq lock)|inconsistent lock state|suspicious RCU usage|"
	"bad unlock balance|held lock freed|lock held when returning|locks? still held|"
	"scheduling while atomic|sleeping function called|Slab cache still has objects|"
	"cannot create duplicate filename|kobject_add_internal failed|non-empty directory|"
	"already registered|Trying to (free|vfree)|blocked for more than|unreferenced object";

static const regex_t *compiled(void)
{
	static regex_t regex;
	static bool done;

	if (!done && regcomp(&regex, beginning, REG_EXTENDED | REG_NOSUB))
		fail("the words of the kernel's reports cannot be compiled");
	done = true;
	return &regex;
}

void reports_take(struct names *reports, const char *line)
{
	static const char place[] = "RIP: 0010:";
	const char **last = reports->n ? &reports->at[reports->n - 1] : NULL;

	if (!regexec(compiled(), line, 0, NULL, 0))
		add_name(reports, text("%s", line));
	else if (last && starts(line, place) && !strstr(*last, " at "))
		*last = text("%s at %s", *last, line + strlen(place));
}
