// SPDX-License-Identifier: GPL-2.0
/*
 * t_forget: a module whose exit forgets one thing.
 *
 * how=KIND says which; undo=1 that its exit forgets nothing after all, which is the control. Seen
 * from outside: it loads and unloads like any module, and something in the kernel still points into
 * it. What points where is in the table at the end. With 1 in its parameter "over", whatever still
 * runs in it says so with a BUG: line.
 */
#include <linux/binfmts.h>
#include <linux/cdev.h>
#include <linux/cpuhotplug.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/etherdevice.h>
#include <linux/fs.h>
#include <linux/ftrace.h>
#include <linux/hrtimer.h>
#include <linux/inetdevice.h>
#include <linux/init.h>
#include <linux/input.h>
#include <linux/interrupt.h>
#include <linux/kdebug.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/notifier.h>
#include <linux/oom.h>
#include <linux/percpu.h>
#include <linux/platform_device.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/reboot.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysctl.h>
#include <linux/sysfs.h>
#include <linux/timer.h>
#include <linux/tracepoint.h>
#include <linux/version.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/netevent.h>
#include <net/rtnetlink.h>
#include <net/tcp.h>

#include "compat.h"

static char *how = "clean";
module_param(how, charp, 0444);
MODULE_PARM_DESC(how, "what its exit forgets");

static bool undo;
module_param(undo, bool, 0644);
MODULE_PARM_DESC(undo, "1: nothing after all");

static int seconds = 3600;
module_param(seconds, int, 0444);
MODULE_PARM_DESC(seconds, "when a timer runs out");

static bool over;
module_param(over, bool, 0644);
MODULE_PARM_DESC(over, "1: from now on none of it should run");

/* How often anything of it was called, so that the compiler drops nothing. */
static int t_forget_calls;

static void t_forget_ran(void)
{
	t_forget_calls++;
	if (READ_ONCE(over))
		pr_err("BUG: t_forget: it runs though it is over\n");
}

static unsigned long when(void)
{
	return jiffies + seconds * HZ;
}

/* Timers: in the module, in an object, in per-CPU memory. */
static void t_forget_tick(struct timer_list *timer)
{
	t_forget_ran();
}

static struct timer_list t_forget_timer;

static int plant_timer(void)
{
	timer_setup(&t_forget_timer, t_forget_tick, 0);
	mod_timer(&t_forget_timer, when());
	return 0;
}

static void undo_timer(void)
{
	t_timer_delete_sync(&t_forget_timer);
}

static struct timer_list *object_timer;

static int plant_ktimer(void)
{
	object_timer = kzalloc(128, GFP_KERNEL);
	if (!object_timer)
		return -ENOMEM;
	timer_setup(object_timer, t_forget_tick, 0);
	mod_timer(object_timer, when());
	return 0;
}

static void undo_ktimer(void)
{
	t_timer_delete_sync(object_timer);
	kfree(object_timer);
}

static DEFINE_PER_CPU(struct timer_list, t_forget_cpu_timer);

static int plant_ptimer(void)
{
	struct timer_list *timer = per_cpu_ptr(&t_forget_cpu_timer, 0);

	timer_setup(timer, t_forget_tick, 0);
	mod_timer(timer, when());
	return 0;
}

static void undo_ptimer(void)
{
	t_timer_delete_sync(per_cpu_ptr(&t_forget_cpu_timer, 0));
}

static enum hrtimer_restart t_forget_hrtick(struct hrtimer *timer)
{
	t_forget_ran();
	return HRTIMER_NORESTART;
}

static struct hrtimer t_forget_hrtimer;

static int plant_hrtimer(void)
{
	t_hrtimer_setup(&t_forget_hrtimer, t_forget_hrtick);
	hrtimer_start(&t_forget_hrtimer, ktime_set(seconds, 0), HRTIMER_MODE_REL);
	return 0;
}

static void undo_hrtimer(void)
{
	hrtimer_cancel(&t_forget_hrtimer);
}

/* Works: delayed, in an object, running, waiting behind another. */
static void t_forget_job(struct work_struct *work)
{
	t_forget_ran();
}

static DECLARE_DELAYED_WORK(t_forget_dwork, t_forget_job);

static int plant_dwork(void)
{
	schedule_delayed_work(&t_forget_dwork, seconds * HZ);
	return 0;
}

static void undo_dwork(void)
{
	cancel_delayed_work_sync(&t_forget_dwork);
}

