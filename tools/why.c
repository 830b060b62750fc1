// SPDX-License-Identifier: GPL-2.0
/*
 * why: what keeps a module from being unloaded.
 *
 * patcher.ko looks and judges (dry_run=1), and says so in the kernel's log. Its words are
 * recognised by those of patcher/judge.c, which is part of this program. Where there is no
 * patcher.ko, patcher_judge() itself is given what /sys and /proc have.
 */
#include <errno.h>
#include <libkmod.h>
#include <limits.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "load.h"
#include "stub/klog.h"
#include "system.h"
#include "why.h"

/* What each situation means for who wants to unload the module. */
static const struct {
	int status;
	bool needs_stub;
	const char *because;
} meanings[] = {
	[PATCHER_HEALTHY] = { CMD_DONE, false, "nothing is in the way" },
	[PATCHER_DEPENDENTS] = { CMD_HELD, false, "other modules use it" },
	[PATCHER_INIT_DIED] = { CMD_RESCUE, true, "its init died half way" },
	[PATCHER_INIT_RUNS] = { CMD_RESCUE, true, "its init has not ended" },
	[PATCHER_NO_EXIT] = { CMD_RESCUE, true, "it has no exit" },
	[PATCHER_LEAKED] = { CMD_RESCUE, false, "references on it were taken and not given back" },
	[PATCHER_HELD] = { CMD_HELD, false, "it is in use" },
	[PATCHER_EXIT_BROKEN] = { CMD_DONE, false, "nothing is in the way" },
	[PATCHER_EXIT_DIED] = { CMD_RESCUE, true, "its exit died half way" },
	[PATCHER_EXIT_BLOCKS] = { CMD_RESCUE, true, "its exit has not ended, it sleeps" },
	[PATCHER_EXIT_SPINS] = { CMD_RESCUE, true, "its exit has not ended, it runs" },
	[PATCHER_OCCUPIED] = { CMD_HELD, false, "a task is inside it" },
};

const char *why_situation(const struct why *why)
{
	const char *words = why->judged ? patcher_situation_text(why->situation) : "none";

	return starts(words, "situation ") ? words + strlen("situation ") : words;
}

/* ---- the dry run ---- */

static const char *beside_program(void)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (length <= 0)
		return NULL;
	path[length] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	return text("%s/../patcher/patcher.ko", path);
}

const char *patcher_file(struct dry_runs *dry)
{
	if (!dry->file) {
		dry->file = installed_file(dry->ctx, "patcher");
		if (!dry->file) {
			dry->file = beside_program();
			if (dry->file && access(dry->file, R_OK))
				dry->file = NULL;
		}
	}
	return dry->file;
}

/* It must know dry_run: an older one would ignore the word, and arm the target. */
static bool knows_dry_run(struct dry_runs *dry)
{
	bool known = false;

	if (is_loaded("patcher") && access("/sys/module/patcher/parameters/dry_run", F_OK))
		error("the patcher.ko that is loaded knows no dry run; rmmod patcher");
	else if (!is_loaded("patcher") && !patcher_file(dry))
		error("no patcher.ko (install it, or --patcher FILE): from /sys and /proc");
	else if (!is_loaded("patcher") && !file_has_parameter(dry->ctx, dry->file, "dry_run"))
		error("%s knows no dry run; build it from the same sources as this command",
		      dry->file);
	else
		known = true;
	return known;
}

/* The name is checked: module_name(). */
static bool ask_patcher(struct dry_runs *dry, const char *name)
{
	if (dry->impossible)
		return false;
	dry->impossible = true;
	if (!knows_dry_run(dry))
		return false;
	if (is_loaded("patcher")) {
		dry->impossible = write_value(PATCHER_SYSFS "/arm", text("%s dry_run", name)) &&
				  errno == EPERM;
	} else {
		dry->impossible = load_file(dry->ctx, dry->file, text("target=%s dry_run=1", name));
		dry->loaded = !dry->impossible;
	}
	return !dry->impossible;
}

