// SPDX-License-Identifier: GPL-2.0
/*
 * lists: which of the kernel's lists has a word that points into a target, and what takes it off.
 *
 * The word itself may lie in a neighbour on the list, another driver's structure. So the lists
 * that people forget to leave are gone through for it. Only words for the user come of this:
 * nothing is judged by it, so it is read without the lists' locks, and with every read allowed to
 * fail.
 */
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/string.h>

#include "kernel/arch/arch.h"
#include "kernel/ksym.h"
#include "look/lists.h"
#include "look/place.h"

/* How a list is linked, and where in its head the first pointer is. */
enum list_kind {
	LIST,		/* struct list_head */
	BLOCKING,	/* struct blocking_notifier_head */
	ATOMIC,		/* struct atomic_notifier_head */
	RAW,		/* struct raw_notifier_head */
	NAMED,		/* the symbol alone: a table, or a list linked otherwise */
};

struct known_list {
	const char *name;
	enum list_kind kind;
	const char *remedy;
};

static const struct known_list known_lists[] = {
	{ "misc_list", LIST, "misc_deregister()" },
	{ "reboot_notifier_list", BLOCKING, "unregister_reboot_notifier()" },
	{ "restart_handler_list", ATOMIC, "unregister_restart_handler()" },
	{ "panic_notifier_list", ATOMIC, "atomic_notifier_chain_unregister(&panic_notifier_list)" },
	{ "die_chain", ATOMIC, "unregister_die_notifier()" },
	{ "module_notify_list", BLOCKING, "unregister_module_notifier()" },
	{ "pm_chain_head", BLOCKING, "unregister_pm_notifier()" },
	{ "oom_notify_list", BLOCKING, "unregister_oom_notifier()" },
	{ "keyboard_notifier_list", ATOMIC, "unregister_keyboard_notifier()" },
	{ "vt_notifier_list", ATOMIC, "unregister_vt_notifier()" },
	{ "usb_notifier_list", BLOCKING, "usb_unregister_notify()" },
	{ "acpi_chain_head", BLOCKING, "unregister_acpi_notifier()" },
	{ "memory_chain", BLOCKING, "unregister_memory_notifier()" },
	{ "fb_notifier_list", BLOCKING, "fb_unregister_client()" },
	{ "netdev_chain", RAW, "unregister_netdevice_notifier()" },
	{ "inetaddr_chain", BLOCKING, "unregister_inetaddr_notifier()" },
	{ "inet6addr_chain", ATOMIC, "unregister_inet6addr_notifier()" },
	{ "netevent_notif_chain", ATOMIC, "unregister_netevent_notifier()" },
	{ "crypto_alg_list", LIST, "crypto_unregister_alg()" },
	{ "shrinker_list", LIST, "unregister_shrinker()" },
	{ "input_handler_list", LIST, "input_unregister_handler()" },
	{ "input_dev_list", LIST, "input_unregister_device()" },
	{ "slab_caches", LIST, "kmem_cache_destroy()" },
	{ "workqueues", LIST, "destroy_workqueue()" },
	{ "tcp_cong_list", LIST, "tcp_unregister_congestion_control()" },
	{ "proto_list", LIST, "proto_unregister()" },
	{ "ptype_all", LIST, "dev_remove_pack()" },
	{ "pernet_list", LIST, "unregister_pernet_subsys()" },
	{ "link_ops", LIST, "rtnl_link_unregister()" },
	{ "formats", LIST, "unregister_binfmt()" },
	{ "syscore_ops_list", LIST, "unregister_syscore_ops()" },
	{ "cpufreq_governor_list", LIST, "cpufreq_unregister_governor()" },
	{ "key_types_list", LIST, "unregister_key_type()" },
	{ "tty_drivers", LIST, "tty_unregister_driver()" },
	{ "elv_list", LIST, "elv_unregister()" },
	{ "trigger_list", LIST, "led_trigger_unregister()" },
	{ "ftrace_events", LIST, "trace_remove_event_call()" },
	{ "file_systems", NAMED, "unregister_filesystem()" },
	{ "kprobe_table", NAMED, "unregister_kprobe()" },
	{ "cpuhp_hp_states", NAMED, "cpuhp_remove_state()" },
	{ "ptype_base", NAMED, "dev_remove_pack()" },
	{ "net_families", NAMED, "sock_unregister()" },
	{ "tty_ldiscs", NAMED, "tty_unregister_ldisc()" },
	{ "major_names", NAMED, "unregister_blkdev()" },
	{ "ftrace_ops_list", NAMED, "unregister_ftrace_function()" },
	{ "nf_hooks", NAMED, "nf_unregister_net_hook()" },
	/* Per-CPU variables of the kernel's. */
	{ "timer_bases", NAMED, "del_timer_sync()" },
	{ "hrtimer_bases", NAMED, "hrtimer_cancel()" },
	{ "tasklet_vec", NAMED, "tasklet_kill()" },
	{ "tasklet_hi_vec", NAMED, "tasklet_kill()" },
	/* Slab caches. */
	{ "proc_dir_entry", NAMED, "proc_remove()" },
	{ "kernfs_node_cache", NAMED, "sysfs_remove_group()" },
	{ "debugfs_inode_cache", NAMED, "debugfs_remove()" },
	{ "pool_workqueue", NAMED, "cancel_work_sync()" },
	{ "filp", NAMED, "a file that is still open" },
};

/* What is printed in place of a name that says little. */
static const struct {
	const char *name;
	const char *text;
} plain_names[] = {
	{ "timer_bases", "timer wheel" },
	{ "hrtimer_bases", "hrtimer queue" },
	{ "filp", "open file" },
};

