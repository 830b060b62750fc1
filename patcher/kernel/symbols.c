// SPDX-License-Identifier: GPL-2.0
/*
 * symbols: a module's own symbol table.
 *
 * add_kallsyms() in kernel/module/kallsyms.c (6.1) copies it from the file, static symbols
 * included, and mod->kallsyms leads to it; until init has ended that is the table with the
 * symbols of .init sections, later the one without.
 */
#include <linux/elf.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "kernel/compat.h"
#include "kernel/symbols.h"

/* More than any module has; a count above it is a wrong struct, not a large table. */
#define MAX_SYMBOLS	1000000

/**
 * patcher_symbols_are_right - is the table where and what it has to be?
 * @mod: pinned, or module_mutex is held
 *
 * It lies in the module, and begins with the null symbol as every ELF symbol table does.
 */
bool patcher_symbols_are_right(struct module *mod)
{
	const struct mod_kallsyms *table;
	bool right;

	rcu_read_lock_sched();
	table = rcu_dereference_sched(mod->kallsyms);
	right = table &&
		within_module((unsigned long)table->symtab, mod) &&
		within_module((unsigned long)table->strtab, mod) &&
		table->num_symtab && table->num_symtab < MAX_SYMBOLS &&
		table->symtab[0].st_shndx == SHN_UNDEF && !table->symtab[0].st_value;
	rcu_read_unlock_sched();
	return right;
}

/**
 * patcher_symbols_look_up - all symbols of a name
 * @mod: one whose table is right
 * @name: the name
 * @match: out
 */
void patcher_symbols_look_up(struct module *mod, const char *name,
			     struct patcher_match *match)
{
	const struct mod_kallsyms *table;
	const Elf_Sym *symbol;
	unsigned int i;

	*match = (struct patcher_match){};
	rcu_read_lock_sched();
	table = rcu_dereference_sched(mod->kallsyms);
	for (i = 1; i < table->num_symtab; i++) {
		symbol = &table->symtab[i];
		if (symbol->st_shndx == SHN_UNDEF ||
		    strcmp(table->strtab + symbol->st_name, name))
			continue;
		match->number++;
		match->addr = kallsyms_symbol_value(symbol);
		match->size = symbol->st_size;
		match->function = ELF_ST_TYPE(symbol->st_info) == STT_FUNC;
	}
	rcu_read_unlock_sched();
}

/**
 * patcher_symbols_size_at - the size of the symbol at an address
 * @mod: one whose table is right
 * @addr: where it begins
 *
 * Return: in bytes; 0 if none that has a size begins there.
 */
unsigned long patcher_symbols_size_at(const struct module *mod, unsigned long addr)
{
	const struct mod_kallsyms *table;
	unsigned long size = 0;
	unsigned int i;

	rcu_read_lock_sched();
	table = rcu_dereference_sched(mod->kallsyms);
	for (i = 1; i < table->num_symtab && !size; i++)
		if (table->symtab[i].st_shndx != SHN_UNDEF &&
		    kallsyms_symbol_value(&table->symtab[i]) == addr)
			size = table->symtab[i].st_size;
	rcu_read_unlock_sched();
	return size;
}

/* What the compiler leaves room for in front of a function is none, though it has a name. */
static bool is_function(const struct mod_kallsyms *table, const Elf_Sym *symbol)
{
	static const char padding[] = "__pfx_";

	return ELF_ST_TYPE(symbol->st_info) == STT_FUNC &&
	       strncmp(table->strtab + symbol->st_name, padding, strlen(padding));
}

/**
 * patcher_symbols_in_text - all symbols that lie in a module's text
 * @mod: one whose table is right
 * @places: out
 * @size: of @places
 *
 * Return: how many there are; at most @size, but with a @size of 0.
 */
unsigned int patcher_symbols_in_text(const struct module *mod, struct patcher_text_symbol *places,
				     unsigned int size)
{
	const struct mod_kallsyms *table;
	const Elf_Sym *symbol;
	unsigned int i, number = 0;
	unsigned long addr;

	rcu_read_lock_sched();
	table = rcu_dereference_sched(mod->kallsyms);
	for (i = 1; i < table->num_symtab && (!size || number < size); i++) {
		symbol = &table->symtab[i];
		addr = kallsyms_symbol_value(symbol);
		if (symbol->st_shndx == SHN_UNDEF || !patcher_within_text(mod, addr))
			continue;
		if (size)
			places[number] = (struct patcher_text_symbol){
				.addr = addr,
				.function = is_function(table, symbol),
			};
		number++;
	}
	rcu_read_unlock_sched();
	return number;
}

/**
 * patcher_symbols_name_at - the symbol that an address lies in
 * @mod: one whose table is right
 * @addr: also one of a per-CPU variable, as the table has those: an offset from no CPU's copies
 * @name: out
 * @size: of @name
 * @offset: out: how far behind the symbol's beginning
 *
 * Return: false if it lies in none that has a size.
 */
bool patcher_symbols_name_at(const struct module *mod, unsigned long addr, char *name, size_t size,
			     unsigned long *offset)
{
	const struct mod_kallsyms *table;
	const Elf_Sym *symbol;
	bool found = false;
	unsigned int i;

	rcu_read_lock_sched();
	table = rcu_dereference_sched(mod->kallsyms);
	for (i = 1; i < table->num_symtab && !found; i++) {
		symbol = &table->symtab[i];
		found = symbol->st_shndx != SHN_UNDEF &&
			addr - kallsyms_symbol_value(symbol) < symbol->st_size;
		if (!found)
			continue;
		strscpy(name, table->strtab + symbol->st_name, size);
		*offset = addr - kallsyms_symbol_value(symbol);
	}
	rcu_read_unlock_sched();
	return found;
}