static struct delayed_work *object_work;

static int plant_kdwork(void)
{
	object_work = kzalloc(sizeof(*object_work), GFP_KERNEL);
	if (!object_work)
		return -ENOMEM;
	INIT_DELAYED_WORK(object_work, t_forget_job);
	schedule_delayed_work(object_work, seconds * HZ);
	return 0;
}

static void undo_kdwork(void)
{
	cancel_delayed_work_sync(object_work);
	kfree(object_work);
}

static struct workqueue_struct *queue;

static int plant_wqidle(void)
{
	queue = alloc_workqueue("t_forget", WQ_UNBOUND, 0);
	return queue ? 0 : -ENOMEM;
}

static void undo_wqidle(void)
{
	destroy_workqueue(queue);
}

/* Notifiers. */
static int t_forget_event(struct notifier_block *block, unsigned long event, void *data)
{
	t_forget_ran();
	return NOTIFY_DONE;
}

static struct notifier_block t_forget_block = { .notifier_call = t_forget_event };

static int plant_reboot(void)
{
	return register_reboot_notifier(&t_forget_block);
}

static void undo_reboot(void)
{
	unregister_reboot_notifier(&t_forget_block);
}

static int plant_restart(void)
{
	return register_restart_handler(&t_forget_block);
}

static void undo_restart(void)
{
	unregister_restart_handler(&t_forget_block);
}

static int plant_panic(void)
{
	return atomic_notifier_chain_register(&panic_notifier_list, &t_forget_block);
}

static void undo_panic(void)
{
	atomic_notifier_chain_unregister(&panic_notifier_list, &t_forget_block);
}

static int plant_die(void)
{
	return register_die_notifier(&t_forget_block);
}

static void undo_die(void)
{
	unregister_die_notifier(&t_forget_block);
}

static int plant_module(void)
{
	return register_module_notifier(&t_forget_block);
}

static void undo_module(void)
{
	unregister_module_notifier(&t_forget_block);
}

static int plant_oom(void)
{
	return register_oom_notifier(&t_forget_block);
}

static void undo_oom(void)
{
	unregister_oom_notifier(&t_forget_block);
}

static int plant_netdevice(void)
{
	return register_netdevice_notifier(&t_forget_block);
}

static void undo_netdevice(void)
{
	unregister_netdevice_notifier(&t_forget_block);
}

static int plant_inetaddr(void)
{
	return register_inetaddr_notifier(&t_forget_block);
}

static void undo_inetaddr(void)
{
	unregister_inetaddr_notifier(&t_forget_block);
}

static int plant_netevent(void)
{
	return register_netevent_notifier(&t_forget_block);
}

static void undo_netevent(void)
{
	unregister_netevent_notifier(&t_forget_block);
}

/* Files and devices. */
static ssize_t t_forget_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	t_forget_ran();
	return 0;
}

static const struct file_operations t_forget_fops = { .read = t_forget_read };

static struct miscdevice t_forget_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "t_forget",
	.fops = &t_forget_fops,
};

static int plant_misc(void)
{
	return misc_register(&t_forget_misc);
}

static void undo_misc(void)
{
	misc_deregister(&t_forget_misc);
}

static dev_t number;
static struct cdev t_forget_cdev;

static int plant_cdev(void)
{
	int err = alloc_chrdev_region(&number, 0, 1, "t_forget");

	if (err)
		return err;
	cdev_init(&t_forget_cdev, &t_forget_fops);
	return cdev_add(&t_forget_cdev, number, 1);
}

static void undo_cdev(void)
{
	cdev_del(&t_forget_cdev);
	unregister_chrdev_region(number, 1);
}

static struct cdev *object_cdev;

static int plant_kcdev(void)
{
	int err = alloc_chrdev_region(&number, 0, 1, "t_forget");

	if (err)
		return err;
	object_cdev = cdev_alloc();
	if (!object_cdev)
		return -ENOMEM;
	object_cdev->ops = &t_forget_fops;
	return cdev_add(object_cdev, number, 1);
}

static void undo_kcdev(void)
{
	cdev_del(object_cdev);
	unregister_chrdev_region(number, 1);
}

static ssize_t t_forget_proc_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	t_forget_ran();
	return 0;
}

static const struct proc_ops t_forget_proc_ops = { .proc_read = t_forget_proc_read };

