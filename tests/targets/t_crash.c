// SPDX-License-Identifier: GPL-2.0
/*
 * t_crash: another module's function dies behind a call that it has made, as if the callee had
 * died at its end.
 *
 *   insmod t_crash.ko symbol=MODULE:FUNCTION offset=OFFSET
 *
 * OFFSET is where the call returns to. A kprobe there goes on in a function that dies, with a
 * return address to that place on the stack, so that the oops has it in its call trace.
 */
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <asm/text-patching.h>

#include "defect.h"

static char symbol[KSYM_NAME_LEN];
module_param_string(symbol, symbol, sizeof(symbol), 0);
MODULE_PARM_DESC(symbol, "MODULE:FUNCTION");

static unsigned int offset;
module_param(offset, uint, 0);
MODULE_PARM_DESC(offset, "Where in it");

static noinline __used void t_crash_here(void)
{
	t_defect_oops();
	/* No tail call: this has a frame. */
	barrier();
}

static int t_crash_before(struct kprobe *probe, struct pt_regs *regs)
{
	int3_emulate_push(regs, (unsigned long)probe->addr);
	regs->ip = (unsigned long)t_crash_here;
	return 1;
}

/* With one, it is not made a jump, which would go on where it was. */
static void t_crash_after(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
}

static struct kprobe t_crash = {
	.symbol_name = symbol,
	.pre_handler = t_crash_before,
	.post_handler = t_crash_after,
};

static int __init t_crash_init(void)
{
	t_crash.offset = offset;
	return register_kprobe(&t_crash);
}

static void __exit t_crash_exit(void)
{
	unregister_kprobe(&t_crash);
}

module_init(t_crash_init);
module_exit(t_crash_exit);

MODULE_DESCRIPTION("patcher test: another module's function dies");
MODULE_LICENSE("GPL");
