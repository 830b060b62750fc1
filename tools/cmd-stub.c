// SPDX-License-Identifier: GPL-2.0
/*
 * patcher stub: writes a stub for a module, from its file.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "stub/arch.h"
#include "stub/headers.h"
#include "stub/write.h"

static void usage(FILE *to)
{
	fprintf(to, "usage: patcher stub MODULE.ko [-o DIR] [option]...\n\n"
		"  -o DIR                   where the stub goes; NAME_stub if not given\n"
		"  --btf FILE               the kernel's image, or its BTF\n"
		"  --build DIR              the kernel's build directory, with its headers\n"
		"  --modules DIR            where the kernel's modules are, with modules.dep\n");
}

static const struct option long_options[] = {
	{ "btf", required_argument, NULL, 'b' },
	{ "build", required_argument, NULL, 'k' },
	{ "modules", required_argument, NULL, 'm' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

/* Only what cannot be called by its name is made part of the stub. */
static bool must_follow(const struct func *func, struct place callee, void *data)
{
	const struct symbol *symbol = module_function_at(func->module, callee);
	struct stub probe = { .module = func->module };
	struct binding *binding;
	const char *why;
	s64 offset;

	(void)data;
	return !symbol || !stub_reach(&probe, callee, &binding, &offset, &why);
}

static void from_exit(const struct module *module, const struct options *options)
{
	const struct symbol *exit = module_symbol(module, "cleanup_module");
	struct exec exec = { .n_args = stub_n_args, .data = (void *)module };
	struct stub stub = { .module = module, .exec = &exec };
	struct buffer body = {}, said = {}, code = {};
	u32 i;

	if (!exit)
		fail("has no exit");
	exec.func = func_build(module, (struct place){ exit->section, exit->value }, must_follow, NULL);
	if (exec.func->trouble)
		fail("its exit %s", exec.func->trouble);
	exec_run(&exec, NULL);
	if (exec.func->trouble)
		fail("its exit %s", exec.func->trouble);
	values_plan(&stub.values, &exec);
	stub_want_headers(&stub);
	headers_find(options->build, module->vermagic);
	stub_infer(&stub);
	stub_body(&stub, &body);
	add(&said, " * What the exit of %s does. Written by patcher stub.\n", module->name);
	write_stub(&stub, body.at ? body.at : "", said.at, &code);
	write_files(module, options, code.at);
	for (i = 0; i < stub.n_report; i++)
		printf("%s\n\t%s\n", stub.report[i].call, stub.report[i].how);
}

int cmd_stub(int argc, char **argv)
{
	struct options options = {};
	const struct module *module;
	int c;

	while ((c = getopt_long(argc, argv, "o:h", long_options, NULL)) != -1) {
		switch (c) {
		case 'o':
			options.directory = optarg;
			break;
		case 'b':
			options.btf = optarg;
			break;
		case 'k':
			options.build = optarg;
			break;
		case 'm':
			options.modules = optarg;
			break;
		case 'h':
			usage(stdout);
			return CMD_DONE;
		default:
			usage(stderr);
			return CMD_ERROR;
		}
	}
	if (optind + 1 != argc) {
		usage(stderr);
		return CMD_ERROR;
	}
	options.file = argv[optind];
	module = module_read(options.file);
	arch_of(module);
	if (!options.directory)
		options.directory = text("%s_stub", module->name);
	types_load(module, options.btf, options.modules);
	from_exit(module, &options);
	return CMD_DONE;
}
