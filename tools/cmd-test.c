// SPDX-License-Identifier: GPL-2.0
/*
 * patcher test: does a module's exit clean up? It is loaded, a command runs, and it is unloaded
 * while patcher.ko guards every unload.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <libkmod.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"
#include "load.h"
#include "record.h"
#include "reports.h"
#include "stub/util.h"
#include "system.h"
#include "why.h"

struct test {
	const char *file, *name, *parameters;
	char **command;
	bool json;
	unsigned long times, rounds;	/* to be done, and done */
	struct dry_runs dry;
	bool loaded_patcher;
	struct recording recording;
	struct log log;

	/* What was found, in the last round. */
	bool failed;			/* it could not be tested to the end, as was said */
	bool unloaded;
	struct why why;			/* if it could not be unloaded */
	struct trace trace;
	int command_status;		/* -1: there is none */
	struct names residue;
	const char *kept_as;		/* NULL: it was freed */
	struct names reports;		/* the kernel's */
};

static void usage(FILE *to)
{
	fprintf(to, "usage: patcher test [OPTION]... FILE.ko [PARAMETER=VALUE]...\n"
		"                    [-- COMMAND [ARGUMENT]...]\n\n"
		"Loads a module, runs COMMAND, unloads the module, and says whether its exit has cleaned\n"
		"up: which references were not given back and by which path they were taken, who still\n"
		"has them, what still points into the module, and what the kernel has reported meanwhile.\n\n"
		"  --times N        so often, or until something is found; 1 if not given\n"
		"  --json           the result as an object; what COMMAND prints goes to stderr\n"
		"  --patcher FILE   patcher.ko, if modprobe does not know it\n\n"
		"Exit status: 0 clean, 1 error, or COMMAND has failed, 3 it is held and stays loaded,\n"
		"5 residue: something still points into it, and its memory is kept, 6 the kernel has\n"
		"reported something. Of several, the highest.\n");
}

/* ---- patcher.ko, which guards ---- */

static int load_patcher(struct test *test)
{
	char *guard = read_value("/sys/module/patcher/parameters/guard");

	if (is_loaded("patcher") && guard && *guard == 'Y')
		return 0;
	if (is_loaded("patcher"))
		return error("patcher.ko is loaded without guard=1; rmmod patcher first");
	if (!patcher_file(&test->dry))
		return error("there is no patcher.ko: install it, or --patcher FILE");
	if (!file_has_parameter(test->dry.ctx, test->dry.file, "guard"))
		return error("%s knows no guard=1; build it from the same sources as this command",
			     test->dry.file);
	if (load_file(test->dry.ctx, test->dry.file, "guard=1"))
		return CMD_ERROR;
	test->loaded_patcher = true;
	return 0;
}

/* What is kept would stay for good without it. */
static void unload_patcher(struct test *test)
{
	struct unload end;

	if (!test->loaded_patcher || test->kept_as)
		return;
	end = unload("patcher");
	if (end.result != UNLOADED)
		error("patcher.ko stays loaded: %s; rmmod patcher unloads it later",
		      end.result == UNLOAD_REFUSED ? strerror(end.err) : "dmesg says why");
}

/* ---- one round ---- */

/* What patcher says of the module, and what the kernel reports. */
static void take_log(struct test *test)
{
	const char *beginning = text("patcher: %s: ", test->name);
	static const char kept[] = "not freed, but kept as ";
	static const char *const left[] = { "still points into it: ", "still inside it: ",
					    "it could not be determined whether " };
	const char *line;
	size_t i;

	while ((line = log_line(&test->log))) {
		if (!starts(line, beginning)) {
			reports_take(&test->reports, line);
			continue;
		}
		line += strlen(beginning);
		if (starts(line, kept))
			test->kept_as = text_n(line + strlen(kept),
					       strcspn(line + strlen(kept), ":"));
		for (i = 0; i < ARRAY_SIZE(left); i++)
			if (starts(line, left[i]))
				add_name(&test->residue,
					 text("%s", i ? line : line + strlen(left[i])));
	}
}

/* A file that was closed, say, gives back its reference a moment later. */
static bool is_unused(const char *name)
{
	char *refcount;
	int tries, count = 0;

	for (tries = 0; tries < 100; tries++) {
		refcount = read_value("/sys/module/%s/refcnt", name);
		count = refcount ? atoi(refcount) : 0;
		free(refcount);
		if (!count)
			break;
		usleep(20 * 1000);
	}
	return !count;
}

