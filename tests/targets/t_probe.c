// SPDX-License-Identifier: GPL-2.0
/*
 * t_probe: a kprobe of the kernel's own interface, as another tool may have one.
 *
 *   insmod t_probe.ko symbol=FUNCTION
 *   cat /sys/module/t_probe/parameters/hits
 */
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/module.h>

static char symbol[KSYM_NAME_LEN];
module_param_string(symbol, symbol, sizeof(symbol), 0);
MODULE_PARM_DESC(symbol, "The function");

static unsigned int hits;
module_param(hits, uint, 0444);
MODULE_PARM_DESC(hits, "How often somebody came there");

static int t_probe_before(struct kprobe *probe, struct pt_regs *regs)
{
	hits++;
	return 0;
}

static struct kprobe t_probe = {
	.symbol_name = symbol,
	.pre_handler = t_probe_before,
};

static int __init t_probe_init(void)
{
	return register_kprobe(&t_probe);
}

static void __exit t_probe_exit(void)
{
	unregister_kprobe(&t_probe);
}

module_init(t_probe_init);
module_exit(t_probe_exit);

MODULE_DESCRIPTION("patcher test: a kprobe");
MODULE_LICENSE("GPL");
