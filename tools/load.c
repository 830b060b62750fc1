// SPDX-License-Identifier: GPL-2.0
/*
 * load: loads and unloads modules, and says in words why that failed.
 *
 * init_module(2) takes the module from memory, and so keeps no record in the kernel's table of
 * loads in progress (idem_hash), which an insmod that died in init has left broken:
 * docs/loader.md. Both calls are made by a child, as whoever makes them dies if the module's init
 * or exit does.
 */
#include <errno.h>
#include <fcntl.h>
#include <libkmod.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"
#include "load.h"
#include "stub/unpack.h"
#include "system.h"

struct load {
	const char *file;
	char *name;
	struct kmod_module *mod;
	struct log log;
};

/* What the kernel's log says about it after @what; NULL if nothing. For the caller to free. */
static char *logged(struct load *load, const char *what)
{
	const char *line, *at;

	while ((line = log_line(&load->log))) {
		at = strstr(line, what);
		if (at)
			return strdup(at + strlen(what));
	}
	return NULL;
}

/* The modules that have @symbol, according to depmod; "" if none. For the caller to free. */
static char *provider(struct kmod_ctx *ctx, const char *symbol)
{
	struct kmod_list *list = NULL;
	char *alias, *text = NULL;

	if (asprintf(&alias, "symbol:%s", symbol) < 0)
		return NULL;
	if (!kmod_module_new_from_lookup(ctx, alias, &list) && list) {
		struct kmod_module *mod = kmod_module_get_module(list);

		if (asprintf(&text, "; modprobe %s first", kmod_module_get_name(mod)) < 0)
			text = NULL;
		kmod_module_unref(mod);
		kmod_module_unref_list(list);
	}
	free(alias);
	return text ? text : strdup("; no module that depmod knows has it");
}

/*
 * The kernel says "NAME: Unknown symbol SYMBOL (err N)" for each, N being -2 if there is none,
 * and "NAME: disagrees about version of symbol SYMBOL" before some of the others.
 */
static bool unknown_symbols(struct load *load, struct kmod_ctx *ctx)
{
	static const char unknown[] = ": Unknown symbol ";
	static const char other[] = ": disagrees about version of symbol ";
	const char *line, *at;
	bool any = false;

	while ((line = log_line(&load->log))) {
		char symbol[256];
		int err = 0;

		at = strstr(line, unknown);
		if (at && sscanf(at + strlen(unknown), "%255s (err %d)", symbol, &err) == 2 &&
		    err == -ENOENT) {
			char *where = provider(ctx, symbol);

			error("%s: unknown symbol %s%s", load->file, symbol, where ? where : "");
			free(where);
			any = true;
		}
		at = strstr(line, other);
		if (at) {
			error("%s: built with another version of %s; build it for this kernel",
			      load->file, at + strlen(other));
			any = true;
		}
	}
	return any;
}

static int wrong_format(struct load *load)
{
	struct utsname uts;
	char *magic;

	magic = logged(load, ": version magic ");
	if (!magic)
		return error("%s: the kernel does not accept it as a module; dmesg may say why",
			     load->file);
	uname(&uts);
	error("%s: wrong version magic: it has %s", load->file, magic);
	free(magic);
	return error("it is for another kernel; build it with the headers in /lib/modules/%s/build",
		     uts.release);
}

static int not_permitted(struct load *load, int err)
{
	char *disabled = read_value("/proc/sys/kernel/modules_disabled");
	bool is_disabled = disabled && !strcmp(disabled, "1");

	free(disabled);
	if (err == EPERM && is_disabled)
		return error("%s: no module is loaded before the next boot: modules_disabled is 1",
			     load->file);
	if (err == EPERM) {
		error("%s: not permitted: the kernel is locked down (Secure Boot), and knows not",
		      load->file);
		error("who has signed it; or this is a container. mokutil --list-enrolled shows");
		return error("the keys, modinfo -F signer FILE whose signature the module has");
	}
	error("%s: signature rejected (%s): not signed by a key that this kernel knows,",
	      load->file, strerror(err));
	return error("or changed after it was signed; docs/secure-boot.md tells how to sign it");
}

