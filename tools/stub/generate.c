// SPDX-License-Identifier: GPL-2.0
/*
 * generate: the order in which a stub is made: read, follow, write, build, compare, tell.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../cmd.h"
#include "arch.h"
#include "build.h"
#include "died.h"
#include "generate.h"
#include "headers.h"
#include "init.h"
#include "klog.h"
#include "proof.h"
#include "release.h"

/* Only what cannot be called by its name is made part of the stub. */
static bool must_follow(const struct func *func, struct place callee, void *data)
{
	struct stub probe = { .module = func->module };
	struct binding *binding;
	const char *why;
	s64 offset;

	(void)data;
	return !stub_reach(&probe, callee, &binding, &offset, &why);
}

static struct place exit_of(const struct module *module)
{
	const struct symbol *exit = module_symbol(module, "cleanup_module");

	if (!exit)
		fail("has no exit");
	return (struct place){ exit->section, exit->value };
}

/* The exit, carried out; or what is left of it. */
static struct exec *follow_exit(const struct module *module, const struct options *options,
				struct died *died, struct released *released)
{
	struct exec *exec;

	*died = (struct died){};
	*released = (struct released){};
	if (options->release)
		return release_follow(module, options, released);
	if (options->from_init)
		return init_undo(module, options);
	if (options->n_died_at)
		return died_follow(module, exit_of(module), options, died);
	exec = alloc(sizeof(*exec));
	exec->n_args = stub_n_args;
	exec->data = (void *)module;
	exec->func = func_build(module, exit_of(module), must_follow, NULL);
	if (!exec->func->trouble)
		exec_run(exec, NULL);
	if (exec->func->trouble)
		fail("its exit %s", exec->func->trouble);
	return exec;
}

/* What the exit had done, as a comment. */
static void say_done(struct stub *stub, const struct died *died, struct buffer *body)
{
	u32 i;

	for (i = 0; i < died->n_done; i++) {
		add(body, "\t/* done before it died: %s() */\n", died->done[i]);
		stub_report(stub, text("%s()", died->done[i]), "left out: done before it died");
	}
	if (died->in) {
		add(body, "\t/* it died in this call, which is neither done nor redone: %s() */\n",
		    died->in);
		if (unregisters_driver(died->in))
			add(body, "\t/* so the driver is registered still */\n");
		stub_report(stub, text("%s()", died->in), unregisters_driver(died->in) ?
			    "left out: it died in this call, and the driver is registered still" :
			    "left out: it died in this call");
	}
	if (died->nothing_left) {
		stub_error(
			stub, body,
			"it died of a BUG(): what the source has behind it the compiler has left out");
		add(body, "\n");
	}
}

static const char *head(const struct module *module, const struct options *options,
			const struct died *died, const struct released *released)
{
	struct buffer out = {};

	if (options->release)
		add(&out,
		    " * Lets a task go that hangs in %s. Written by patcher stub from its file.\n",
		    module->name);
	else
		add(&out, options->from_init ?
		    " * Undoes what the init of %s does. Written by patcher stub from its file.\n" :
		    " * What the exit of %s does. Written by patcher stub from its file.\n",
		    module->name);
	if (module->build_id)
		add(&out, " * Build ID of the file: %s\n", module->build_id);
	if (died->where)
		add(&out,
		    " *\n * Only for an exit that died at %s: what it had done by then is left out.\n",
		    died->where);
	if (released->where)
		add(&out, " *\n * Only for one that hangs at %s: in %s.\n"
			  " * There is no cleanup: the task goes on to the end of what it was doing.\n",
		    released->where, released->in);
	return out.at;
}

/*
 * The rules do not see all that an init may do: so that such a stub is not taken for complete
 * before its user has read it, it builds only when told that.
 */
static void say_unread(struct buffer *body)
{
	add(body,
	    "#ifndef STUB_WAS_READ\n"
	    "#error \"it may miss a step of init: compare them, then take these lines out\"\n"
	    "#endif\n");
}

static const char *routine(const struct options *options)
{
	return options->release ? "release" : "cleanup";
}

/* One stub, with headers or without. */
static struct stub *make_stub(const struct module *module, const struct options *options, bool bare)
{
	struct stub *stub = alloc(sizeof(*stub));
	struct buffer body = {}, code = {};
	struct released released;
	struct died died;

	stub->module = module;
	stub->routine = routine(options);
	stub->bare = bare;
	stub->no_tests = options->release || (options->n_died_at && !options->from_init);
	stub->exec = follow_exit(module, options, &died, &released);
	values_plan(&stub->values, stub->exec);
	if (!bare) {
		stub_want_headers(stub);
		headers_find(options->build, module->vermagic);
	}
	stub_infer(stub);
	say_done(stub, &died, &body);
	if (!died.nothing_left)
		stub_body(stub, &body);
	if (options->from_init && !options->release)
		say_unread(&body);
	write_stub(stub, body.at ? body.at : "", head(module, options, &died, &released), &code);
	if (!options->built)
		write_files(module, options, code.at);
	return stub;
}

