// SPDX-License-Identifier: GPL-2.0
/*
 * patcher why: can a module be unloaded, and if not, why not and what helps.
 */
#include <getopt.h>
#include <json-c/json.h>
#include <libkmod.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "stub/util.h"
#include "system.h"
#include "why.h"

#define COLUMNS		79
#define LABEL		12

static void usage(FILE *to)
{
	fprintf(to, "usage: patcher why [--json] [--patcher FILE] [NAME]\n\n"
		"Says whether module NAME can be unloaded, and if not, why not and what helps.\n"
		"Without NAME: each module that cannot be unloaded now, a line each. Changes nothing;\n"
		"patcher.ko is loaded for it (dry_run=1) and unloaded again, if it is there.\n\n"
		"  --json           the same as an object, or an array of objects\n"
		"  --patcher FILE   patcher.ko, if modprobe does not know it\n\n"
		"Exit status: 0 nothing in the way, 1 error, 2 needs a rescue, 3 held (rightly in use),\n"
		"4 built in or not loaded, 5 kept. Without NAME: 2 if one needs a rescue, or else 3 if\n"
		"one is held, or else 0.\n");
}

static enum style style_of(int status)
{
	switch (status) {
	case CMD_DONE:
		return STYLE_GREEN;
	case CMD_RESCUE:
		return STYLE_RED;
	default:
		return STYLE_YELLOW;
	}
}

/* A label, and words that are continued below each other. */
static void show_words(const char *label, const char *words)
{
	int column = LABEL, length;

	printf("  %-*s", LABEL - 2, label);
	while (*words) {
		length = strcspn(words, " ");
		if (column > LABEL && column + 1 + length > COLUMNS) {
			printf("\n%*s", LABEL, "");
			column = LABEL;
		} else if (column > LABEL) {
			putchar(' ');
			column++;
		}
		printf("%.*s", length, words);
		column += length;
		words += length + strspn(words + length, " ");
	}
	putchar('\n');
}

/* The sentence, at the margin. */
static void show_sentence(const struct why *why)
{
	const char *words = why->sentence;
	int column = 0, length;

	fputs(style(stdout, style_of(why->status)), stdout);
	while (*words) {
		length = strcspn(words, " ");
		if (column && column + 1 + length > COLUMNS) {
			putchar('\n');
			column = 0;
		} else if (column) {
			putchar(' ');
			column++;
		}
		printf("%.*s", length, words);
		column += length;
		words += length + strspn(words + length, " ");
	}
	printf("%s\n", style(stdout, STYLE_NONE));
}

static const char *accounted(const struct why *why)
{
	if (why->unaccounted < 0)
		return "not looked for, as there is no patcher.ko";
	if (why->held_by && why->unaccounted)
		return text("%s; and %d that nobody was found to have", why->held_by,
			    why->unaccounted);
	if (why->held_by)
		return why->held_by;
	if (why->unaccounted)
		return text("nobody that could be found: %d lost", why->unaccounted);
	return NULL;
}

static void show_details(const struct why *why)
{
	const struct live *live = &why->live;
	const char *words = state_words(live);
	size_t i;

	show_words("state", text("%s, refcount %d%s%s", live->state, live->refcount,
				 words ? ": " : "", words ? words : ""));
	if (why->judged)
		show_words("situation", why_situation(why));
	if (live->users.n)
		show_words("used by", joined_names(&live->users, ", "));
	if (accounted(why))
		show_words("held by", accounted(why));
	for (i = 0; i < why->may_have.n; i++)
		show_words(i ? "" : "may have", why->may_have.at[i]);
	if (why->inside)
		show_words("inside", why->inside);
	for (i = 0; i < why->died_at.n; i++)
		show_words(i ? "" : "died at", why->died_at.at[i]);
	if (live->drivers.n)
		show_words("drivers", joined_names(&live->drivers, ", "));
	if (why->devices)
		show_words("devices", why->devices);
	if (live->permanent)
		show_words("exit", "none");
}

static void show(const struct why *why)
{
	size_t i;

	show_sentence(why);
	if (!why->live.loaded)
		return;
	show_details(why);
	for (i = 0; i < why->remedies.n; i++)
		printf("  %-*s%s%s%s\n", LABEL - 2, i ? "" : "helps",
		       style(stdout, STYLE_BOLD), why->remedies.at[i], style(stdout, STYLE_NONE));
	if (why->needs_stub && why->status == CMD_RESCUE)
		show_words("", "(which writes a stub, what cleans up in place of its exit)");
}