static int failed(struct load *load, struct kmod_ctx *ctx, int err)
{
	switch (err) {
	case ENOENT:
	case EINVAL:
		if (unknown_symbols(load, ctx))
			return CMD_ERROR;
		break;
	case ENOEXEC:
		return wrong_format(load);
	case EEXIST:
		return error("%s: a module named %s is loaded already", load->file, load->name);
	case EBUSY:
		if (!strcmp(load->name, "patcher"))
			break;
		return error("%s: %s is being loaded by somebody else, or its init says EBUSY",
			     load->file, load->name);
	case EPERM:
	case EKEYREJECTED:
	case ENOKEY:
	case EBADMSG:
		return not_permitted(load, err);
	}
	return error("%s: %s (%s); it comes from the module's init, if dmesg names no other cause",
		     load->file, strerror(err), strerrorname_np(err));
}

/* "RIP: 0010:FUNCTION+0x.../0x... [MODULE]", the first one after the report's first line. */
static int died(struct load *load, int signal)
{
	static const char *const reports[] = {
		"BUG: ", "kernel BUG at ", "general protection fault", "divide error", "Oops: ",
	};
	char *report = NULL, *where = NULL;
	const char *line, *rip;
	size_t i;

	while (!where && (line = log_line(&load->log))) {
		for (i = 0; !report && i < ARRAY_SIZE(reports); i++)
			if (!strncmp(line, reports[i], strlen(reports[i])))
				report = strdup(line);
		rip = strstr(line, "RIP: 0010:");
		if (report && rip)
			where = strdup(rip + strlen("RIP: 0010:"));
	}
	if (!report) {
		return error("%s: killed by signal %d while it was loaded; dmesg has no report",
			     load->file, signal);
	}
	error("%s: its init died in %s: %s", load->file, where ? where : "a function not logged",
	      report);
	error("%s can be neither used nor unloaded now: it needs a rescue", load->name);
	free(report);
	free(where);
	return CMD_RESCUE;
}

/* It got the signal that we got, and did not end: it does not come back to user mode. */
static int hangs(struct load *load, pid_t pid)
{
	char *where = read_value("/proc/%d/stack", pid);
	const char *at = where ? where + strcspn(where, " ") : "";

	error("%s: its init has not ended; task %d is in%s", load->file, pid,
	      *at ? at : " no function that can be read");
	error("%s needs a rescue if it stays there", load->name);
	free(where);
	return CMD_RESCUE;
}

static _Noreturn void child(const u8 *image, size_t size, const char *parameters)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	if (!syscall(SYS_init_module, image, size, parameters))
		_exit(0);
	_exit(errno < 255 ? errno : 255);
}

/* wait_for(): its end, or half a second after it was told to end. */
static bool wait_for(pid_t pid, int *status)
{
	int tries;

	while (!interrupted)
		if (waitpid(pid, status, 0) == pid)
			return true;
	kill(pid, SIGKILL);
	for (tries = 0; tries < 50; tries++) {
		if (waitpid(pid, status, WNOHANG) == pid)
			return true;
		usleep(10 * 1000);
	}
	return false;
}

static int load_image(struct load *load, struct kmod_ctx *ctx, const u8 *image, size_t size,
		      const char *parameters)
{
	int status;
	pid_t pid;

	catch_signals();
	fflush(NULL);
	log_open(&load->log);
	pid = fork();
	if (pid < 0)
		return error("no process can be made: %s", strerror(errno));
	if (!pid)
		child(image, size, parameters);
	if (!wait_for(pid, &status))
		return hangs(load, pid);
	if (WIFEXITED(status))
		return WEXITSTATUS(status) ? failed(load, ctx, WEXITSTATUS(status)) : CMD_DONE;
	if (interrupted)
		return error("%s: interrupted; it is not loaded", load->file);
	return died(load, WTERMSIG(status));
}

