// SPDX-License-Identifier: GPL-2.0
/*
 * t_stub_good: binds a variable and a function of t_symbols, and uses both.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/printk.h>
#include <patcher/stub.h>

static unsigned int *value;
static const unsigned int *users, *late;
static int (*twice)(int n);

static const struct patcher_symbol symbols[] = {
	PATCHER_SYMBOL(value, "t_symbols_value"),
	PATCHER_SYMBOL(users, "t_symbols_users"),
	PATCHER_SYMBOL(late, "t_symbols_late"),
	PATCHER_FUNCTION(twice, "t_symbols_twice"),
	{ }
};

/* What PATCHER_SYMBOL() takes for writable, on each compiler that builds this. */
struct good {
	int member;
};

static_assert(PATCHER_IS_WRITABLE((int *)NULL));
static_assert(!PATCHER_IS_WRITABLE((const int *)NULL));
static_assert(PATCHER_IS_WRITABLE((volatile int *)NULL));
static_assert(!PATCHER_IS_WRITABLE((const volatile int *)NULL));
static_assert(PATCHER_IS_WRITABLE((int (*)[4])NULL));
static_assert(!PATCHER_IS_WRITABLE((const int (*)[4])NULL));
static_assert(!PATCHER_IS_WRITABLE((const int (*)[2][4])NULL));
static_assert(PATCHER_IS_WRITABLE((struct good *)NULL));
static_assert(!PATCHER_IS_WRITABLE((const struct good *)NULL));
static_assert(PATCHER_IS_WRITABLE((struct good (*)[2])NULL));
static_assert(!PATCHER_IS_WRITABLE((const struct good (*)[2])NULL));
static_assert(PATCHER_IS_WRITABLE((const char **)NULL));
static_assert(!PATCHER_IS_WRITABLE((const char *const *)NULL));

static void good_cleanup(void)
{
	pr_info("value=%u\n", *value);
	pr_info("users=%u late=%u\n", *users, *late);
	pr_info("twice=%d\n", twice(21));
}

PATCHER_STUB(
	.cleanup = good_cleanup,
	.symbols = symbols,
);

MODULE_DESCRIPTION("patcher test stub: a variable and a function of t_symbols");
MODULE_LICENSE("GPL");