static int plant_proc(void)
{
	return proc_create("t_forget", 0, NULL, &t_forget_proc_ops) ? 0 : -ENOMEM;
}

static void undo_proc(void)
{
	remove_proc_entry("t_forget", NULL);
}

static struct dentry *entry;
static u32 t_forget_number;

static int plant_debugfs(void)
{
	debugfs_create_u32("t_forget", 0600, NULL, &t_forget_number);
	return 0;
}

static void undo_debugfs(void)
{
	t_debugfs_remove("t_forget");
}

static int plant_debugfsf(void)
{
	entry = debugfs_create_file("t_forget", 0600, NULL, NULL, &t_forget_fops);
	return PTR_ERR_OR_ZERO(entry);
}

static void undo_debugfsf(void)
{
	debugfs_remove(entry);
}

/* sysfs and devices. */
static void t_forget_release(struct kobject *kobj)
{
	t_forget_ran();
}

static struct kobj_type t_forget_type = {
	.release = t_forget_release,
	.sysfs_ops = &kobj_sysfs_ops,
};

static struct kobject *object;

static int plant_kobject(void)
{
	object = kzalloc(sizeof(*object), GFP_KERNEL);
	return object ? kobject_init_and_add(object, &t_forget_type, kernel_kobj, "t_forget") :
			-ENOMEM;
}

static void undo_kobject(void)
{
	kobject_put(object);
	kfree(object);
}

static ssize_t t_forget_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	t_forget_ran();
	return 0;
}

static struct kobj_attribute t_forget_attr = __ATTR(t_forget, 0400, t_forget_show, NULL);

static int plant_sysfs(void)
{
	return sysfs_create_file(kernel_kobj, &t_forget_attr.attr);
}

static void undo_sysfs(void)
{
	sysfs_remove_file(kernel_kobj, &t_forget_attr.attr);
}

static struct class *class;
static struct device *device;

static void t_forget_device_release(struct device *dev)
{
	t_forget_ran();
}

static int plant_class(void)
{
	class = t_class_create("t_forget");
	if (IS_ERR(class))
		return PTR_ERR(class);
	device = device_create(class, NULL, 0, &t_forget_calls, "t_forget");
	return PTR_ERR_OR_ZERO(device);
}

static void undo_class(void)
{
	device_unregister(device);
	class_destroy(class);
}

static struct device t_forget_device = {
	.init_name = "t_forget",
	.release = t_forget_device_release,
};

static int plant_device(void)
{
	return device_register(&t_forget_device);
}

static void undo_device(void)
{
	device_unregister(&t_forget_device);
}

static struct platform_driver t_forget_driver = { .driver = { .name = "t_forget" } };

static int plant_platform(void)
{
	return platform_driver_register(&t_forget_driver);
}

static void undo_platform(void)
{
	platform_driver_unregister(&t_forget_driver);
}

/* Tasks and what they wait on. */
static struct task_struct *thread;

static int t_forget_thread(void *data)
{
	/* It sleeps in the kernel until it is stopped, as it was never woken. */
	return 0;
}

static int plant_kthread(void)
{
	thread = kthread_create(t_forget_thread, NULL, "t_forget");
	return PTR_ERR_OR_ZERO(thread);
}

static void undo_kthread(void)
{
	kthread_stop(thread);
}

/* Where the first task would wait for a child. */
static struct wait_queue_head *waiters;
static wait_queue_entry_t t_forget_waiter;

static int t_forget_wake(wait_queue_entry_t *waiter, unsigned int mode, int flags, void *key)
{
	t_forget_ran();
	return 0;
}

static int plant_wait(void)
{
	waiters = &init_task.signal->wait_chldexit;
	init_waitqueue_func_entry(&t_forget_waiter, t_forget_wake);
	add_wait_queue(waiters, &t_forget_waiter);
	return 0;
}

static void undo_wait(void)
{
	remove_wait_queue(waiters, &t_forget_waiter);
}

