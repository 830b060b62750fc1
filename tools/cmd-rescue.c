// SPDX-License-Identifier: GPL-2.0
/*
 * patcher rescue: from a wedged module to an unloaded one.
 */
#include <errno.h>
#include <getopt.h>
#include <libkmod.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "load.h"
#include "make.h"
#include "stub/util.h"
#include "system.h"
#include "why.h"

struct request {
	const char *name, *stub;
	const char *then;		/* loaded at the end */
	const char *file;		/* the target's */
	const char *patcher;
	const char *timeout_ms, *leaked;
	bool yes, force, quarantine;
};

/* What has been done, and so has to be undone if something later fails. */
struct rescue {
	const struct request *asked;
	const char *name;
	struct dry_runs dry;
	struct why why;
	struct timespec begun;
	const char *directory;		/* made for the stub */
	const char *stub_file;		/* to be loaded; NULL: none */
	const char *stub;		/* its name as a module; NULL: none */
	bool loaded_stub, loaded_patcher, armed;
	bool unloaded;			/* the target */
	const char *kept_as;		/* its name while memory cannot be freed */
	struct log log;
};

static void usage(FILE *to)
{
	fprintf(to, "usage: patcher rescue NAME [STUB] [OPTION]...\n\n"
		"Says why module NAME cannot be unloaded, does what is needed, and unloads it. STUB is\n"
		"a module that cleans up in place of its exit: a .c, a .ko, or the name of a module.\n"
		"Without STUB, one is written where one is needed, shown, and asked about. What can be\n"
		"undone is undone when a later step fails, and on Ctrl-C.\n\n"
		"  --yes              do not ask\n"
		"  --then FILE.ko     load this afterwards\n"
		"  --file FILE.ko     the file that NAME was loaded from, if modinfo does not know it\n"
		"  --force            as force=1 of patcher.ko\n"
		"  --quarantine       as quarantine=1\n"
		"  --timeout-ms N     as timeout_ms=N\n"
		"  --leaked N         as leaked=N: your word that N references are lost\n"
		"  --patcher FILE     patcher.ko, if modprobe does not know it\n\n"
		"Exit status: 0 unloaded, 1 error, 2 it still needs a rescue, 3 it is held (rightly in\n"
		"use), 4 built in or not loaded, 5 unloaded, but kept: something still points into it.\n");
}

static double seconds(const struct rescue *rescue)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - rescue->begun.tv_sec +
		(now.tv_nsec - rescue->begun.tv_nsec) / 1e9;
}

/* A line of progress, with its time. */
static void step(const struct rescue *rescue, const char *words)
{
	printf("%7.2f s  %s\n", seconds(rescue), words);
	fflush(stdout);
}

/* What patcher has said about the target since the last time; shown are lines with that text. */
static void take_log(struct rescue *rescue, const char *shown)
{
	const char *beginning = text("patcher: %s: ", rescue->name);
	static const char *const kept[] = { "not freed, but kept as ", "quarantined as " };
	const char *line;
	size_t i;

	while ((line = log_line(&rescue->log))) {
		if (!starts(line, beginning))
			continue;
		line += strlen(beginning);
		for (i = 0; i < ARRAY_SIZE(kept); i++)
			if (starts(line, kept[i]))
				rescue->kept_as = text_n(line + strlen(kept[i]),
							 strcspn(line + strlen(kept[i]), ":"));
		if (shown && (!*shown || strstr(line, shown)))
			step(rescue, text("%s", line));
	}
}

/* ---- the stub ---- */

static bool make_directory(struct rescue *rescue)
{
	char *directory = text("/tmp/patcher-%s-XXXXXX", rescue->name);

	if (!mkdtemp(directory)) {
		error("%s: %s", directory, strerror(errno));
		return false;
	}
	rescue->directory = directory;
	return true;
}

/* Only what was made there: by us, the generator and the kernel's build. */
static void remove_directory(struct rescue *rescue)
{
	if (rescue->directory)
		remove_all(rescue->directory);
	rescue->directory = NULL;
}

static void show_file(const char *path)
{
	size_t size;
	const char *words = (const char *)read_file(path, &size);

	if (words)
		printf("\n%s\n", words);
}

/* True without a question if --yes was given. */
static bool agreed(const struct rescue *rescue, const char *question)
{
	char answer[16];

	if (rescue->asked->yes)
		return true;
	printf("%s [y/N] ", question);
	fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y');
}

