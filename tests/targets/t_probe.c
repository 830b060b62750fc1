// SPDX-License-Identifier: GPL-2.0
/*
 * t_probe: a probe of the kernel's own interface, as another tool may have one.
 *
 *   insmod t_probe.ko kind=KIND symbol=FUNCTION [offset=N]
 *   cat /sys/module/t_probe/parameters/hits
 *
 * KIND is plain, a kprobe; post, one with a post_handler; or return, a kretprobe. Where
 * FUNCTION begins with an ftrace site, the kernel registers post with the IPMODIFY flag, which
 * only one may have: patcher has to fall back to the exit slot. tracefs makes no probe of a
 * function marked __exit, and none with a post_handler.
 */
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/string.h>

static char *kind = "plain";
module_param(kind, charp, 0);
MODULE_PARM_DESC(kind, "plain, post or return");

static char symbol[KSYM_NAME_LEN];
module_param_string(symbol, symbol, sizeof(symbol), 0);
MODULE_PARM_DESC(symbol, "The function");

static unsigned int offset;
module_param(offset, uint, 0);
MODULE_PARM_DESC(offset, "Where in it");

static unsigned int hits;
module_param(hits, uint, 0444);
MODULE_PARM_DESC(hits, "How often somebody came there, or returned");

static int t_probe_before(struct kprobe *probe, struct pt_regs *regs)
{
	hits++;
	return 0;
}

static void t_probe_after(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
}

static int t_probe_returned(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	hits++;
	return 0;
}

static struct kprobe t_probe = {
	.symbol_name = symbol,
	.pre_handler = t_probe_before,
};

static struct kretprobe t_probe_return = {
	.kp.symbol_name = symbol,
	.handler = t_probe_returned,
};

static int __init t_probe_init(void)
{
	if (!strcmp(kind, "return"))
		return register_kretprobe(&t_probe_return);
	t_probe.offset = offset;
	if (!strcmp(kind, "post"))
		t_probe.post_handler = t_probe_after;
	return register_kprobe(&t_probe);
}

static void __exit t_probe_exit(void)
{
	if (t_probe_return.kp.addr)
		unregister_kretprobe(&t_probe_return);
	else
		unregister_kprobe(&t_probe);
}

module_init(t_probe_init);
module_exit(t_probe_exit);

MODULE_DESCRIPTION("patcher test: a probe");
MODULE_LICENSE("GPL");
