// SPDX-License-Identifier: GPL-2.0
/*
 * t_peek: shows what a refusal must not change in a module.
 *
 *   echo NAME > /sys/module/t_peek/parameters/target
 *   cat /sys/module/t_peek/parameters/report
 *
 * prints one line, "absent" for what is not loaded or not yet in sysfs:
 *
 *   state=GOING(2) refcnt=0 exit=ffffffffc0123000(t_x_exit [t_x]) bytes=f30f1efa... taints=0x3000
 *
 * refcnt is the raw counter, one more than /sys/module/NAME/refcnt shows. bytes
 * are the first 16 at exit; "none" if there is no exit. It reads, and takes no
 * reference on the module.
 *
 *   echo ffffc90000123456 > /sys/module/t_peek/parameters/stack
 *   cat /sys/module/t_peek/parameters/stack
 *
 * prints whose kernel stack has that address, "sleep[85]"; "nobody" if no task's has.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "find.h"

#define T_PEEK_BYTES	16

static char t_peek_target[MODULE_NAME_LEN];
module_param_string(target, t_peek_target, sizeof(t_peek_target), 0644);
MODULE_PARM_DESC(target, "Name of the module to look at");

static const char *t_peek_state(enum module_state state)
{
	switch (state) {
	case MODULE_STATE_LIVE:
		return "LIVE";
	case MODULE_STATE_COMING:
		return "COMING";
	case MODULE_STATE_GOING:
		return "GOING";
	case MODULE_STATE_UNFORMED:
		return "UNFORMED";
	}
	return "unknown";
}

/* The first bytes at @exit in hex, in a buffer of 2 * T_PEEK_BYTES + 1. */
static void t_peek_bytes(char *hex, const void *exit)
{
	u8 bytes[T_PEEK_BYTES];

	if (!exit)
		strscpy(hex, "none", 2 * T_PEEK_BYTES + 1);
	else if (copy_from_kernel_nofault(bytes, exit, sizeof(bytes)))
		strscpy(hex, "unreadable", 2 * T_PEEK_BYTES + 1);
	else
		snprintf(hex, 2 * T_PEEK_BYTES + 1, "%*phN", T_PEEK_BYTES, bytes);
}

static int t_peek_report_get(char *buffer, const struct kernel_param *kp)
{
	char hex[2 * T_PEEK_BYTES + 1];
	enum module_state state;
	struct module *mod = t_find_get(t_peek_target);
	void *exit;
	int len;

	if (!mod)
		return sprintf(buffer, "absent\n");

	state = READ_ONCE(mod->state);
	exit = READ_ONCE(mod->exit);
	t_peek_bytes(hex, exit);
	len = scnprintf(buffer, PAGE_SIZE,
			"state=%s(%d) refcnt=%d exit=%lx(%ps) bytes=%s taints=0x%lx\n",
			t_peek_state(state), state, atomic_read(&mod->refcnt),
			(unsigned long)exit, exit, hex, READ_ONCE(mod->taints));
	t_find_put(mod);
	return len;
}

static const struct kernel_param_ops t_peek_report_ops = {
	.get = t_peek_report_get,
};

module_param_cb(report, &t_peek_report_ops, NULL, 0400);
MODULE_PARM_DESC(report, "State, count, exit, first bytes at exit, taints");

static unsigned long t_peek_address;

static int t_peek_stack_set(const char *val, const struct kernel_param *kp)
{
	return kstrtoul(val, 16, &t_peek_address);
}

static int t_peek_stack_get(char *buffer, const struct kernel_param *kp)
{
	struct task_struct *process, *task;
	int len = 0;

	rcu_read_lock();
	for_each_process_thread(process, task)
		if (!len && t_peek_address - (unsigned long)task_stack_page(task) < THREAD_SIZE)
			len = scnprintf(buffer, PAGE_SIZE, "%s[%d]\n", task->comm,
					task_pid_nr(task));
	rcu_read_unlock();
	return len ?: scnprintf(buffer, PAGE_SIZE, "nobody\n");
}

static const struct kernel_param_ops t_peek_stack_ops = {
	.set = t_peek_stack_set,
	.get = t_peek_stack_get,
};

module_param_cb(stack, &t_peek_stack_ops, NULL, 0600);
MODULE_PARM_DESC(stack, "An address; read: whose kernel stack has it");

MODULE_DESCRIPTION("patcher test: shows the state of a module");
MODULE_LICENSE("GPL");
