// SPDX-License-Identifier: GPL-2.0
/*
 * patcher trace: who takes references on a module and does not give them back.
 */
#include <getopt.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "record.h"
#include "stub/util.h"
#include "system.h"

static void usage(FILE *to)
{
	fprintf(to, "usage: patcher trace NAME [--json] [-- COMMAND [ARGUMENT]...]\n\n"
		"Records who takes references on module NAME, and who gives them back, while COMMAND\n"
		"runs, or until Ctrl-C; then shows the call paths of those not given back.\n\n"
		"  --json    the same as an object\n\n"
		"Exit status: 0 all were given back, 1 error, 3 some were not, 4 NAME is built in, or not\n"
		"loaded and there is no COMMAND that could load it.\n");
}

static void until_interrupted(const char *name)
{
	sigset_t blocked, before;

	fprintf(stderr, "recording who uses %s; Ctrl-C ends it\n", name);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	while (!interrupted)
		sigsuspend(&before);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static void show(const struct trace *trace)
{
	char *refcnt = read_value("/sys/module/%s/refcnt", trace->module);

	printf("%s: %u references taken, %u given back", trace->module, trace->taken,
	       trace->given_back);
	if (trace->before)
		printf(", %u of these taken before", trace->before);
	printf("; the refcount is %s now\n", refcnt ? refcnt : "gone with the module");
	record_show_paths(trace);
	free(refcnt);
}

static void show_json(const struct trace *trace)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "module", json_object_new_string(trace->module));
	json_object_object_add(object, "taken", json_object_new_int(trace->taken));
	json_object_object_add(object, "given_back", json_object_new_int(trace->given_back));
	json_object_object_add(object, "taken_before", json_object_new_int(trace->before));
	json_object_object_add(object, "paths", record_paths(trace));
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

static int record(struct recording *recording, char **command, bool json)
{
	struct trace trace;
	int status = 0, ended;

	if (command[0])
		status = run_command(command, json, &ended);
	else
		until_interrupted(recording->module);
	if (status || record_stop(recording, &trace))
		return CMD_ERROR;
	if (json)
		show_json(&trace);
	else
		show(&trace);
	return record_missing(&trace) ? CMD_HELD : CMD_DONE;
}

static int trace(const char *name, char **command, bool json)
{
	bool there = !access(text("/sys/module/%s", name), F_OK);
	struct recording recording;
	int status;

	if (!is_loaded(name) && (there || !command[0])) {
		if (there)
			error("%s is built into the kernel: it has no refcount", name);
		else
			error("%s is not loaded; lsmod shows what is", name);
		return CMD_ABSENT;
	}
	catch_signals();
	status = record_begin(&recording, name);
	if (!status)
		status = record(&recording, command, json);
	return record_end(&recording) ? CMD_ERROR : status;
}

int cmd_trace(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ }
	};
	bool json = false;
	int c, status;
	char *name;

	while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		switch (c) {
		case 'h':
			usage(stdout);
			return CMD_DONE;
		case 'j':
			json = true;
			break;
		default:
			usage(stderr);
			return CMD_ERROR;
		}
	}
	if (optind >= argc) {
		usage(stderr);
		return CMD_ERROR;
	}
	name = module_name(argv[optind]);
	if (!name || !is_root("trace references")) {
		free(name);
		return CMD_ERROR;
	}
	status = trace(name, argv + optind + 1, json);
	free(name);
	return status;
}