/* The network. */
static netdev_tx_t t_forget_xmit(struct sk_buff *skb, struct net_device *dev)
{
	t_forget_ran();
	dev_kfree_skb(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops t_forget_netdev_ops = { .ndo_start_xmit = t_forget_xmit };
static struct net_device *netdev;

static void setup_netdev(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &t_forget_netdev_ops;
}

static int plant_netdev(void)
{
	netdev = alloc_netdev(0, "t_forget%d", NET_NAME_UNKNOWN, setup_netdev);
	return netdev ? register_netdev(netdev) : -ENOMEM;
}

static void undo_netdev(void)
{
	unregister_netdev(netdev);
	free_netdev(netdev);
}

static int t_forget_packet(struct sk_buff *skb, struct net_device *dev,
			   struct packet_type *type, struct net_device *orig)
{
	t_forget_ran();
	kfree_skb(skb);
	return 0;
}

static struct packet_type t_forget_ptype = {
	.type = cpu_to_be16(0x88b5),
	.func = t_forget_packet,
};

static int plant_ptype(void)
{
	dev_add_pack(&t_forget_ptype);
	return 0;
}

static void undo_ptype(void)
{
	dev_remove_pack(&t_forget_ptype);
}

static int t_forget_net_init(struct net *net)
{
	t_forget_ran();
	return 0;
}

static struct pernet_operations t_forget_pernet = { .init = t_forget_net_init };

static int plant_pernet(void)
{
	return register_pernet_subsys(&t_forget_pernet);
}

static void undo_pernet(void)
{
	unregister_pernet_subsys(&t_forget_pernet);
}

static struct rtnl_link_ops t_forget_link_ops = { .kind = "t_forget", .setup = setup_netdev };

static int plant_link(void)
{
	return rtnl_link_register(&t_forget_link_ops);
}

static void undo_link(void)
{
	rtnl_link_unregister(&t_forget_link_ops);
}

static u32 t_forget_ssthresh(struct sock *sk)
{
	t_forget_ran();
	return 2;
}

static u32 t_forget_undo_cwnd(struct sock *sk)
{
	return 2;
}

static void t_forget_cong_avoid(struct sock *sk, u32 ack, u32 acked)
{
}

static struct tcp_congestion_ops t_forget_tcp = {
	.name = "t_forget",
	.ssthresh = t_forget_ssthresh,
	.undo_cwnd = t_forget_undo_cwnd,
	.cong_avoid = t_forget_cong_avoid,
};

static int plant_tcp(void)
{
	return tcp_register_congestion_control(&t_forget_tcp);
}

static void undo_tcp(void)
{
	tcp_unregister_congestion_control(&t_forget_tcp);
}

static struct genl_family t_forget_family = { .name = "t_forget", .version = 1 };

static int plant_genl(void)
{
	return genl_register_family(&t_forget_family);
}

static void undo_genl(void)
{
	genl_unregister_family(&t_forget_family);
}

/* Tracing. */
static int t_forget_probed(struct kprobe *probe, struct pt_regs *regs)
{
	t_forget_ran();
	return 0;
}

static struct kprobe t_forget_probe = {
	.symbol_name = "kernel_halt",
	.pre_handler = t_forget_probed,
};

static int plant_kprobe(void)
{
	return register_kprobe(&t_forget_probe);
}

static void undo_kprobe(void)
{
	unregister_kprobe(&t_forget_probe);
}

static struct tracepoint *tracepoint;

static void t_forget_traced(void *data, struct task_struct *task)
{
	t_forget_ran();
}

static void take_tracepoint(struct tracepoint *tp, void *data)
{
	if (!strcmp(tp->name, "sched_process_hang"))
		tracepoint = tp;
}

static int plant_tracepoint(void)
{
	for_each_kernel_tracepoint(take_tracepoint, NULL);
	return tracepoint ? tracepoint_probe_register(tracepoint, t_forget_traced, NULL) :
			    -ENOENT;
}

static void undo_tracepoint(void)
{
	tracepoint_probe_unregister(tracepoint, t_forget_traced, NULL);
	tracepoint_synchronize_unregister();
}

/* And all else. */
static irqreturn_t t_forget_interrupt(int irq, void *cookie)
{
	t_forget_ran();
	return IRQ_NONE;
}

#define T_FORGET_IRQ	5

static int plant_irq(void)
{
	return request_irq(T_FORGET_IRQ, t_forget_interrupt, IRQF_SHARED, "t_forget",
			   &t_forget_number);
}

static void undo_irq(void)
{
	free_irq(T_FORGET_IRQ, &t_forget_number);
}

static void t_forget_construct(void *new)
{
	t_forget_ran();
}

static struct kmem_cache *cache;

static int plant_cache(void)
{
	cache = kmem_cache_create("t_forget", 200, 0, 0, t_forget_construct);
	return cache ? 0 : -ENOMEM;
}

static void undo_cache(void)
{
	kmem_cache_destroy(cache);
}

static struct file_system_type t_forget_fs = { .name = "t_forget", .kill_sb = kill_anon_super };

static int plant_fs(void)
{
	return register_filesystem(&t_forget_fs);
}

static void undo_fs(void)
{
	unregister_filesystem(&t_forget_fs);
}

static int t_forget_load(struct linux_binprm *bprm)
{
	t_forget_ran();
	return -ENOEXEC;
}

static struct linux_binfmt t_forget_format = { .load_binary = t_forget_load };

static int plant_binfmt(void)
{
	register_binfmt(&t_forget_format);
	return 0;
}

static void undo_binfmt(void)
{
	unregister_binfmt(&t_forget_format);
}

static int t_forget_online(unsigned int cpu)
{
	t_forget_ran();
	return 0;
}

static int cpu_state;

static int plant_cpuhp(void)
{
	cpu_state = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "t_forget", t_forget_online, NULL);
	return min(cpu_state, 0);
}

static void undo_cpuhp(void)
{
	cpuhp_remove_state(cpu_state);
}

static int t_forget_connect(struct input_handler *handler, struct input_dev *dev,
			    const struct input_device_id *id)
{
	t_forget_ran();
	return -ENODEV;
}

static const struct input_device_id t_forget_ids[] = { { .driver_info = 1 }, { } };

static struct input_handler t_forget_handler = {
	.name = "t_forget",
	.connect = t_forget_connect,
	.id_table = t_forget_ids,
};

static int plant_input(void)
{
	return input_register_handler(&t_forget_handler);
}

static void undo_input(void)
{
	input_unregister_handler(&t_forget_handler);
}

static struct tasklet_struct t_forget_tasklet;

static void t_forget_soft(struct tasklet_struct *tasklet)
{
	t_forget_ran();
}

static int plant_tasklet(void)
{
	tasklet_setup(&t_forget_tasklet, t_forget_soft);
	/* While it is disabled, it stays in its CPU's list. */
	tasklet_disable(&t_forget_tasklet);
	tasklet_schedule(&t_forget_tasklet);
	return 0;
}

static void undo_tasklet(void)
{
	tasklet_enable(&t_forget_tasklet);
	tasklet_kill(&t_forget_tasklet);
}

static unsigned long t_forget_count(struct shrinker *shrinker, struct shrink_control *control)
{
	t_forget_ran();
	return 0;
}

static struct t_shrinker t_forget_shrinker;

static int plant_shrinker(void)
{
	return t_shrinker_register(&t_forget_shrinker, t_forget_count);
}

static void undo_shrinker(void)
{
	t_shrinker_unregister(&t_forget_shrinker);
}

static struct ctl_table t_forget_table[] = {
	{
		.procname = "t_forget",
		.data = &t_forget_number,
		.maxlen = sizeof(t_forget_number),
		.mode = 0644,
		.proc_handler = proc_dointvec,
	},
	T_SYSCTL_END
};

static struct ctl_table_header *table;

static int plant_sysctl(void)
{
	table = register_sysctl("kernel", t_forget_table);
	return table ? 0 : -ENOMEM;
}

static void undo_sysctl(void)
{
	unregister_sysctl_table(table);
}

/* Objects of its own that nobody frees: an unknown one, two that know each other, and ... */
struct t_forget_object {
	void (*call)(struct work_struct *work);
	struct t_forget_object *other;
	char rest[48];
};

static struct t_forget_object *objects[40];

static int plant_lost(void)
{
	objects[0] = kzalloc(sizeof(*objects[0]), GFP_KERNEL);
	if (!objects[0])
		return -ENOMEM;
	WRITE_ONCE(objects[0]->call, t_forget_job);
	return 0;
}

static void undo_lost(void)
{
	kfree(objects[0]);
	kfree(objects[1]);
}

static int plant_ring(void)
{
	objects[1] = kzalloc(sizeof(*objects[1]), GFP_KERNEL);
	if (!objects[1] || plant_lost()) {
		kfree(objects[1]);
		return -ENOMEM;
	}
	WRITE_ONCE(objects[0]->other, objects[1]);
	WRITE_ONCE(objects[1]->other, objects[0]);
	return 0;
}

/* ... two of which somebody knows the one that does not lead into the module. */
static struct t_forget_object * __percpu *known;

static int plant_chain(void)
{
	known = alloc_percpu(struct t_forget_object *);
	if (!known || plant_ring()) {
		free_percpu(known);
		return -ENOMEM;
	}
	*per_cpu_ptr(known, 0) = objects[1];
	return 0;
}

static void undo_chain(void)
{
	free_percpu(known);
	undo_lost();
}

/* What is to show nothing: objects that are freed with their pointers in them, and nothing. */
static int plant_freed(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(objects); i++) {
		objects[i] = kzalloc(sizeof(*objects[i]), GFP_KERNEL);
		if (objects[i])
			WRITE_ONCE(objects[i]->call, t_forget_job);
	}
	for (i = 0; i < ARRAY_SIZE(objects); i++)
		kfree(objects[i]);
	return 0;
}