/* What has been recorded is given away before the exit runs, as it has addresses in the module. */
static void stop_recording(struct test *test)
{
	if (record_stop(&test->recording, &test->trace))
		test->failed = true;
	if (record_end(&test->recording))
		test->failed = true;
}

static void unload_module(struct test *test)
{
	bool unused = is_unused(test->name);
	struct unload end = { .result = UNLOAD_REFUSED };

	stop_recording(test);
	if (unused)
		end = unload(test->name);
	test->unloaded = end.result == UNLOADED;
	if (end.result == UNLOAD_REFUSED)
		why_find(&test->why, &test->dry, test->name);
	else if (end.result == UNLOAD_DIED)
		add_name(&test->reports, text("the exit of %s died", test->name));
	else if (end.result == UNLOAD_RUNS)
		test->failed = error("%s: its exit still runs, in task %d", test->name, end.pid);
}

static void use_module(struct test *test)
{
	test->command_status = -1;
	if (test->command[0] && run_command(test->command, test->json, &test->command_status))
		test->failed = true;
	unload_module(test);
}

static int verdict(const struct test *test)
{
	if (test->reports.n)
		return CMD_REPORTED;
	if (test->kept_as)
		return CMD_KEPT;
	if (!test->failed && !test->unloaded)
		return CMD_HELD;
	return test->failed || test->command_status > 0 ? CMD_ERROR : CMD_DONE;
}

static int round_of(struct test *test)
{
	int status;

	test->unloaded = false;
	test->failed = record_begin(&test->recording, test->name);
	if (!test->failed && load_file(test->dry.ctx, test->file, test->parameters))
		test->failed = true;
	else if (!test->failed)
		use_module(test);
	if (record_end(&test->recording))
		test->failed = true;
	take_log(test);
	if (interrupted)
		test->failed = error("interrupted");
	status = verdict(test);
	if (!status)
		test->rounds++;
	return status;
}

/* ---- what was found ---- */

static const char *word_of(int status)
{
	static const char *const words[] = {
		[CMD_DONE] = "clean", [CMD_ERROR] = "failed", [CMD_HELD] = "held",
		[CMD_KEPT] = "residue", [CMD_REPORTED] = "reported",
	};

	return words[status];
}

static bool is_held(const struct test *test)
{
	return test->why.sentence;
}

static void show_held(const struct test *test)
{
	const struct why *why = &test->why;
	size_t i;

	printf("%s\n", why->sentence);
	if (why->held_by)
		printf("  held by: %s\n", why->held_by);
	if (why->unaccounted > 0)
		printf("  lost: %d that nobody was found to have\n", why->unaccounted);
	for (i = 0; i < why->may_have.n; i++)
		printf("  may have one: %s\n", why->may_have.at[i]);
	record_show_paths(&test->trace);
	printf("\nit stays loaded; what helps: %s\n", joined_names(&why->remedies, "; "));
}

static void show_list(const char *title, const struct names *names)
{
	size_t i;

	if (names->n)
		printf("%s\n", title);
	for (i = 0; i < names->n; i++)
		printf("    %s\n", names->at[i]);
}

static void show(const struct test *test, int status)
{
	printf("%s%s: %s%s", style(stdout, status ? STYLE_RED : STYLE_GREEN), test->name,
	       word_of(status), style(stdout, STYLE_NONE));
	if (status)
		printf(", in round %lu of %lu\n", test->rounds + 1, test->times);
	else
		printf(", loaded and unloaded %lu time%s: nothing is left of it\n", test->rounds,
		       test->rounds == 1 ? "" : "s");
	show_list("the kernel has reported meanwhile:", &test->reports);
	show_list("its exit has run, but this still points into it:", &test->residue);
	if (test->kept_as)
		printf("its memory is kept, as %s: patcher status, patcher sweep %s\n",
		       test->kept_as, test->name);
	if (is_held(test))
		show_held(test);
}

static struct json_object *text_object(const char *words)
{
	return words ? json_object_new_string(words) : NULL;
}

static struct json_object *array_of(const struct names *names)
{
	struct json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; i < names->n; i++)
		json_object_array_add(array, json_object_new_string(names->at[i]));
	return array;
}