static int write_stub_of(struct rescue *rescue)
{
	const char *source;

	/* Before it takes its time. */
	if (!rescue->asked->yes && !isatty(0)) {
		error("it needs a stub, and this is no terminal: nobody can be asked about it");
		return error("patcher stub %s writes one to be read; --yes takes it unread",
			     rescue->name);
	}
	if (!make_directory(rescue))
		return CMD_ERROR;
	source = text("%s/%s_stub.c", rescue->directory, rescue->name);
	step(rescue, "writing a stub from the module's file, and building it");
	rescue->stub_file = make_stub_of(&rescue->why, rescue->asked->file, rescue->directory);
	if (interrupted)
		return CMD_ERROR;
	if (!rescue->stub_file && access(source, F_OK))
		return error("no stub could be written; write one, then: patcher rescue %s STUB.c",
			     rescue->name);
	if (!rescue->stub_file) {
		/* The user's now. */
		rescue->directory = NULL;
		error("the stub is not complete: complete it where it has an #error, then:");
		return error("patcher rescue %s %s", rescue->name, source);
	}
	show_file(source);
	if (agreed(rescue, "Does this clean up what the module has done?"))
		return CMD_DONE;
	return interrupted ? CMD_ERROR : error("not rescued");
}

/* A module that is loaded, or that modprobe would load. */
static int find_stub(struct rescue *rescue, const char *stub)
{
	char *name = module_name(stub);

	if (!name)
		return CMD_ERROR;
	rescue->stub = name;
	if (is_loaded(name))
		return CMD_DONE;
	rescue->stub_file = installed_file(rescue->dry.ctx, name);
	if (!rescue->stub_file)
		return error("%s: neither loaded nor known to modprobe; give a file, .ko or .c",
			     stub);
	return CMD_DONE;
}

static int get_stub(struct rescue *rescue)
{
	const char *stub = rescue->asked->stub;
	int status = CMD_DONE;

	if (!stub && rescue->why.needs_stub) {
		status = write_stub_of(rescue);
	} else if (stub && ends(stub, ".c")) {
		if (!make_directory(rescue))
			return CMD_ERROR;
		step(rescue, text("building %s", stub));
		rescue->stub_file = make_stub_from(stub, rescue->directory);
		if (!rescue->stub_file)
			status = interrupted ? CMD_ERROR : error("%s: does not build", stub);
	} else if (stub && strstr(stub, ".ko")) {
		rescue->stub_file = stub;
	} else if (stub) {
		status = find_stub(rescue, stub);
	}
	if (status || !rescue->stub_file)
		return status;
	rescue->stub = file_module(rescue->dry.ctx, rescue->stub_file);
	if (!rescue->stub)
		return error("%s: not a module's file", rescue->stub_file);
	return CMD_DONE;
}

/* ---- load, arm, unload ---- */

static int load_patcher(struct rescue *rescue)
{
	if (rescue->dry.loaded) {
		/* By the look at the target; it stays until the end. */
		rescue->loaded_patcher = true;
		rescue->dry.loaded = false;
		return CMD_DONE;
	}
	if (is_loaded("patcher"))
		return CMD_DONE;
	if (!patcher_file(&rescue->dry))
		return error("there is no patcher.ko: install it, or --patcher FILE");
	step(rescue, text("loading %s", rescue->dry.file));
	if (load_file(rescue->dry.ctx, rescue->dry.file, ""))
		return CMD_ERROR;
	rescue->loaded_patcher = true;
	return CMD_DONE;
}

static int load_stub(struct rescue *rescue)
{
	if (!rescue->stub_file || is_loaded(rescue->stub))
		return CMD_DONE;
	step(rescue, text("loading %s", rescue->stub_file));
	if (load_file(rescue->dry.ctx, rescue->stub_file, ""))
		return CMD_ERROR;
	rescue->loaded_stub = true;
	return CMD_DONE;
}

/* A signal ends the write: patcher changes nothing then. */
static int arm(struct rescue *rescue)
{
	const struct request *asked = rescue->asked;
	struct buffer line = {};
	int err;

	add(&line, "%s", rescue->name);
	if (rescue->stub)
		add(&line, " %s", rescue->stub);
	if (asked->force)
		add(&line, " force");
	if (asked->quarantine)
		add(&line, " quarantine");
	if (asked->timeout_ms)
		add(&line, " timeout_ms=%s", asked->timeout_ms);
	if (asked->leaked)
		add(&line, " leaked=%s", asked->leaked);

	if (interrupted)
		return CMD_ERROR;
	step(rescue, rescue->stub ? text("arming it with %s", rescue->stub) : "arming it");
	take_log(rescue, NULL);
	err = write_value(PATCHER_SYSFS "/arm", line.at) ? errno : 0;
	rescue->armed = !err;
	take_log(rescue, err ? "refused: " : "");
	if (!err)
		return CMD_DONE;
	if (interrupted)
		return CMD_ERROR;
	error("%s: patcher does not rescue it (%s); the line above says why, and what helps",
	      rescue->name, strerror(err));
	return err == EBUSY ? CMD_HELD : CMD_RESCUE;
}

