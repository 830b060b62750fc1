// SPDX-License-Identifier: GPL-2.0
/*
 * t_keep: an exit that forgets one thing, as how=NAME says.
 *
 *   nothing	a healthy module
 *   timer	a timer that re-arms itself every period_ms
 *   notifier	a reboot notifier
 *   misc	a misc device, /dev/t_keep, whose operations have no owner
 *
 * What is forgotten still points into the module when that is unloaded: plain rmmod frees the
 * memory under it. With 1 in its parameter "over", which stays writable while it is kept,
 * whatever still runs in it says so with a BUG: line.
 */
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/reboot.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/uaccess.h>

static char *how = "nothing";
module_param(how, charp, 0444);
MODULE_PARM_DESC(how, "what its exit forgets: nothing, timer, notifier or misc");

static unsigned int period_ms = 60000;
module_param(period_ms, uint, 0444);
MODULE_PARM_DESC(period_ms, "how often its timer fires, in milliseconds");

static bool over;
module_param(over, bool, 0644);
MODULE_PARM_DESC(over, "1: from now on none of it should run");

static void t_keep_ran(const char *what)
{
	if (READ_ONCE(over))
		pr_err("BUG: t_keep: its %s ran though it is over\n", what);
}

static void t_keep_fire(struct timer_list *timer)
{
	t_keep_ran("timer");
	mod_timer(timer, jiffies + msecs_to_jiffies(period_ms));
}

static DEFINE_TIMER(t_keep_timer, t_keep_fire);

static int t_keep_notify(struct notifier_block *block, unsigned long event, void *data)
{
	t_keep_ran("notifier");
	return NOTIFY_DONE;
}

static struct notifier_block t_keep_block = {
	.notifier_call = t_keep_notify,
};

static ssize_t t_keep_read(struct file *file, char __user *buf, size_t size, loff_t *pos)
{
	static const char text[] = "t_keep\n";

	t_keep_ran("file");
	return simple_read_from_buffer(buf, size, pos, text, strlen(text));
}

static const struct file_operations t_keep_fops = {
	.read = t_keep_read,
};

static struct miscdevice t_keep_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "t_keep",
	.fops = &t_keep_fops,
};

static int __init t_keep_init(void)
{
	if (!strcmp(how, "timer")) {
		mod_timer(&t_keep_timer, jiffies + msecs_to_jiffies(period_ms));
		return 0;
	}
	if (!strcmp(how, "notifier"))
		return register_reboot_notifier(&t_keep_block);
	if (!strcmp(how, "misc"))
		return misc_register(&t_keep_misc);
	return strcmp(how, "nothing") ? -EINVAL : 0;
}

/* Not __exit: then it has an ftrace site. */
static void t_keep_exit(void)
{
}

module_init(t_keep_init);
module_exit(t_keep_exit);

MODULE_DESCRIPTION("patcher target: its exit forgets something");
MODULE_LICENSE("GPL");