static struct json_object *held_object(const struct why *why)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "why", text_object(why->sentence));
	json_object_object_add(object, "refcount", json_object_new_int(why->live.refcount));
	json_object_object_add(object, "held_by", text_object(why->held_by));
	json_object_object_add(object, "unaccounted", json_object_new_int(why->unaccounted));
	json_object_object_add(object, "may_have", array_of(&why->may_have));
	json_object_object_add(object, "remedies", array_of(&why->remedies));
	return object;
}

static struct json_object *command_object(const struct test *test)
{
	int status = test->command_status;

	if (status < 0)
		return NULL;
	return json_object_new_int(WIFEXITED(status) ? WEXITSTATUS(status) :
				   128 + WTERMSIG(status));
}

static void show_json(const struct test *test, int status)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "module", text_object(test->name));
	json_object_object_add(object, "verdict", text_object(word_of(status)));
	json_object_object_add(object, "times", json_object_new_int64(test->times));
	json_object_object_add(object, "clean_rounds", json_object_new_int64(test->rounds));
	json_object_object_add(object, "command_status", command_object(test));
	json_object_object_add(object, "held", is_held(test) ? held_object(&test->why) : NULL);
	json_object_object_add(object, "paths", record_paths(&test->trace));
	json_object_object_add(object, "residue", array_of(&test->residue));
	json_object_object_add(object, "kept_as", text_object(test->kept_as));
	json_object_object_add(object, "reports", array_of(&test->reports));
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

/* ---- the way in ---- */

static int run_rounds(struct test *test)
{
	int status;

	if (load_patcher(test))
		return CMD_ERROR;
	if (log_open(&test->log))
		return error("/dev/kmsg: %s; without the kernel's log patcher cannot be heard",
			     strerror(errno));
	do {
		status = round_of(test);
	} while (!status && test->rounds < test->times);
	log_close(&test->log);
	if (test->json)
		show_json(test, status);
	else
		show(test, status);
	unload_patcher(test);
	return status;
}

static int test_file(struct test *test)
{
	char *name;

	if (!is_root("load modules"))
		return CMD_ERROR;
	test->dry.ctx = kmod_new(NULL, NULL);
	if (!test->dry.ctx)
		return error("no memory");
	name = access(test->file, R_OK) ? NULL : file_module(test->dry.ctx, test->file);
	if (!name)
		return error("%s: %s", test->file,
			     access(test->file, R_OK) ? strerror(errno) : "not a module's file");
	/* It goes into paths. */
	test->name = module_name(name);
	if (!test->name || !lock_patcher(text("test %s", test->name)))
		return CMD_ERROR;
	if (!access(text("/sys/module/%s", test->name), F_OK))
		return error("%s is loaded already, or built in; rmmod %s first", test->name,
			     test->name);
	catch_signals();
	return run_rounds(test);
}

/* FILE and its parameters. */
static bool take_arguments(struct test *test, char **argv)
{
	struct buffer parameters = {};

	if (!*argv)
		return false;
	test->file = *argv++;
	for (; *argv; argv++)
		add(&parameters, "%s%s", parameters.length ? " " : "", *argv);
	test->parameters = parameters.at ? parameters.at : "";
	return true;
}

/* Ends the arguments at "--", and returns what follows: COMMAND. */
static char **cut_command(int *argc, char **argv)
{
	int i;

	for (i = 1; i < *argc; i++) {
		if (strcmp(argv[i], "--"))
			continue;
		*argc = i;
		argv[i] = NULL;
		return argv + i + 1;
	}
	return argv + i;
}

static bool take_times(struct test *test, const char *value)
{
	char *end;

	test->times = strtoul(value, &end, 10);
	if (test->times && !*end && strspn(value, "0123456789") == strlen(value))
		return true;
	error("--times: '%s' is no number", value);
	return false;
}

int cmd_test(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ "times", required_argument, NULL, 't' },
		{ "patcher", required_argument, NULL, 'p' },
		{ }
	};
	struct test test = { .times = 1, .command_status = -1 };
	int c;

	test.command = cut_command(&argc, argv);
	while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		switch (c) {
		case 'h':
			usage(stdout);
			return CMD_DONE;
		case 'j':
			test.json = true;
			break;
		case 't':
			if (!take_times(&test, optarg))
				return CMD_ERROR;
			break;
		case 'p':
			test.dry.file = optarg;
			break;
		default:
			usage(stderr);
			return CMD_ERROR;
		}
	}
	if (!take_arguments(&test, argv + optind)) {
		usage(stderr);
		return CMD_ERROR;
	}
	return test_file(&test);
}