static int unload_target(struct rescue *rescue)
{
	struct unload end;

	if (!is_loaded(rescue->name)) {
		/* Let go, its own rmmod has ended, or it is quarantined. */
		rescue->unloaded = true;
		return CMD_DONE;
	}
	step(rescue, text("unloading %s", rescue->name));
	end = unload(rescue->name);
	take_log(rescue, rescue->armed ? "" : NULL);
	switch (end.result) {
	case UNLOADED:
		rescue->unloaded = true;
		step(rescue, text("%s is unloaded", rescue->name));
		return CMD_DONE;
	case UNLOAD_REFUSED:
		return error("%s: cannot be unloaded: %s; patcher why %s says more", rescue->name,
			     strerror(end.err), rescue->name);
	case UNLOAD_DIED:
		error("%s: the %s died in the attempt: dmesg says where", rescue->name,
		      rescue->stub ? "stub's cleanup" : "exit");
		return CMD_RESCUE;
	case UNLOAD_RUNS:
		break;
	}
	error("%s: its exit still runs, in task %d; cat /proc/%d/stack says where", rescue->name,
	      end.pid, end.pid);
	return CMD_RESCUE;
}

/* ---- the end ---- */

static bool has_rescues(void)
{
	struct names entries = live_directory(PATCHER_SYSFS);
	size_t i;

	for (i = 0; i < entries.n; i++)
		if (!access(text(PATCHER_SYSFS "/%s/status", entries.at[i]), F_OK))
			return true;
	return false;
}

static void unload_helper(const char *name)
{
	struct unload end = unload(name);

	if (end.result == UNLOADED)
		return;
	error("%s stays loaded: %s; rmmod %s unloads it later", name,
	      end.result == UNLOAD_REFUSED ? strerror(end.err) : "its exit does not end", name);
}

/* Until the rescue has ended: that goes by a workqueue of patcher's. */
static void wait_for_end(const struct rescue *rescue)
{
	const char *directory = text(PATCHER_SYSFS "/%s",
				     strcmp(rescue->name, "arm") ? rescue->name : "arm-");
	int tries;

	for (tries = 0; tries < 300 && !access(directory, F_OK); tries++)
		usleep(20 * 1000);
}

static void disarm(struct rescue *rescue)
{
	const char *name = strcmp(rescue->name, "arm") ? rescue->name : "arm-";

	if (write_value(text(PATCHER_SYSFS "/%s/disarm", name), "1") && errno != ENOENT)
		error("%s: cannot be disarmed: %s", rescue->name, strerror(errno));
	wait_for_end(rescue);
	take_log(rescue, "restored");
}

/* patcher.ko has to stay while it has something to do: what is kept, or another's rescue. */
static void unload_helpers(struct rescue *rescue)
{
	if (rescue->loaded_stub)
		unload_helper(rescue->stub);
	if (!rescue->loaded_patcher)
		return;
	if (has_rescues())
		step(rescue, "patcher.ko stays, as it has something to do: patcher status");
	else
		unload_helper("patcher");
}

/* The opposite of what was done, and in one line how the machine is now. */
static void undo(struct rescue *rescue)
{
	bool changed = rescue->armed;

	if (rescue->armed)
		disarm(rescue);
	unload_helpers(rescue);
	remove_directory(rescue);
	if (!is_loaded(rescue->name))
		step(rescue, text("now: %s is not loaded any more", rescue->name));
	else if (changed)
		step(rescue, text("now: %s is restored as it was found; its kernel is tainted (R)",
				  rescue->name));
	else
		step(rescue, text("now: %s is as it was found", rescue->name));
}

static int finish(struct rescue *rescue)
{
	int status = rescue->kept_as ? CMD_KEPT : CMD_DONE;

	wait_for_end(rescue);
	unload_helpers(rescue);
	remove_directory(rescue);
	if (rescue->kept_as)
		step(rescue, text("its memory is kept, as %s: patcher status says for whom",
				  rescue->kept_as));
	if (rescue->asked->then) {
		step(rescue, text("loading %s", rescue->asked->then));
		if (load_file(rescue->dry.ctx, rescue->asked->then, ""))
			return CMD_ERROR;
	}
	step(rescue, text("done: %s is unloaded%s%s%s", rescue->name,
			  rescue->asked->then ? ", and " : "",
			  rescue->asked->then ? rescue->asked->then : "",
			  rescue->asked->then ? " loaded" : ""));
	return status;
}