bool why_end(struct dry_runs *dry)
{
	struct unload end;

	if (!dry->loaded)
		return true;
	dry->loaded = false;
	end = unload("patcher");
	if (end.result == UNLOADED)
		return true;
	error("patcher.ko stays loaded: %s; rmmod patcher unloads it later",
	      end.result == UNLOAD_REFUSED ? strerror(end.err) : "dmesg says why");
	return false;
}

static bool take_situation(struct why *why, const char *line)
{
	enum patcher_situation situation;
	const char *words;

	for (situation = PATCHER_HEALTHY; situation <= PATCHER_OCCUPIED; situation++) {
		words = text(": %s", patcher_situation_text(situation));
		if (!ends(line, words))
			continue;
		why->situation = situation;
		why->judged = true;
		return true;
	}
	return false;
}

/* Between two texts of a line, the second one as late as possible; NULL if they are not there. */
static const char *between(const char *line, const char *before, const char *after)
{
	const char *begin = strstr(line, before), *end = NULL, *at;

	if (!begin)
		return NULL;
	begin += strlen(before);
	for (at = strstr(begin, after); at; at = strstr(at + 1, after))
		end = at;
	return end ? text_n(begin, end - begin) : NULL;
}

/* Without the errno at its end: "WORDS (-EBUSY)". */
static const char *without_errno(const char *words, bool *unsupported)
{
	const char *bracket = strrchr(words, '(');

	if (!bracket || bracket == words || bracket[1] != '-')
		return text("%s", words);
	if (unsupported)
		*unsupported = starts(bracket, "(-EOPNOTSUPP)");
	return text_n(words, bracket - words - 1);
}

/* Modules that use it come first among those who have references. */
static const char *without_users(const struct live *live, const char *held_by)
{
	const char *users = joined_names(&live->users, ", ");

	if (!held_by || !*users || !starts(held_by, users))
		return held_by;
	held_by += strlen(users);
	return starts(held_by, ", ") ? held_by + 2 : NULL;
}

static void take_line(struct why *why, const char *line)
{
	static const char refused[] = "dry run: it would be refused: ";
	static const char devices[] = "devices of it, which hold no reference: ";
	static const char candidate[] = "may have a reference on it: ";
	const char *words;
	bool unsupported = false;

	if (starts(line, "found ") && take_situation(why, line)) {
		words = between(line, "used by no module, ", ": ");
		/* The last ": " is before the situation. */
		if (words && strcmp(words, "nobody is inside"))
			why->inside = words;
	} else if (strstr(line, " references: ") && strstr(line, " unaccounted for")) {
		words = between(line, " held by ", ", ");
		why->held_by = without_users(&why->live, words);
		words = strrchr(line, ',');
		why->unaccounted = words ? atoi(words + 1) : 0;
	} else if (starts(line, devices)) {
		why->devices = text("%s", line + strlen(devices));
	} else if (starts(line, candidate)) {
		add_name(&why->may_have, text("%s", line + strlen(candidate)));
	} else if (starts(line, refused)) {
		words = without_errno(line + strlen(refused), &unsupported);
		if (!unsupported)
			why->refusal = words;
	} else if (starts(line, "refused: ")) {
		why->refusal = without_errno(line + strlen("refused: "), NULL);
	}
}

static bool find_by_patcher(struct why *why, struct dry_runs *dry)
{
	const char *beginning = text("patcher: %s: ", why->live.name);
	const char *line;
	struct log log;

	if (log_open(&log)) {
		error("/dev/kmsg: %s; without the kernel's log patcher cannot be heard",
		      strerror(errno));
		return false;
	}
	if (ask_patcher(dry, why->live.name))
		while ((line = log_line(&log)))
			if (starts(line, beginning))
				take_line(why, line + strlen(beginning));
	log_close(&log);
	why->by_patcher = why->judged || why->refusal;
	return why->by_patcher;
}

/* ---- without patcher.ko ---- */

