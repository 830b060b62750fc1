// SPDX-License-Identifier: GPL-2.0
/*
 * t_stub_old: a stub that was built for the second version of struct patcher_stub, whose abi
 * was its last member; -EINVAL.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/printk.h>
#include <patcher/stub.h>

struct old_stub {
	void (*cleanup)(void);
	void (*release)(void);
	void (*evicted)(void);
	const void *symbols;

	struct module *owner;
	unsigned int abi;
};

static void old_cleanup(void)
{
	pr_err("must not run\n");
}

#ifdef __KBUILD_MODNAME
#define OLD_STUB	PATCHER_STUB_NAME
extern const struct old_stub OLD_STUB;
EXPORT_SYMBOL_GPL(OLD_STUB);
#else
#define OLD_STUB	patcher_stub_descriptor
static
#endif
const struct old_stub __used OLD_STUB = {
	.cleanup = old_cleanup,
	.owner = THIS_MODULE,
	.abi = 2,
};

MODULE_DESCRIPTION("patcher test stub: of another version");
MODULE_LICENSE("GPL");
