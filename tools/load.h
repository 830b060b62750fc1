/* SPDX-License-Identifier: GPL-2.0 */
/* Modules loaded and unloaded, with what went wrong in words. */
#ifndef PATCHER_LOAD_H
#define PATCHER_LOAD_H

#include <stdbool.h>
#include <sys/types.h>

struct kmod_ctx;

/* load_file(): returns the exit status of patcher load, and has said why if that is not 0. */
int load_file(struct kmod_ctx *ctx, const char *file, const char *parameters);

/* The name that the kernel knows a module's file by; NULL if it is none. For the caller to free. */
char *file_module(struct kmod_ctx *ctx, const char *file);

/* Whether a module's file has such a parameter. */
bool file_has_parameter(struct kmod_ctx *ctx, const char *file, const char *parameter);

/* The file that modprobe would load; NULL if there is none. For the caller to free. */
char *installed_file(struct kmod_ctx *ctx, const char *name);

enum unload_result {
	UNLOADED,
	UNLOAD_REFUSED,		/* by the kernel: err is the errno */
	UNLOAD_DIED,		/* whoever called its exit was killed */
	UNLOAD_RUNS,		/* its exit has not ended, and the user does not wait any more */
};

struct unload {
	enum unload_result result;
	int err;
	pid_t pid;		/* who called delete_module(2) */
};

/*
 * unload(): by delete_module(2). An exit that runs cannot be called back: the first Ctrl-C says
 * so, the second one sends it a signal, and is the last thing that is waited for.
 */
struct unload unload(const char *name);

#endif /* PATCHER_LOAD_H */