/* Where their heads are, while something is named; 0 if they have none, or are not there. */
static unsigned long heads[ARRAY_SIZE(known_lists)];

/* So many links are followed. */
#define LINKS_MAX	20000

static size_t first_link(enum list_kind kind)
{
	switch (kind) {
	case BLOCKING:
		return offsetof(struct blocking_notifier_head, head);
	case ATOMIC:
		return offsetof(struct atomic_notifier_head, head);
	default:
		return 0;
	}
}

static bool is_word_in(const struct patcher_hit *hit, unsigned long node)
{
	return hit->virt - node < sizeof(struct list_head);
}

/* Both links of a node of a struct list_head lie in it; of a notifier, one does. */
static bool has_list(const struct known_list *list, unsigned long head,
		     const struct patcher_hit *hit)
{
	unsigned long node = head + first_link(list->kind);
	size_t offset = 0;
	unsigned int i;

	for (i = 0; i < LINKS_MAX; i++) {
		if (is_word_in(hit, node + offset))
			return true;
		node = patcher_arch_load_word(node + offset);
		if (!node || node == head)
			return false;
		if (list->kind != LIST)
			offset = offsetof(struct notifier_block, next);
	}
	return false;
}

static const struct known_list *find_list(const struct patcher_hit *hit)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(known_lists); i++)
		if (heads[i] && has_list(&known_lists[i], heads[i], hit))
			return &known_lists[i];
	return NULL;
}

/* By the text that says where the word lies, which begins with a symbol's name or a cache's. */
static const struct known_list *find_named(const char *place)
{
	size_t length = strcspn(place, "+ ");
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(known_lists); i++)
		if (strlen(known_lists[i].name) == length &&
		    !strncmp(known_lists[i].name, place, length))
			return &known_lists[i];
	return NULL;
}

static const char *plain_name(const char *name, const char *place)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(plain_names); i++)
		if (!strcmp(plain_names[i].name, name))
			return plain_names[i].text;
	return place;
}

/* struct timer_list has its function behind a link and a time. */
struct timer_image {
	struct hlist_node entry;
	unsigned long expires;
	unsigned long function;
};

/* struct work_struct has it behind a number and a link. */
struct work_image {
	unsigned long data;
	struct list_head entry;
	unsigned long function;
};

static bool is_pending_timer(unsigned long function)
{
	unsigned long timer = function - offsetof(struct timer_image, function);
	unsigned long back = patcher_arch_load_word(timer + offsetof(struct hlist_node, pprev));

	return back && virt_addr_valid((void *)back) && patcher_arch_load_word(back) == timer;
}

static bool is_pending_work(unsigned long function)
{
	unsigned long entry = function - offsetof(struct work_image, function) +
			      offsetof(struct work_image, entry);
	unsigned long next = patcher_arch_load_word(entry);

	return next && next != entry && virt_addr_valid((void *)next) &&
	       patcher_arch_load_word(next + offsetof(struct list_head, prev)) == entry;
}

/* What the object is that has the word, as far as its links show it. */
static const char *shape_text(const struct patcher_hit *hit)
{
	if (hit->place != PATCHER_PLACE_SLAB || hit->at - hit->object < 24)
		return "";
	if (is_pending_timer(hit->at))
		return " [a timer in an object]";
	if (is_pending_work(hit->at))
		return " [a work in an object]";
	return "";
}

/**
 * patcher_lists_find - find the heads of the lists, for patcher_lists_text()
 *
 * All at once, as the kernel may have to go through all its symbols for that.
 *
 * Context: may sleep; one sweep at a time.
 */
void patcher_lists_find(void)
{
	static struct patcher_wanted wanted[ARRAY_SIZE(known_lists) + 1];
	unsigned int i, number = 0;

	for (i = 0; i < ARRAY_SIZE(known_lists); i++) {
		if (known_lists[i].kind == NAMED)
			continue;
		wanted[number++] = (struct patcher_wanted) {
			.name = known_lists[i].name,
			.addr = &heads[i],
			.optional = true,
		};
	}
	patcher_resolve(wanted);
}

/**
 * patcher_lists_forget - forget them: some are in modules, which may go
 */
void patcher_lists_forget(void)
{
	memset(heads, 0, sizeof(heads));
}

/**
 * patcher_lists_text - a word that points into the target, in words one can act on
 * @aim: the target
 * @hit: the word
 * @text: out: where it lies, what it points at, and what was maybe forgotten
 * @size: of @text, in bytes
 *
 * Context: may sleep.
 * Return: the length.
 */
size_t patcher_lists_text(const struct patcher_aim *aim, const struct patcher_hit *hit,
			  char *text, size_t size)
{
	const struct known_list *list;
	char place[80];
	size_t used;

	patcher_place_text(hit, place, sizeof(place));
	list = find_list(hit);
	if (!list)
		list = find_named(place);
	used = scnprintf(text, size, "%s -> ", !list ? place :
			 list->kind == NAMED ? plain_name(list->name, place) : list->name);
	used += patcher_place_aim_text(aim, patcher_hit_value(hit), text + used, size - used);
	if (list && strstr(list->remedy, "()"))
		used += scnprintf(text + used, size - used, " (forgotten %s?)", list->remedy);
	else if (list)
		used += scnprintf(text + used, size - used, " (%s)", list->remedy);
	else
		used += scnprintf(text + used, size - used, "%s", shape_text(hit));
	return used;
}
