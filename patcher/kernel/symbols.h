/* SPDX-License-Identifier: GPL-2.0 */
/*
 * symbols: a module's own symbol table.
 */
#ifndef PATCHER_SYMBOLS_H
#define PATCHER_SYMBOLS_H

#include <linux/module.h>

/**
 * struct patcher_match - what a name stands for in a module's symbol table
 * @number: how many symbols have it; the rest is that of the last one
 * @addr: address
 * @size: size in bytes
 * @function: it is a function
 */
struct patcher_match {
	unsigned int number;
	unsigned long addr;
	unsigned long size;
	bool function;
};

bool patcher_symbols_are_right(struct module *mod);
void patcher_symbols_look_up(struct module *mod, const char *name,
			     struct patcher_match *match);
unsigned long patcher_symbols_size_at(const struct module *mod, unsigned long addr);

#endif /* PATCHER_SYMBOLS_H */
