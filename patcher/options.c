// SPDX-License-Identifier: GPL-2.0
/*
 * options: what the user asked for, checked.
 *
 * All of it arrives from userspace. Until a name was checked it is logged escaped and
 * cut; afterwards it consists of letters, digits, '_' and '.' and cannot reach a path
 * or a format string as anything else.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "log.h"
#include "options.h"

#define DEFAULT_TIMEOUT_MS	5000
#define SHOWN			64

static const char *name_problem(const char *name)
{
	const char *c;

	if (!*name)
		return "it is empty";
	if (strlen(name) >= MODULE_NAME_LEN)
		return "it is longer than any module's";
	for (c = name; *c; c++)
		if (!(isascii(*c) && isalnum(*c)) && *c != '_' && *c != '-' &&
		    (*c != '.' || c == name))
			return "a module's name has letters, digits, '_', '-' and '.' only";
	return NULL;
}

/* As modprobe does it: modules have underscores where their files may have dashes. */
static void canonical(char *to, const char *name)
{
	strscpy(to, name, MODULE_NAME_LEN);
	strreplace(to, '-', '_');
}

static int parse_target(struct patcher_options *options, const char *text)
{
	const char *problem = name_problem(text);

	if (problem) {
		pr_err("\"%*pE\": refused: this cannot be the name of a module: %s; target=NAME as lsmod shows it (%pe)\n",
		       (int)strnlen(text, SHOWN), text, problem, ERR_PTR(-EINVAL));
		return -EINVAL;
	}
	canonical(options->target, text);
	if (!strcmp(options->target, KBUILD_MODNAME))
		return patcher_refuse(options->target, -EINVAL,
				      "this is the patcher itself; rmmod " KBUILD_MODNAME);
	return 0;
}

static int parse_stub(struct patcher_options *options, const char *text)
{
	const char *problem = name_problem(text);

	if (problem)
		return patcher_refuse(options->target, -EINVAL,
				      "stub=\"%*pE\" cannot be the name of a module: %s",
				      (int)strnlen(text, SHOWN), text, problem);
	canonical(options->stub, text);
	if (!strcmp(options->stub, options->target))
		return patcher_refuse(options->target, -EINVAL,
				      "target and stub are the same; the stub is a module of its own");
	return 0;
}

static int parse_bool(const char *target, const char *name, const char *text,
		      bool *value)
{
	if (!text || !kstrtobool(text, value))
		return 0;
	return patcher_refuse(target, -EINVAL, "%s=\"%*pE\" is neither 0 nor 1", name,
			      (int)strnlen(text, SHOWN), text);
}

/**
 * patcher_options_parse - from the user's words to options
 * @options: out
 * @texts: the words; @texts->target is not NULL
 *
 * Context: any.
 * Return: 0 or -EINVAL, and then the log says which word is wrong.
 */
int patcher_options_parse(struct patcher_options *options,
			  const struct patcher_texts *texts)
{
	int err;

	*options = (struct patcher_options){ .timeout_ms = DEFAULT_TIMEOUT_MS };

	err = parse_target(options, texts->target);
	if (err)
		return err;
	if (texts->stub) {
		err = parse_stub(options, texts->stub);
		if (err)
			return err;
	}
	err = parse_bool(options->target, "force", texts->force, &options->force);
	if (err)
		return err;
	err = parse_bool(options->target, "quarantine", texts->quarantine,
			 &options->quarantine);
	if (err)
		return err;
	if (texts->timeout_ms && kstrtouint(texts->timeout_ms, 0, &options->timeout_ms))
		return patcher_refuse(options->target, -EINVAL,
				      "timeout_ms=\"%*pE\" is no number of milliseconds",
				      (int)strnlen(texts->timeout_ms, SHOWN),
				      texts->timeout_ms);
	return 0;
}