/* "NAME cannot be unloaded: " is what all lines have in common. */
static void show_line(const struct why *why)
{
	const char *because = strstr(why->sentence, ": ");

	printf("%-20s %-6s %4d  %s%s%s\n", why->live.name, why->live.state, why->live.refcount,
	       style(stdout, style_of(why->status)), because ? because + 2 : why->sentence,
	       style(stdout, STYLE_NONE));
}

static struct json_object *array_of(const struct names *names)
{
	struct json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; i < names->n; i++)
		json_object_array_add(array, json_object_new_string(names->at[i]));
	return array;
}

static void add_text(struct json_object *object, const char *key, const char *words)
{
	json_object_object_add(object, key, words ? json_object_new_string(words) : NULL);
}

static const char *status_word(int status)
{
	static const char *const words[] = {
		[CMD_DONE] = "free", [CMD_RESCUE] = "wedged", [CMD_HELD] = "held",
		[CMD_ABSENT] = "absent", [CMD_KEPT] = "kept",
	};

	return words[status];
}

static struct json_object *object_of(const struct why *why)
{
	const struct live *live = &why->live;
	struct json_object *object = json_object_new_object();

	add_text(object, "module", live->name);
	add_text(object, "verdict", status_word(why->status));
	add_text(object, "why", why->sentence);
	add_text(object, "state", live->loaded ? live->state : NULL);
	json_object_object_add(object, "refcount",
			       live->loaded ? json_object_new_int(live->refcount) : NULL);
	add_text(object, "situation", why->judged ? why_situation(why) : NULL);
	json_object_object_add(object, "by_patcher", json_object_new_boolean(why->by_patcher));
	add_text(object, "rescue", why->rescue);
	json_object_object_add(object, "used_by", array_of(&live->users));
	add_text(object, "held_by", why->held_by);
	json_object_object_add(object, "unaccounted", why->unaccounted < 0 ? NULL :
			       json_object_new_int(why->unaccounted));
	json_object_object_add(object, "may_have", array_of(&why->may_have));
	add_text(object, "inside", why->inside);
	json_object_object_add(object, "died_at", array_of(&why->died_at));
	json_object_object_add(object, "drivers", array_of(&live->drivers));
	add_text(object, "devices", why->devices);
	json_object_object_add(object, "needs_stub", json_object_new_boolean(why->needs_stub));
	json_object_object_add(object, "remedies", array_of(&why->remedies));
	return object;
}

static void print_json(struct json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

static int about_one(struct dry_runs *dry, const char *name, bool json)
{
	struct why why;

	why_find(&why, dry, name);
	if (json)
		print_json(object_of(&why));
	else
		show(&why);
	return why.status;
}

static int about_all(struct dry_runs *dry, bool json)
{
	struct json_object *array = json_object_new_array();
	struct names names = live_modules();
	int status = CMD_DONE;
	struct why why;
	size_t i;

	for (i = 0; i < names.n && !interrupted; i++) {
		if (!why_find_briefly(&why, dry, names.at[i]))
			continue;
		if (json)
			json_object_array_add(array, object_of(&why));
		else
			show_line(&why);
		if (why.status == CMD_RESCUE || status == CMD_DONE)
			status = why.status == CMD_KEPT ? CMD_HELD : why.status;
	}
	if (json)
		print_json(array);
	else if (status == CMD_DONE)
		printf("each loaded module can be unloaded\n");
	return interrupted ? error("interrupted") : status;
}

static int why(const char *given, const char *file, bool json)
{
	struct dry_runs dry = { .file = file };
	char *name = given ? module_name(given) : NULL;
	int status;

	if ((given && !name) || !is_root("see who uses a module") ||
	    !lock_patcher(text("why %s", name ? name : "")))
		return CMD_ERROR;
	dry.ctx = kmod_new(NULL, NULL);
	if (!dry.ctx)
		return error("no memory");
	catch_signals();
	status = name ? about_one(&dry, name, json) : about_all(&dry, json);
	if (!why_end(&dry))
		status = CMD_ERROR;
	kmod_unref(dry.ctx);
	return status;
}

int cmd_why(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ "patcher", required_argument, NULL, 'p' },
		{ }
	};
	const char *file = NULL;
	bool json = false;
	int c;

	while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		switch (c) {
		case 'h':
			usage(stdout);
			return CMD_DONE;
		case 'j':
			json = true;
			break;
		case 'p':
			file = optarg;
			break;
		default:
			usage(stderr);
			return CMD_ERROR;
		}
	}
	if (optind + 1 < argc) {
		usage(stderr);
		return CMD_ERROR;
	}
	return why(argv[optind], file, json);
}