static void find_by_files(struct why *why)
{
	const struct patcher_request nothing = {};
	struct patcher_verdict *verdict = alloc(sizeof(*verdict));
	struct patcher_diagnosis *found = alloc(sizeof(*found));

	live_diagnose(&why->live, found);
	patcher_judge(found, &nothing, verdict);
	why->judged = true;
	why->situation = verdict->situation;
	if (*found->who)
		why->inside = found->who;
	why->unaccounted = patcher_judge_references(found) ? -1 : 0;
}

/* ---- what it means ---- */

const char *state_words(const struct live *live)
{
	if (!strcmp(live->state, "coming"))
		return "its init has not ended";
	if (!strcmp(live->state, "going"))
		return "its exit has been called";
	return NULL;
}

static void set_sentence(struct why *why, const char *because)
{
	const char *name = why->live.name;

	if (why->status == CMD_DONE)
		why->sentence = text("%s can be unloaded: %s", name, because);
	else
		why->sentence = text("%s cannot be unloaded: %s", name, because);
}

static void judge(struct why *why)
{
	const char *because;

	if (!why->judged) {
		why->status = CMD_HELD;
		set_sentence(why, why->refusal);
		return;
	}
	why->status = meanings[why->situation].status;
	why->needs_stub = meanings[why->situation].needs_stub;
	because = meanings[why->situation].because;
	if (why->situation == PATCHER_DEPENDENTS)
		because = text("%s: %s", because, joined_names(&why->live.users, ", "));
	else if (why->inside && why->situation != PATCHER_LEAKED)
		because = text("%s: %s", because, why->inside);
	if (why->refusal) {
		/* What patcher names goes first: the rest is for when that is gone. */
		if (why->status == CMD_DONE || why->situation == PATCHER_HELD)
			because = text("it is %s", why->refusal);
		else if (why->situation == PATCHER_LEAKED && why->may_have.n)
			because = text("nobody was found to have %d references, but these may",
				       why->unaccounted);
		else if (why->situation != PATCHER_DEPENDENTS)
			because = text("%s; and %s", because, why->refusal);
		why->status = CMD_HELD;
	} else if (why->unaccounted < 0 && why->situation == PATCHER_LEAKED) {
		because = "there are references on it, and who has them only patcher.ko can tell";
		why->status = CMD_HELD;
	}
	set_sentence(why, because);
}