static int carry_out(struct rescue *rescue)
{
	int status = get_stub(rescue);

	/* A module that needs nothing else just goes. */
	if (!status && (rescue->stub || rescue->why.status != CMD_DONE)) {
		status = load_patcher(rescue);
		if (!status)
			status = load_stub(rescue);
		if (!status)
			status = arm(rescue);
	}
	if (!status && interrupted)
		status = CMD_ERROR;
	if (!status)
		status = unload_target(rescue);
	if (!status)
		return finish(rescue);
	if (interrupted)
		error("interrupted");
	undo(rescue);
	return status;
}

static int look_first(struct rescue *rescue)
{
	why_find(&rescue->why, &rescue->dry, rescue->name);
	step(rescue, rescue->why.sentence);
	if (rescue->why.rescue) {
		error("%s: it has a rescue already: %s; patcher status shows it", rescue->name,
		      rescue->why.rescue);
		return CMD_HELD;
	}
	/* The user's word against what was found; patcher checks it. */
	if (rescue->why.status == CMD_HELD && (rescue->asked->force || rescue->asked->leaked))
		return CMD_DONE;
	if (rescue->why.status == CMD_HELD)
		error("%s: first: %s", rescue->name, joined_names(&rescue->why.remedies, "; "));
	return rescue->why.status == CMD_RESCUE ? CMD_DONE : rescue->why.status;
}

static int rescue_module(const struct request *asked, const char *name)
{
	struct rescue rescue = { .asked = asked, .name = name, .dry.file = asked->patcher };
	int status;

	clock_gettime(CLOCK_MONOTONIC, &rescue.begun);
	rescue.dry.ctx = kmod_new(NULL, NULL);
	if (!rescue.dry.ctx)
		return error("no memory");
	if (log_open(&rescue.log))
		return error("/dev/kmsg: %s; without the kernel's log patcher cannot be heard",
			     strerror(errno));
	catch_signals();
	status = look_first(&rescue);
	if (!status)
		status = carry_out(&rescue);
	if (!why_end(&rescue.dry) && !status)
		status = CMD_ERROR;
	log_close(&rescue.log);
	kmod_unref(rescue.dry.ctx);
	return status;
}

static bool is_number(const char *option, const char *value)
{
	if (!value || !value[strspn(value, "0123456789")])
		return true;
	error("%s: '%s' is no number", option, value);
	return false;
}

static int rescue(const struct request *asked)
{
	char *name = module_name(asked->name);

	if (!name || !is_root("rescue a module"))
		return CMD_ERROR;
	if (!is_number("--timeout-ms", asked->timeout_ms) || !is_number("--leaked", asked->leaked))
		return CMD_ERROR;
	if (asked->then && access(asked->then, R_OK))
		return error("%s: %s", asked->then, strerror(errno));
	if (!lock_patcher(text("rescue %s", name)))
		return CMD_ERROR;
	return rescue_module(asked, name);
}

int cmd_rescue(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "yes", no_argument, NULL, 'y' },
		{ "then", required_argument, NULL, 't' },
		{ "file", required_argument, NULL, 'f' },
		{ "force", no_argument, NULL, 'F' },
		{ "quarantine", no_argument, NULL, 'q' },
		{ "timeout-ms", required_argument, NULL, 'm' },
		{ "leaked", required_argument, NULL, 'l' },
		{ "patcher", required_argument, NULL, 'p' },
		{ }
	};
	struct request asked = {};
	int c;

	while ((c = getopt_long(argc, argv, "hy", long_options, NULL)) != -1) {
		switch (c) {
		case 'h':
			usage(stdout);
			return CMD_DONE;
		case 'y':
			asked.yes = true;
			break;
		case 't':
			asked.then = optarg;
			break;
		case 'f':
			asked.file = optarg;
			break;
		case 'F':
			asked.force = true;
			break;
		case 'q':
			asked.quarantine = true;
			break;
		case 'm':
			asked.timeout_ms = optarg;
			break;
		case 'l':
			asked.leaked = optarg;
			break;
		case 'p':
			asked.patcher = optarg;
			break;
		default:
			usage(stderr);
			return CMD_ERROR;
		}
	}
	if (optind >= argc || optind + 2 < argc) {
		usage(stderr);
		return CMD_ERROR;
	}
	asked.name = argv[optind];
	asked.stub = argv[optind + 1];
	return rescue(&asked);
}