/* The value of the first entry of .modinfo with that key, and with that beginning. */
static char *info_of(struct kmod_module *mod, const char *key, const char *beginning)
{
	struct kmod_list *info = NULL, *entry;
	char *value = NULL;

	kmod_module_get_info(mod, &info);
	kmod_list_foreach(entry, info) {
		const char *text = kmod_module_info_get_value(entry);

		if (!value && !strcmp(kmod_module_info_get_key(entry), key) &&
		    starts(text, beginning))
			value = strdup(text);
	}
	kmod_module_info_free_list(info);
	return value;
}

/* That is not always the file's name. */
static char *name_in_file(struct kmod_module *mod)
{
	char *name = info_of(mod, "name", "");

	return name ? name : strdup(kmod_module_get_name(mod));
}

char *file_module(struct kmod_ctx *ctx, const char *file)
{
	struct kmod_module *mod;
	char *name;

	if (kmod_module_new_from_path(ctx, file, &mod))
		return NULL;
	name = name_in_file(mod);
	kmod_module_unref(mod);
	return name;
}

bool file_has_parameter(struct kmod_ctx *ctx, const char *file, const char *parameter)
{
	struct kmod_module *mod;
	char *value;

	if (kmod_module_new_from_path(ctx, file, &mod))
		return false;
	value = info_of(mod, "parm", text("%s:", parameter));
	kmod_module_unref(mod);
	free(value);
	return value;
}

char *installed_file(struct kmod_ctx *ctx, const char *name)
{
	struct kmod_list *list = NULL;
	char *file = NULL;

	if (kmod_module_new_from_lookup(ctx, name, &list) || !list)
		return NULL;
	if (!kmod_list_next(list, list)) {
		struct kmod_module *mod = kmod_module_get_module(list);
		const char *path = kmod_module_get_path(mod);

		file = path ? strdup(path) : NULL;
		kmod_module_unref(mod);
	}
	kmod_module_unref_list(list);
	return file;
}

int load_file(struct kmod_ctx *ctx, const char *file, const char *parameters)
{
	struct load load = { .file = file, .log.fd = -1 };
	size_t size;
	u8 *image;
	int status;

	image = read_file(file, &size);
	if (!image)
		return error("%s: %s", file, strerror(errno));
	if (kmod_module_new_from_path(ctx, file, &load.mod))
		return error("%s: not a module's file", file);
	load.name = name_in_file(load.mod);
	unpack(&image, &size);
	status = load_image(&load, ctx, image, size, parameters);
	log_close(&load.log);
	free(load.name);
	kmod_module_unref(load.mod);
	return status;
}

static _Noreturn void unloading_child(const char *name)
{
	/* A Ctrl-C of the terminal's is not for it: what an exit does then nobody knows. */
	setpgid(0, 0);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	if (!syscall(SYS_delete_module, name, O_NONBLOCK))
		_exit(0);
	_exit(errno < 255 ? errno : 255);
}

/* Until it has ended, or the user does not wait any more. */
static bool wait_for_unload(const char *name, pid_t pid, int *status)
{
	int before = interrupted, tries;

	while (interrupted < before + 2) {
		if (waitpid(pid, status, 0) == pid)
			return true;
		if (interrupted == before + 1)
			error("%s: its exit runs, and cannot be undone; Ctrl-C again: do not wait",
			      name);
	}
	kill(pid, SIGTERM);
	for (tries = 0; tries < 200; tries++) {
		if (waitpid(pid, status, WNOHANG) == pid)
			return true;
		usleep(10 * 1000);
	}
	return false;
}

struct unload unload(const char *name)
{
	struct unload unload = {};
	int status;

	catch_signals();
	fflush(NULL);
	unload.pid = fork();
	if (unload.pid < 0)
		return (struct unload){ .result = UNLOAD_REFUSED, .err = errno };
	if (!unload.pid)
		unloading_child(name);
	if (!wait_for_unload(name, unload.pid, &status)) {
		unload.result = UNLOAD_RUNS;
	} else if (WIFEXITED(status)) {
		unload.err = WEXITSTATUS(status);
		unload.result = unload.err ? UNLOAD_REFUSED : UNLOADED;
	} else {
		/* A signal of the second Ctrl-C ends it on its way out, when all has been done. */
		unload.result = is_loaded(name) ? UNLOAD_DIED : UNLOADED;
	}
	return unload;
}