/* Commands for what patcher has named: files and mappings, mounts, loop devices, open disks. */
static void add_holder_remedies(struct names *remedies, const char *held_by)
{
	static const struct {
		const char *pattern, *remedy;
	} kinds[] = {
		{ "\\[([0-9]+)\\] (fd|mapping)", "kill %s" },
		{ " mounted on ([^,;]+)", "umount %s" },
		{ "(loop[0-9]+), set up by losetup", "losetup -d /dev/%s" },
		{ "([^ ,;]+), opened by the kernel itself", "lsblk /dev/%s" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		const char *at = held_by;
		regmatch_t match[3];
		regex_t regex;

		if (regcomp(&regex, kinds[i].pattern, REG_EXTENDED))
			continue;
		for (; !regexec(&regex, at, 3, match, 0); at += match[0].rm_eo) {
			const char *what = text_n(at + match[1].rm_so,
						  match[1].rm_eo - match[1].rm_so);
			const char *at_percent = strstr(kinds[i].remedy, "%s");

			add_name(remedies, text("%.*s%s%s", (int)(at_percent - kinds[i].remedy),
						kinds[i].remedy, what, at_percent + 2));
		}
		regfree(&regex);
	}
}

/* "TASK[PID] ...": its PID, NULL if there is none. */
static const char *pid_in(const char *words)
{
	const char *at = strchr(words, '[');

	return at && atoi(at + 1) ? text("%d", atoi(at + 1)) : NULL;
}

static void add_remedies(struct why *why)
{
	const char *name = why->live.name;
	const char *pid;

	if (why->status == CMD_DONE) {
		add_name(&why->remedies, text("rmmod %s", name));
		return;
	}
	if (why->situation == PATCHER_DEPENDENTS && why->judged)
		add_name(&why->remedies,
			 text("rmmod %s", joined_names(&why->live.users, " ")));
	if (why->held_by && why->status == CMD_HELD)
		add_holder_remedies(&why->remedies, why->held_by);
	if (why->situation == PATCHER_OCCUPIED && why->inside) {
		pid = pid_in(why->inside);
		if (pid)
			add_name(&why->remedies, text("kill %s", pid));
	}
	if (why->status == CMD_RESCUE)
		add_name(&why->remedies, text("patcher rescue %s", name));
	else if (why->unaccounted < 0)
		add_name(&why->remedies, text("patcher why --patcher FILE %s", name));
	else if (why->unaccounted && why->situation == PATCHER_LEAKED)
		add_name(&why->remedies,
			 text("patcher rescue --leaked %d %s   # if you know that they are lost",
			      why->unaccounted, name));
	else if (!why->remedies.n)
		add_name(&why->remedies, text("patcher why %s   # again, when that is done", name));
}

static void find_place_of_death(struct why *why)
{
	struct options options = {};
	u32 i;

	if (why->situation != PATCHER_INIT_DIED && why->situation != PATCHER_EXIT_DIED)
		return;
	if (!klog_places(why->live.name, NULL, &options))
		return;
	for (i = 0; i < options.n_died_at; i++)
		add_name(&why->died_at, options.died_at[i]);
}

/* A rescue that patcher has already, or a module that it keeps. */
static bool find_rescue(struct why *why)
{
	const char *name = why->live.name;
	char *status = read_value(PATCHER_SYSFS "/%s/status", strcmp(name, "arm") ? name : "arm-");

	if (!status)
		return false;
	why->rescue = text("%s", status);
	free(status);
	if (!strcmp(why->rescue, "armed")) {
		why->status = CMD_DONE;
		set_sentence(why, "a rescue is armed, and rmmod works on it");
		add_name(&why->remedies, text("rmmod %s", name));
		add_name(&why->remedies, text("patcher disarm %s   # restores it instead", name));
	} else if (!strcmp(why->rescue, "kept")) {
		why->status = CMD_KEPT;
		set_sentence(why, "its exit has run, but something still points into it");
		add_name(&why->remedies, "patcher status   # says what points into it");
		add_name(&why->remedies, text("patcher sweep %s   # looks again", name));
	} else {
		why->status = CMD_HELD;
		set_sentence(why, text("it is being rescued: %s", why->rescue));
		add_name(&why->remedies, "patcher status");
	}
	return true;
}

static void find_absent(struct why *why)
{
	why->status = CMD_ABSENT;
	why->sentence = why->live.built_in ?
		text("%s is built into the kernel, and cannot be unloaded", why->live.name) :
		text("%s is not loaded; lsmod shows what is", why->live.name);
}

void why_find(struct why *why, struct dry_runs *dry, const char *name)
{
	*why = (struct why){};
	live_read(&why->live, name);
	if (!why->live.loaded) {
		find_absent(why);
		return;
	}
	if (find_rescue(why))
		return;
	if (!strcmp(name, "patcher")) {
		why->status = CMD_DONE;
		set_sentence(why, "this is the patcher itself");
		add_name(&why->remedies, "rmmod patcher   # restores what is armed");
		return;
	}
	if (!find_by_patcher(why, dry))
		find_by_files(why);
	judge(why);
	find_place_of_death(why);
	add_remedies(why);
}

bool why_find_briefly(struct why *why, struct dry_runs *dry, const char *name)
{
	struct live *live = &why->live;

	*why = (struct why){};
	live_read(live, name);
	if (!live->loaded || !strcmp(name, "patcher") ||
	    (!strcmp(live->state, "live") && !live->refcount && !live->permanent))
		return false;
	if (live->users.n && !state_words(live)) {
		why->judged = true;
		why->situation = PATCHER_DEPENDENTS;
		judge(why);
		return true;
	}
	why_find(why, dry, name);
	return why->status != CMD_DONE && why->status != CMD_ABSENT;
}
