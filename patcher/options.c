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
#include "look/leaked.h"
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
static void copy_canonical_name(char *to, const char *name)
{
	strscpy(to, name, MODULE_NAME_LEN);
	strreplace(to, '-', '_');
}

static int parse_target(struct patcher_options *options, const char *text)
{
	const char *problem = name_problem(text);

	if (problem) {
		pr_err_ratelimited("\"%*pE\": refused: this cannot be the name of a module: %s; target=NAME as lsmod shows it (%pe)\n",
				   (int)strnlen(text, SHOWN), text, problem,
				   ERR_PTR(-EINVAL));
		return -EINVAL;
	}
	copy_canonical_name(options->target, text);
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
	copy_canonical_name(options->stub, text);
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

/*
 * What is wrong with a line, and not the line itself. The name of the target is not known
 * to be one yet.
 */
static int refuse_line(const char *problem)
{
	pr_err_ratelimited("refused: the line %s; write TARGET [STUB] [force] [quarantine] [dry_run] [leaked=N] [timeout_ms=N] (%pe)\n",
			   problem, ERR_PTR(-EINVAL));
	return -EINVAL;
}

static int refuse_word(unsigned int number, const char *problem)
{
	pr_err_ratelimited("refused: word %u of the line %s; write TARGET [STUB] [force] [quarantine] [dry_run] [leaked=N] [timeout_ms=N] (%pe)\n",
			   number, problem, ERR_PTR(-EINVAL));
	return -EINVAL;
}

static const char *line_problem(const char *text, size_t length)
{
	size_t i;

	if (length >= PATCHER_LINE_MAX)
		return "is too long";
	for (i = 0; i < length; i++)
		if (!isascii(text[i]) || !isprint(text[i]))
			return "has a byte that is not a printable character";
	return NULL;
}

/* Which text a word is, NULL for none; and what it says, as that of a parameter. */
static char **text_of(struct patcher_texts *texts, unsigned int number, char *word,
		      char **value)
{
	static const char timeout[] = "timeout_ms=", leaked[] = "leaked=";
	char **to = NULL;

	*value = word;
	if (number == 1)
		return &texts->target;
	if (str_has_prefix(word, timeout)) {
		*value = word + strlen(timeout);
		return &texts->timeout_ms;
	}
	if (str_has_prefix(word, leaked)) {
		*value = word + strlen(leaked);
		return &texts->leaked;
	}
	if (!strcmp(word, "force"))
		to = &texts->force;
	else if (!strcmp(word, "quarantine"))
		to = &texts->quarantine;
	else if (!strcmp(word, "dry_run"))
		to = &texts->dry_run;
	if (to)
		*value = strcpy(word, "1");
	else if (number == 2 && !strchr(word, '='))
		to = &texts->stub;
	return to;
}

/**
 * patcher_options_split - from a line to the user's words
 * @line: a buffer of PATCHER_LINE_MAX; the words are in it, and in use as long as @texts
 * @text: the line, as it has come: TARGET [STUB] [force] [quarantine] [dry_run] [leaked=N]
 *	[timeout_ms=N]
 * @length: its length in bytes, with a line's end or without
 * @texts: out, for patcher_options_parse()
 *
 * Context: any.
 * Return: 0 or -EINVAL, and then the log says what is wrong.
 */
int patcher_options_split(char *line, const char *text, size_t length,
			  struct patcher_texts *texts)
{
	char *word, *value, **to;
	unsigned int number = 0;
	const char *problem;

	*texts = (struct patcher_texts){};
	if (length && text[length - 1] == '\n')
		length--;
	problem = line_problem(text, length);
	if (problem)
		return refuse_line(problem);
	memcpy(line, text, length);
	line[length] = '\0';

	while ((word = strsep(&line, " "))) {
		if (!*word)
			continue;
		to = text_of(texts, ++number, word, &value);
		if (!to)
			return refuse_word(number, "is not known");
		if (*to)
			return refuse_word(number, "is there twice");
		*to = value;
	}
	return number ? 0 : refuse_line("is empty");
}

/**
 * patcher_options_parse - from the user's words to options
 * @options: out
 * @texts: the words; @texts->target is not NULL
 *
 * Context: any.
 * Return: 0; -EINVAL, and then the log says which word is wrong; or -EOPNOTSUPP for what
 * this patcher was built without, which the log says too.
 */
int patcher_options_parse(struct patcher_options *options,
			  const struct patcher_texts *texts)
{
	int err;

	*options = (struct patcher_options){
		.timeout_ms = DEFAULT_TIMEOUT_MS, .leaked = PATCHER_LEAKED_UNSAID,
	};

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
#ifdef PATCHER_WITHOUT_FORCE
	if (options->force || options->quarantine)
		return patcher_refuse(options->target, -EOPNOTSUPP,
				      "this patcher was built without force and quarantine (make FORCE=no)");
#endif
	err = parse_bool(options->target, "dry_run", texts->dry_run, &options->dry_run);
	if (err)
		return err;
	if (texts->leaked && (kstrtoint(texts->leaked, 0, &options->leaked) || options->leaked < 0))
		return patcher_refuse(options->target, -EINVAL,
				      "leaked=\"%*pE\" is no number of references",
				      (int)strnlen(texts->leaked, SHOWN), texts->leaked);
	if (texts->timeout_ms && kstrtouint(texts->timeout_ms, 0, &options->timeout_ms))
		return patcher_refuse(options->target, -EINVAL,
				      "timeout_ms=\"%*pE\" is no number of milliseconds",
				      (int)strnlen(texts->timeout_ms, SHOWN),
				      texts->timeout_ms);
	return 0;
}
