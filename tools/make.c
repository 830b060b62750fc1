// SPDX-License-Identifier: GPL-2.0
/*
 * make: a stub's module file, from nothing or from C.
 *
 * The generator ends its process when it cannot go on, so it runs in a child.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"
#include "make.h"
#include "stub/build.h"
#include "stub/generate.h"
#include "stub/klog.h"
#include "system.h"

/* The child's words go to the log. It and what it starts are a group, to be ended as one. */
static pid_t begin_child(const char *directory)
{
	const char *log = text("%s/stub.log", directory);
	pid_t pid;
	int fd;

	fflush(NULL);
	pid = fork();
	if (pid)
		return pid;
	setpgid(0, 0);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0)
		_exit(CMD_ERROR);
	dup2(fd, 1);
	dup2(fd, 2);
	return 0;
}

static void show_log(const char *directory)
{
	size_t size;
	const char *said = (const char *)read_file(text("%s/stub.log", directory), &size);

	if (said)
		fputs(said, stderr);
}

/* What it leaves is complete only if it has succeeded. */
static bool child_succeeds(pid_t pid, const char *directory)
{
	int status = 0;

	if (pid < 0) {
		error("no process can be made: %s", strerror(errno));
		return false;
	}
	while (waitpid(pid, &status, 0) != pid)
		if (interrupted)
			kill(-pid, SIGTERM);
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return true;
	if (!interrupted)
		show_log(directory);
	return false;
}

/* Is the file that of the module that is loaded? Without a build ID nobody can tell. */
static bool is_same_build(const char *name, const char *file)
{
	const char *path = text("/sys/module/%s/notes/.note.gnu.build-id", name);
	const struct module *module = module_read(file);
	struct buffer id = {};
	size_t size, i;
	u8 *note = read_file(path, &size);

	/* A note is three words, "GNU", and the ID. */
	if (!note || size <= 16 || !module->build_id)
		return true;
	for (i = 16; i < size; i++)
		add(&id, "%02x", note[i]);
	return !strcmp(id.at, module->build_id);
}

/* Where a sleeping task is, for the generator: the innermost place, then the module's own. */
static void add_stack(struct options *options, const char *name, int pid)
{
	size_t size;
	char *stack = (char *)read_file(text("/proc/%d/stack", pid), &size), *line;
	const char *own = text("[%s]", name);

	if (!stack || !strstr(stack, own))
		return;
	while ((line = strsep(&stack, "\n"))) {
		if (starts(line, "[<0>] "))
			line += strlen("[<0>] ");
		if (!*line || (options->n_died_at && !strstr(line, own)))
			continue;
		more(options->died_at, options->n_died_at);
		options->died_at[options->n_died_at++] = text_n(line, strcspn(line, " "));
	}
}

static int pid_of(const char *who)
{
	const char *at = who ? strchr(who, '[') : NULL;

	return at ? atoi(at + 1) : 0;
}

static void set_place(const struct why *why, struct options *options)
{
	switch (why->situation) {
	case PATCHER_INIT_DIED:
	case PATCHER_EXIT_DIED:
		klog_places(why->live.name, NULL, options);
		break;
	case PATCHER_INIT_RUNS:
	case PATCHER_EXIT_BLOCKS:
		add_stack(options, why->live.name, pid_of(why->inside));
		break;
	default:
		break;
	}
}

static int generate_in_child(const struct why *why, const char *file, const char *directory)
{
	struct options options = { .directory = directory };

	options.file = file ? file : module_file_of(why->live.name);
	if (!is_same_build(why->live.name, options.file))
		fail("%s is not what was loaded: its build ID is another; --file names the file",
		     options.file);
	options.from_init = why->situation == PATCHER_INIT_DIED ||
			    why->situation == PATCHER_INIT_RUNS ||
			    why->situation == PATCHER_NO_EXIT;
	set_place(why, &options);
	return generate(&options);
}

const char *make_stub_of(const struct why *why, const char *file, const char *directory)
{
	const char *made = text("%s/%s_stub.ko", directory, why->live.name);
	pid_t pid = begin_child(directory);

	if (!pid) {
		fail_subject = NULL;
		exit(generate_in_child(why, file, directory));
	}
	if (!child_succeeds(pid, directory))
		return NULL;
	if (!access(made, R_OK))
		return made;
	show_log(directory);
	return NULL;
}

/* Its name without directory and ".c"; NULL if it can be no module's. */
static const char *stem_of(const char *source)
{
	const char *slash = strrchr(source, '/');
	const char *base = slash ? slash + 1 : source;
	const char *stem = text_n(base, strlen(base) - strlen(".c"));
	const char *at;

	for (at = stem; *at; at++)
		if (!isalnum((unsigned char)*at) && *at != '_' && *at != '-')
			return NULL;
	return *stem ? stem : NULL;
}

static void write_text(const char *path, const char *words, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, words, size) != (ssize_t)size)
		fail("%s: %s", path, strerror(errno));
	close(fd);
}

static int compile_in_child(const char *source, const char *stem, const char *directory)
{
	struct module module = {};
	struct options options = { .directory = directory };
	struct utsname uts;
	const char *kbuild;
	size_t size;
	u8 *code;

	code = read_file(source, &size);
	if (!code)
		fail("%s: %s", source, strerror(errno));
	uname(&uts);
	module.vermagic = uts.release;
	kbuild = text("obj-m := %s.o\nccflags-y := -I%s\n", stem, PATCHER_INCLUDE);
	write_text(text("%s/%s.c", directory, stem), (char *)code, size);
	write_text(text("%s/Kbuild", directory), kbuild, strlen(kbuild));
	if (build(&module, &options))
		return CMD_DONE;
	code = read_file(text("%s/build.log", directory), &size);
	fputs(code ? (char *)code : "make has failed\n", stderr);
	return access(text("%s/%s.ko", directory, stem), R_OK) ? CMD_ERROR : CMD_DONE;
}

const char *make_stub_from(const char *source, const char *directory)
{
	const char *stem = stem_of(source);
	pid_t pid;

	if (!stem) {
		error("%s: its name cannot be a module's", source);
		return NULL;
	}
	pid = begin_child(directory);
	if (!pid) {
		fail_subject = NULL;
		exit(compile_in_child(source, stem, directory));
	}
	return child_succeeds(pid, directory) ? text("%s/%s.ko", directory, stem) : NULL;
}