static int plant_clean(void)
{
	return 0;
}

static void undo_nothing(void)
{
}

static const struct kind {
	const char *name;
	int (*plant)(void);
	void (*undo)(void);
} kinds[] = {
	{ "timer", plant_timer, undo_timer },
	{ "ktimer", plant_ktimer, undo_ktimer },
	{ "ptimer", plant_ptimer, undo_ptimer },
	{ "hrtimer", plant_hrtimer, undo_hrtimer },
	{ "dwork", plant_dwork, undo_dwork },
	{ "kdwork", plant_kdwork, undo_kdwork },
	{ "reboot", plant_reboot, undo_reboot },
	{ "restart", plant_restart, undo_restart },
	{ "panic", plant_panic, undo_panic },
	{ "die", plant_die, undo_die },
	{ "module", plant_module, undo_module },
	{ "oom", plant_oom, undo_oom },
	{ "netdevice", plant_netdevice, undo_netdevice },
	{ "inetaddr", plant_inetaddr, undo_inetaddr },
	{ "netevent", plant_netevent, undo_netevent },
	{ "misc", plant_misc, undo_misc },
	{ "cdev", plant_cdev, undo_cdev },
	{ "kcdev", plant_kcdev, undo_kcdev },
	{ "proc", plant_proc, undo_proc },
	{ "debugfs", plant_debugfs, undo_debugfs },
	{ "debugfsf", plant_debugfsf, undo_debugfsf },
	{ "kobject", plant_kobject, undo_kobject },
	{ "sysfs", plant_sysfs, undo_sysfs },
	{ "class", plant_class, undo_class },
	{ "device", plant_device, undo_device },
	{ "platform", plant_platform, undo_platform },
	{ "kthread", plant_kthread, undo_kthread },
	{ "wait", plant_wait, undo_wait },
	{ "netdev", plant_netdev, undo_netdev },
	{ "ptype", plant_ptype, undo_ptype },
	{ "pernet", plant_pernet, undo_pernet },
	{ "link", plant_link, undo_link },
	{ "tcp", plant_tcp, undo_tcp },
	{ "genl", plant_genl, undo_genl },
	{ "kprobe", plant_kprobe, undo_kprobe },
	{ "tracepoint", plant_tracepoint, undo_tracepoint },
	{ "irq", plant_irq, undo_irq },
	{ "cache", plant_cache, undo_cache },
	{ "fs", plant_fs, undo_fs },
	{ "binfmt", plant_binfmt, undo_binfmt },
	{ "cpuhp", plant_cpuhp, undo_cpuhp },
	{ "input", plant_input, undo_input },
	{ "tasklet", plant_tasklet, undo_tasklet },
	{ "shrinker", plant_shrinker, undo_shrinker },
	{ "sysctl", plant_sysctl, undo_sysctl },
	{ "chain", plant_chain, undo_chain },
	/* Of these nothing is left. */
	{ "wqidle", plant_wqidle, undo_wqidle },
	{ "lost", plant_lost, undo_lost },
	{ "ring", plant_ring, undo_lost },
	{ "freed", plant_freed, undo_nothing },
	{ "clean", plant_clean, undo_nothing },
};

static const struct kind *find_kind(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, how))
			return &kinds[i];
	return NULL;
}

static int __init t_forget_init(void)
{
	const struct kind *kind = find_kind();

	return kind ? kind->plant() : -EINVAL;
}

static void __exit t_forget_exit(void)
{
	if (undo)
		find_kind()->undo();
}

module_init(t_forget_init);
module_exit(t_forget_exit);

MODULE_DESCRIPTION("patcher target: its exit forgets one thing");
MODULE_LICENSE("GPL");
