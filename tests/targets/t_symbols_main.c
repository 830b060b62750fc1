// SPDX-License-Identifier: GPL-2.0
/*
 * t_symbols: a healthy module with symbols of every kind, for the stubs t_stub_*.
 *
 *   t_symbols_value	a variable of four bytes, also parameters/value
 *   t_symbols_users	another one, which nothing writes: it is in .rodata
 *   t_symbols_late	another one, read-only after init
 *   t_symbols_percpu	another one, one for each CPU
 *   t_symbols_twice	a function
 *   t_symbols_twin	two variables of that name, one in each source file
 *   t_symbols_twin_get	two functions of that name, one in each source file
 *   t_symbols_exported	an exported function
 */
#include <linux/export.h>
#include <linux/init.h>
#include <linux/cache.h>
#include <linux/module.h>
#include <linux/percpu.h>

#include "t_symbols.h"

static unsigned int t_symbols_value = 42;
module_param_named(value, t_symbols_value, uint, 0644);
MODULE_PARM_DESC(value, "What t_stub_good reports");

static unsigned int t_symbols_twin = 1;
static unsigned int t_symbols_users = 1;
static unsigned int t_symbols_late __ro_after_init;
static DEFINE_PER_CPU(unsigned int, t_symbols_percpu);

/* __used keeps what follows as it is written: emitted, and under its own name. */
static noinline __used unsigned int t_symbols_twin_get(void)
{
	return READ_ONCE(t_symbols_twin);
}

static noinline __used unsigned int t_symbols_sum(void)
{
	return READ_ONCE(t_symbols_users) + READ_ONCE(t_symbols_late) +
	       this_cpu_read(t_symbols_percpu);
}

static noinline __used int t_symbols_twice(int n)
{
	return 2 * n;
}

int t_symbols_exported(void)
{
	return 42;
}
EXPORT_SYMBOL_GPL(t_symbols_exported);

static int __init t_symbols_init(void)
{
	WRITE_ONCE(t_symbols_twin, t_symbols_other());
	WRITE_ONCE(t_symbols_late, 2);
	this_cpu_write(t_symbols_percpu, 3);
	return 0;
}

static void __exit t_symbols_exit(void)
{
}

module_init(t_symbols_init);
module_exit(t_symbols_exit);

MODULE_DESCRIPTION("patcher target: symbols for stubs to ask for");
MODULE_LICENSE("GPL");
