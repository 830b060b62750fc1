/* SPDX-License-Identifier: GPL-2.0 */
#ifndef STUB_KLOG_H
#define STUB_KLOG_H

#include "write.h"

/*
 * klog_places(): where a module's exit last died, as the kernel's log has it: fills in
 * options->died_at. log: a file with the log, or with a task's stack, as /proc/PID/stack has it;
 * NULL: the running kernel's log. False if it has no such thing, or cannot be read.
 */
bool klog_places(const char *name, const char *log, struct options *options);

/*
 * klog_hung(): where a task hangs in a module, as /proc/PID/stack has it; false if in none, or
 * if that may not be read.
 */
bool klog_hung(const char *name, struct options *options);

/* The file that a loaded module is from, as modinfo tells; fail() if there is none. */
const char *module_file_of(const char *name);

#endif /* STUB_KLOG_H */
