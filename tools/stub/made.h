/* SPDX-License-Identifier: GPL-2.0 */
#ifndef STUB_MADE_H
#define STUB_MADE_H

#include "exec.h"

/*
 * exec_made(): a function that does not exist in the target: one block, with these statements.
 * They are said to be of instructions of the one that was carried out.
 */
struct exec *exec_made(const struct exec *of, const struct code *code);

#endif /* STUB_MADE_H */
