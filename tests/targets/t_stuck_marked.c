// SPDX-License-Identifier: GPL-2.0
/*
 * t_stuck_marked: waits for ever, in an init marked __init or an exit marked __exit.
 *
 * Situation 5c, with where=init 2b: t_stuck with how=completion, but that who is
 * stuck is in .exit.text, or in .init.text, which is freed after init. Parameters as
 * there. Stubs: t_stuck_marked_let, t_stuck_marked_both.
 */
#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/stringify.h>

#ifndef T_STUCK_MARKED_PAD
#define T_STUCK_MARKED_PAD 0
#endif

static char *t_stuck_marked_where = "exit";
module_param_named(where, t_stuck_marked_where, charp, 0444);
MODULE_PARM_DESC(where, "Where to get stuck: init or exit");

static unsigned int t_stuck_marked_after;
module_param_named(after, t_stuck_marked_after, uint, 0444);
MODULE_PARM_DESC(after, "How often code behind the point where it got stuck ran");

static DECLARE_COMPLETION(t_stuck_marked_done);
static dev_t t_stuck_marked_devt;

static int t_stuck_marked_go_set(const char *val, const struct kernel_param *kp)
{
	complete_all(&t_stuck_marked_done);
	return 0;
}

static const struct kernel_param_ops t_stuck_marked_go_ops = {
	.set = t_stuck_marked_go_set,
};

module_param_cb(go, &t_stuck_marked_go_ops, NULL, 0200);
MODULE_PARM_DESC(go, "For the tests: write anything, and what is stuck is let go");

/* In the text of whoever calls it. */
static __always_inline void t_stuck_marked_block(const char *here)
{
#ifndef FIXED
	if (strcmp(t_stuck_marked_where, here))
		return;
	wait_for_completion(&t_stuck_marked_done);
	WRITE_ONCE(t_stuck_marked_after, t_stuck_marked_after + 1);
#endif
}

static int __init t_stuck_marked_init(void)
{
	int err = alloc_chrdev_region(&t_stuck_marked_devt, 0, 1, "t_stuck_marked");

	if (err)
		return err;
	t_stuck_marked_block("init");
	/* Its init is the last of .init.text; in t_stuck_odd that ends a byte later. */
	asm volatile(".fill " __stringify(T_STUCK_MARKED_PAD) ", 1, 0x90");
	return 0;
}

static void __exit t_stuck_marked_exit(void)
{
	t_stuck_marked_block("exit");
	unregister_chrdev_region(t_stuck_marked_devt, 1);
}

module_init(t_stuck_marked_init);
module_exit(t_stuck_marked_exit);

MODULE_DESCRIPTION("patcher target: waits for ever in __init or __exit");
MODULE_LICENSE("GPL");
