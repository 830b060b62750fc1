// SPDX-License-Identifier: GPL-2.0
/*
 * live: a module in /sys/module, /proc/modules and the tasks' stacks in /proc.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "live.h"
#include "stub/util.h"
#include "system.h"

void add_name(struct names *names, const char *name)
{
	more(names->at, names->n);
	names->at[names->n++] = name;
}

const char *joined_names(const struct names *names, const char *between)
{
	struct buffer buffer = {};
	size_t i;

	for (i = 0; i < names->n; i++)
		add(&buffer, "%s%s", i ? between : "", names->at[i]);
	return buffer.at ? buffer.at : "";
}

static int is_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

struct names live_directory(const char *path)
{
	struct names names = {};
	struct dirent **entries;
	int n, i;

	n = scandir(path, &entries, is_name, alphasort);
	for (i = 0; i < n; i++) {
		add_name(&names, text("%s", entries[i]->d_name));
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return names;
}

/* A line is "NAME SIZE REFCOUNT USERS STATE ADDRESS"; "[permanent]," is the last of USERS. */
static bool is_permanent(const char *name)
{
	FILE *modules = fopen("/proc/modules", "re");
	const char *beginning = text("%s ", name);
	bool found = false;
	char *line = NULL;
	size_t room = 0;

	while (modules && !found && getline(&line, &room, modules) > 0)
		found = starts(line, beginning) && strstr(line, "[permanent],");
	if (modules)
		fclose(modules);
	free(line);
	return found;
}

struct names live_modules(void)
{
	FILE *modules = fopen("/proc/modules", "re");
	struct names names = {};
	char *line = NULL;
	size_t room = 0;

	while (modules && getline(&line, &room, modules) > 0)
		add_name(&names, text_n(line, strcspn(line, " ")));
	if (modules)
		fclose(modules);
	free(line);
	return names;
}

/* modules.builtin of the running kernel has a path for each; a parameter is not needed for that. */
static bool is_built_in(const char *name)
{
	return !access(text("/sys/module/%s", name), F_OK);
}

void live_read(struct live *live, const char *name)
{
	char *state = read_value("/sys/module/%s/initstate", name);
	char *refcount = read_value("/sys/module/%s/refcnt", name);

	*live = (struct live){ .name = name, .loaded = state };
	if (state) {
		live->state = text("%s", state);
		live->refcount = refcount ? atoi(refcount) : 0;
		live->permanent = is_permanent(name);
		live->users = live_directory(text("/sys/module/%s/holders", name));
		live->drivers = live_directory(text("/sys/module/%s/drivers", name));
	} else {
		live->built_in = is_built_in(name);
	}
	free(state);
	free(refcount);
}

static enum patcher_state state_of(const char *state)
{
	if (!strcmp(state, "coming"))
		return PATCHER_COMING;
	if (!strcmp(state, "going"))
		return PATCHER_GOING;
	return PATCHER_LIVE;
}

static bool is_number(const char *name)
{
	return isdigit((unsigned char)*name);
}

/* The whole of a file in /proc; "" if it cannot be read. */
static const char *whole(const char *path)
{
	size_t size;
	u8 *bytes = read_file(path, &size);
	size_t i;

	if (!bytes)
		return "";
	/* In cmdline, words end with NUL. */
	for (i = 0; i + 1 < size; i++)
		if (!bytes[i])
			bytes[i] = ' ';
	return (const char *)bytes;
}

static const char *mentions(const char *where, const char *name)
{
	size_t length = strlen(name);
	const char *at;

	for (at = strstr(where, name); at; at = strstr(at + 1, name))
		if ((at == where || !isalnum((unsigned char)at[-1])) &&
		    !isalnum((unsigned char)at[length]) && at[length] != '_')
			return at;
	return NULL;
}

/* rmmod, insmod, modprobe and the like have the name, with dashes or underscores. */
static bool is_loader(const char *stack, const char *command, const char *state,
		      const char *name)
{
	if (strstr(stack, "__do_sys_delete_module") || strstr(stack, "do_init_module"))
		return mentions(stack, text("[%s]", name)) || mentions(command, name);
	return *state == 'R' && (mentions(command, "rmmod") || mentions(command, "insmod") ||
				 mentions(command, "modprobe")) && mentions(command, name);
}

static const char *task_state(const char *stat)
{
	const char *at = strrchr(stat, ')');

	return at && at[1] ? at + 2 : "?";
}

/* The first line of a stack that is in the module, without "[<0>] "; for a sleeper only. */
static const char *place_of(const char *stack, const char *name)
{
	const char *at = strstr(stack, text("[%s]", name));
	const char *begin;

	if (!at)
		return NULL;
	for (begin = at; begin > stack && begin[-1] != '\n'; begin--)
		;
	begin = starts(begin, "[<0>] ") ? begin + strlen("[<0>] ") : begin;
	return text_n(begin, strcspn(begin, "\n"));
}

static void look_at_task(const char *pid, const char *name, struct patcher_diagnosis *found)
{
	const char *directory = text("/proc/%s", pid);
	const char *stack = whole(text("%s/stack", directory));
	const char *command = whole(text("%s/cmdline", directory));
	const char *state = task_state(whole(text("%s/stat", directory)));
	const char *place = place_of(stack, name);
	bool loader = is_loader(stack, command, state, name);
	char *comm;

	if ((!place && !loader) || atoi(pid) == getpid() || *state == 'Z')
		return;
	comm = read_value("%s/comm", directory);
	if (loader)
		found->loaders++;
	else if (*command)
		found->users++;
	else
		found->threads++;
	if (loader && *state == 'R')
		found->spins = true;
	if (!*found->who)
		snprintf(found->who, sizeof(found->who), "%s[%s] %s%s%s", comm ? comm : "?", pid,
			 *state == 'R' ? "runs" : "sleeps inside", place ? " at " : "",
			 place ? place : "");
	free(comm);
}

void live_diagnose(const struct live *live, struct patcher_diagnosis *found)
{
	struct names pids = live_directory("/proc");
	size_t i;

	*found = (struct patcher_diagnosis){
		.state = state_of(live->state),
		.references = live->refcount,
		.has_init = true,
		.has_exit = !live->permanent,
		.can_evict = true,
		.dependents = live->users.n,
	};
	snprintf(found->dependent_names, sizeof(found->dependent_names), "%s",
		 joined_names(&live->users, ", "));
	for (i = 0; i < pids.n; i++)
		if (is_number(pids.at[i]))
			look_at_task(pids.at[i], live->name, found);
}