static void tell(const struct stub *stub)
{
	u32 i;

	for (i = 0; i < stub->n_report; i++)
		printf("%s\n\t%s\n", stub->report[i].call, stub->report[i].how);
}

static int compare(const struct module *module, const struct options *options, const char *object)
{
	const char *function = stub_routine_name(module, routine(options));
	struct buffer why = {};
	struct released released;
	struct died died;

	switch (proof(follow_exit(module, options, &died, &released), object, function, &why)) {
	case PROVEN:
		printf(options->from_init || options->release ?
		       "proven: the compiled stub makes the calls that it is meant to\n" :
		       "proven: the compiled stub makes the same calls and stores as the exit\n");
		return CMD_DONE;
	case REORDERED:
		printf("proven: the compiled stub makes the same calls and stores as the exit%s\n",
		       ", in another order of blocks");
		return CMD_DONE;
	default:
		fflush(stdout);
		fprintf(stderr, "patcher stub: %s: %s\n", options->file, why.at);
		return CMD_ERROR;
	}
}

static bool follow_all(const struct func *func, struct place callee, void *data)
{
	(void)data;
	return module_function_at(func->module, callee);
}

static int list_calls(const struct module *module, const struct options *options)
{
	static const char *const functions[] = { "init_module", "cleanup_module" };
	const struct symbol *symbol;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		struct exec exec = { .n_args = stub_n_args, .data = (void *)module };

		symbol = module_symbol(module, functions[i]);
		if (!symbol)
			continue;
		exec.func = func_build(module, (struct place){ symbol->section, symbol->value },
				       follow_all, NULL);
		if (!exec.func->trouble)
			exec_run(&exec, NULL);
		if (!exec.func->trouble)
			proof_list(&exec, functions[i]);
	}
	/* And what would undo init, to be compared with exit. */
	if (options->from_init && module_symbol(module, "init_module"))
		proof_list(init_undo(module, options), "undo");
	return CMD_DONE;
}

static bool is_directory(const char *path)
{
	struct stat stat_of;

	return !stat(path, &stat_of) && S_ISDIR(stat_of.st_mode);
}

/* The name of a loaded module: its file, and what the kernel's log says of it. */
static void find_target(struct options *options)
{
	options->from_log = options->log;
	if ((!access(options->file, F_OK) && !is_directory(options->file)) ||
	    strchr(options->file, '/') ||
	    strstr(options->file, ".ko"))
		return;
	fail_subject = options->file;
	options->file = module_file_of(options->file);
	options->from_log = true;
}

/* Where it died, or hangs, if the user has not said it. */
static void find_place(const struct module *module, struct options *options)
{
	if (!options->from_log || options->n_died_at)
		return;
	if (options->release && !options->log && klog_hung(module->name, options))
		printf("from the stack of a task: hangs at %s\n", options->died_at[0]);
	else if (klog_places(module->name, options->log, options))
		printf("from the log: %s at %s\n", options->release ? "hangs" : "died",
		       options->died_at[0]);
}

int generate(const struct options *given)
{
	struct options options = *given;
	const struct module *module;
	struct stub *stub;

	find_target(&options);
	module = module_read(options.file);
	arch_of(module);
	find_place(module, &options);
	if (!options.directory || options.several)
		options.directory = text("%s%s%s_stub", options.directory ? options.directory : "",
					 options.directory ? "/" : "", module->name);
	if (options.built && is_directory(options.built))
		options.built = text("%s/%s_stub.o", options.built, module->name);
	types_load(module, options.btf, options.modules);
	if (options.calls)
		return list_calls(module, &options);
	stub = make_stub(module, &options, options.bare);
	tell(stub);
	if (stub->errors) {
		printf("%u places are left to you: see #error in %s/%s_stub.c\n", stub->errors,
		       options.directory, module->name);
		return CMD_DONE;
	}
	if (options.built)
		return compare(module, &options, options.built);
	if (options.no_build) {
		printf("not built, so not proven\n");
		return CMD_DONE;
	}
	if (!build(module, &options)) {
		printf("does not compile with the kernel's headers; written without\n");
		make_stub(module, &options, true);
		if (!build(module, &options))
			fail("the stub does not compile: see %s/build.log", options.directory);
	}
	return compare(module, &options,
		       text("%s/%s_stub.o", options.directory, module->name));
}
