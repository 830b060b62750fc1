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

/**
 * struct patcher_text_symbol - a symbol in a module's text
 * @addr: where it begins
 * @function: it is a function
 */
struct patcher_text_symbol {
	unsigned long addr;
	bool function;
};

bool patcher_symbols_are_right(struct module *mod);
void patcher_symbols_look_up(struct module *mod, const char *name,
			     struct patcher_match *match);
unsigned long patcher_symbols_size_at(const struct module *mod, unsigned long addr);
bool patcher_symbols_name_at(const struct module *mod, unsigned long addr, char *name, size_t size,
			     unsigned long *offset);
unsigned int patcher_symbols_in_text(const struct module *mod, struct patcher_text_symbol *places,
				     unsigned int size);

#endif /* PATCHER_SYMBOLS_H */
