// SPDX-License-Identifier: GPL-2.0
/*
 * init: a cleanup from what init does.
 *
 * Of init with all own functions that it calls, only what lies on a way to success counts: what
 * lies on the way to an error undoes itself. For each call there is a rule how it is undone, or
 * it is known to need nothing, or the stub says that it does not know. Frees come last.
 *
 * Init registers without a call too, by a store to a variable of the kernel's. And what a
 * module registers later, for a device of its, init does not show. If there is an exit, it
 * does: each call of it that the stub does not make is one that the stub says it does not know.
 */
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "init.h"
#include "made.h"

struct rule {
	const char *function, *inverse, *map;
	u32 seen, all;
};

/* Where both have one, what was mined comes first. */
static const struct rule rules[] = {
#include "pairs.h"
#include "rules.h"
};

/* What needs not to be undone. */
static const char *const harmless[] = {
	"__init_waitqueue_head", "__mutex_init", "__init_rwsem", "__raw_spin_lock_init",
	"__init_swait_queue_head", "init_wait_entry", "lockdep_init_map_type", "mutex_lock",
	"mutex_unlock", "mutex_trylock", "mutex_lock_interruptible", "mutex_is_locked",
	"down_read", "up_read", "down_write", "up_write", "_raw_spin_lock", "_raw_spin_unlock",
	"_raw_spin_lock_irq", "_raw_spin_unlock_irq", "_raw_spin_lock_irqsave",
	"_raw_spin_unlock_irqrestore", "_raw_spin_lock_bh", "_raw_spin_unlock_bh",
	"_raw_write_lock", "_raw_write_unlock", "_raw_read_lock", "_raw_read_unlock",
	"__rcu_read_lock", "__rcu_read_unlock", "synchronize_rcu", "rcu_barrier", "rtnl_lock",
	"rtnl_unlock", "cpus_read_lock", "cpus_read_unlock", "memset", "memcpy", "memmove",
	"memcmp", "strlen", "strcmp", "strncmp", "strcpy", "strncpy", "strlcpy", "strscpy",
	"strcat", "strchr", "strstr", "strcasecmp", "strncasecmp", "strsep", "sprintf",
	"snprintf", "scnprintf", "sscanf", "kstrtoint", "kstrtouint", "kstrtoull", "kstrtoll",
	"kstrtou8", "kstrtou16", "simple_strtoul", "simple_strtol", "skip_spaces", "msleep",
	"udelay", "__udelay", "__const_udelay", "usleep_range_state", "ktime_get",
	"get_random_bytes", "get_random_u32", "_get_random_bytes", "ktime_get_real_ts64",
	"jiffies_to_msecs", "msecs_to_jiffies", "__msecs_to_jiffies", "round_jiffies",
	"round_jiffies_relative", "dmi_check_system", "dmi_first_match", "dmi_name_in_vendors",
	"dmi_get_system_info", "dmi_match", "x86_match_cpu", "cpu_has_xfeatures", "boot_cpu_has",
	"init_timer_key", "hrtimer_init", "cdev_init", "dev_set_name", "device_initialize",
	"pci_read_config_byte", "pci_read_config_word", "pci_read_config_dword",
	"wake_up_process", "__wake_up", "complete", "schedule", "schedule_timeout",
	"cond_resched", "bitmap_zero", "find_first_bit", "_find_first_bit", "_find_next_bit",
	"_find_first_zero_bit", "__bitmap_weight", "si_meminfo", "vscnprintf", "nls_strict",
	"acpi_disabled", "acpi_match_device_ids", "cpumask_next", "housekeeping_cpumask",
	"totalram_pages", "ether_setup", "get_cpu_device", "bsearch", "sort", "crc32_le",
	"hweight32", "__sw_hweight32", "__sw_hweight64", "rdmsr_safe_on_cpu",
	"rdmsrl_safe_on_cpu", "fortify_panic", "kmem_cache_size", "ipv6_mod_enabled",
	"module_refcount", "acpi_video_get_backlight_type", "efi_enabled",
	"smp_call_function_single", "wait_for_completion", "wait_for_completion_timeout",
	"capable", "nr_cpu_ids", "strnlen", "vsnprintf", "guid_parse", "memcpy_fromio",
	"memcpy_toio", "usb_disabled", "pci_find_next_ext_capability", "pci_find_capability",
	"pci_find_ext_capability", "ata_dev_next", "ioread8", "ioread16", "ioread32", "iowrite8",
	"iowrite16", "iowrite32", "strrchr", "strim", "strspn", "strcspn", "memchr",
	"match_string", "sysfs_streq", "kasprintf_strarray", "dmi_get_date", "acpi_dev_found",
	"acpi_dev_present", "wmi_has_guid", "cpufreq_get_policy", "num_registered_fb",
	"rtnl_is_locked", "hex_to_bin", "hex2bin", "uuid_parse", "int_sqrt", "gcd",
	"ns_to_timespec64", "jiffies64_to_nsecs", "param_get_int", "_find_next_zero_bit",
	"cpumask_local_spread", "pgprot_writecombine", "inet_pton", "in4_pton", "in6_pton",
	"sg_init_table", "sg_init_one", "pr_cont",
};

/*
 * What they are given runs code of the module later. If it is a variable of the module's, it
 * may be pending when the module goes, whoever in the module has started it.
 */
static const struct later {
	const char *function;
	u32 argument;
	const char *inverse;
} run_later[] = {
	{ "queue_work_on", 3, "cancel_work_sync" },
	{ "queue_delayed_work_on", 3, "cancel_delayed_work_sync" },
	{ "mod_delayed_work_on", 3, "cancel_delayed_work_sync" },
	{ "mod_timer", 1, "timer_delete_sync" },
	{ "add_timer", 1, "timer_delete_sync" },
	{ "add_timer_on", 1, "timer_delete_sync" },
	{ "hrtimer_start_range_ns", 1, "hrtimer_cancel" },
	{ "tasklet_schedule", 1, "tasklet_kill" },
	{ "__tasklet_schedule", 1, "tasklet_kill" },
	{ "idr_alloc", 1, "idr_destroy" },
	{ "idr_alloc_u32", 1, "idr_destroy" },
	{ "idr_alloc_cyclic", 1, "idr_destroy" },
	{ "ida_alloc_range", 1, "ida_destroy" },
};

/* What is made of several steps that are undone one by one. */
static const struct rule also[] = {
	{ "__platform_create_bundle", "platform_driver_unregister", "1", 0, 0 },
};

static const char *const frees[] = {
	"kfree", "kvfree", "vfree", "free_percpu", "free_pages", "kmem_cache_destroy",
	"mempool_destroy", "iounmap", "__release_region", "free_netdev", "destroy_workqueue",
	"kfree_sensitive",
};

static bool in_list(const char *name, const char *const *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(list[i], name))
			return true;
	return false;
}

struct undo {
	const struct module *module;
	const struct options *options;
	struct exec *init;
	bool *bad;		/* by block: on the way to an error only */
	bool *error_edge[2];	/* by block: that edge brings an error */
	bool *seen;		/* phis, by block */
	struct code out;	/* what is to be done, in order */
	struct code last;	/* and what comes after all that: frees */
	u32 died_at;		/* instruction of init; NO_INSN */
};

/* A condition that says that a value is an error: negative, not zero, or a pointer that is one. */
static bool says_error(const struct expr *condition, const struct expr *value)
{
	if (condition->kind != E_OP || condition->op < OP_EQ || condition->op > OP_UGE ||
	    !e_contains(condition, value))
		return false;
	switch (condition->op) {
	case OP_NE:
	case OP_LT:
		return e_is_int(condition->b, 0);
	case OP_UGT:
	case OP_UGE:
		/* IS_ERR() */
		return condition->b->kind == E_INT && condition->b->value < 0 &&
		       condition->b->value > -5000;
	default:
		return false;
	}
}

static const struct expr *core(const struct expr *value)
{
	while (value->kind == E_OP && (value->op == OP_TRUNC || value->op == OP_SEXT))
		value = value->a;
	return value;
}

/* Is a value that init returns from a block an error? */
static bool is_error(const struct undo *u, const struct expr *value, u32 block)
{
	const struct func *func = u->init->func;
	u32 at, above;

	if (value->kind == E_INT)
		return (s32)value->value < 0;
	value = core(value);
	for (at = block; at != func->first; at = above) {
		const struct expr *condition;

		above = func->blocks[at].dominator;
		condition = u->init->code[above].condition;
		if (!condition || func->blocks[at].n_from != 1)
			continue;
		if (func->blocks[above].next[1] != at)
			condition = e_not(condition);
		if (says_error(condition, value))
			return true;
	}
	return false;
}

static void mark_errors(struct undo *u, const struct expr *value, u32 block)
{
	const struct func *func = u->init->func;
	u32 i, j, from;

	value = core(value);
	if (value->kind != E_PHI) {
		if (is_error(u, value, block))
			u->bad[block] = true;
		return;
	}
	if (u->seen[value->where])
		return;
	u->seen[value->where] = true;
	for (i = 0; i < func->blocks[value->where].n_from; i++) {
		const struct expr *input;

		from = func->blocks[value->where].from[i];
		input = core(phi_input(u->init, value, from));
		if (input->kind == E_PHI && input->where != value->where) {
			mark_errors(u, input, from);
			continue;
		}
		if (!is_error(u, input, from))
			continue;
		for (j = 0; j < 2; j++)
			if (func->blocks[from].next[j] == value->where)
				u->error_edge[j][from] = true;
	}
}

/* What does not lead to a return without an error is bad. */
static void find_bad(struct undo *u)
{
	const struct func *func = u->init->func;
	bool *good = alloc(func->n_blocks + 1), changed = true;
	u32 i, j, block, next;

	for (i = 0; i < func->n_order; i++) {
		block = func->order[i];
		if (func->blocks[block].next[0] != NO_BLOCK)
			continue;
		if (block_end(func, &func->blocks[block])->kind == I_TRAP)
			u->bad[block] = true;
		else
			mark_errors(u, u->init->code[block].out.reg[func->arch->result], block);
		good[block] = !u->bad[block];
	}
	while (changed) {
		changed = false;
		for (i = 0; i < func->n_order; i++) {
			block = func->order[i];
			for (j = 0; j < 2 && !good[block]; j++) {
				next = func->blocks[block].next[j];
				if (next != NO_BLOCK && good[next] && !u->error_edge[j][block]) {
					good[block] = true;
					changed = true;
				}
			}
		}
	}
	for (i = 0; i < func->n_blocks; i++)
		u->bad[i] = !good[i];
}

static struct stmt *append(struct code *code, enum stmt_kind kind, u32 insn)
{
	more(code->stmts, code->n_stmts);
	code->stmts[code->n_stmts] = (struct stmt){ .kind = kind, .insn = insn };
	return &code->stmts[code->n_stmts++];
}

static void append_stmt(struct code *code, const struct stmt *stmt)
{
	more(code->stmts, code->n_stmts);
	code->stmts[code->n_stmts++] = *stmt;
}

static void do_not_know(struct undo *u, u32 insn, const char *why)
{
	append(&u->out, S_UNKNOWN, insn)->why = why;
}

/* The variable that the result of a call is stored in; NULL if none. */
static const struct expr *kept_in(const struct undo *u, const struct expr *result)
{
	const struct func *func = u->init->func;
	u32 i, j;

	for (i = 0; i < func->n_order; i++) {
		const struct code *code = &u->init->code[func->order[i]];

		for (j = 0; j < code->n_stmts; j++) {
			const struct stmt *stmt = &code->stmts[j];

			if (stmt->kind == S_STORE && stmt->args[0]->kind == E_ADDR &&
			    stmt->size == 8 && stmt->args[1] == result)
				return e_load(stmt->args[0], 8, false, stmt->insn);
		}
	}
	return NULL;
}

struct usable {
	bool ok;
};

static void see_usable(const struct expr *e, void *data)
{
	struct usable *usable = data;

	if (e->kind == E_RESULT || e->kind == E_PHI || e->kind == E_PARAM || e->kind == E_STACK ||
	    e->kind == E_UNKNOWN || e->kind == E_PERCPU)
		usable->ok = false;
}

/* A value of init's, as it can be said afterwards; NULL if it cannot. */
static const struct expr *afterwards(const struct undo *u, const struct expr *value)
{
	struct usable usable = { true };

	if (value->kind == E_RESULT)
		return kept_in(u, value);
	e_walk(value, see_usable, &usable);
	return usable.ok ? value : NULL;
}

/* size: of the parameter that it is for. */
static const struct expr *mapped(const struct undo *u, const struct stmt *call, const char *source,
				 u32 size)
{
	const struct expr *value;
	char *end;
	u32 i;

	if (*source == '=')
		return e_int(strtoul(source + 1, NULL, 16));
	if (*source == 'r')
		return kept_in(u, call->value);
	if (*source == '*') {
		i = strtoul(source + 1, NULL, 10);
		if (!i || i > call->n_args || call->args[i - 1]->kind != E_ADDR)
			return NULL;
		return e_load(call->args[i - 1], size, false, call->insn);
	}
	i = strtoul(source, &end, 10);
	if (!i || i > call->n_args)
		return NULL;
	value = afterwards(u, call->args[i - 1]);
	/* 2+32: that far behind it */
	return value && *end == '+' ? e_op(OP_ADD, 8, value, e_int(strtoul(end, NULL, 10))) : value;
}

static bool same_call(const struct stmt *a, const struct stmt *b)
{
	u32 i;

	if (a->kind != S_CALL || b->kind != S_CALL || strcmp(a->name, b->name) ||
	    a->n_args != b->n_args)
		return false;
	for (i = 0; i < a->n_args; i++)
		if (a->args[i] != b->args[i] &&
		    !(a->args[i]->kind == E_LOAD && b->args[i]->kind == E_LOAD &&
		      a->args[i]->a == b->args[i]->a))
			return false;
	return true;
}

static bool is_there(const struct code *code, const struct stmt *stmt)
{
	u32 i;

	for (i = 0; i < code->n_stmts; i++)
		if (same_call(&code->stmts[i], stmt))
			return true;
	return false;
}

static void undo_by(struct undo *u, const struct stmt *call, const struct rule *rule)
{
	const struct prototype *prototype = types_exported(rule->inverse);
	struct code *to = in_list(rule->inverse, frees, ARRAY_SIZE(frees)) ? &u->last : &u->out;
	struct stmt stmt = { .kind = S_CALL, .insn = call->insn, .name = rule->inverse,
			     .target = { .kind = T_EXT } };
	char *map = text("%s", rule->map), *source;

	stmt.value = e_result(call->insn);
	while ((source = strsep(&map, ",")) && stmt.n_args < MAX_ARGS) {
		const struct expr *arg;
		u64 size = prototype && stmt.n_args < prototype->n_parameters ?
			types_size(prototype->parameters[stmt.n_args].type) : 0;

		arg = mapped(u, call, source, size == 1 || size == 2 || size == 4 ? size : 8);
		if (!arg) {
			do_not_know(u, call->insn,
				    text("%s() undoes %s(), but %s", rule->inverse, rule->function,
					 *source == 'r' ? "its result is kept nowhere"
							: "an argument of it cannot be told"));
			return;
		}
		stmt.args[stmt.n_args++] = arg;
	}
	if (!prototype || prototype->n_parameters != stmt.n_args) {
		do_not_know(u, call->insn,
			    text("%s() undoes %s(), but this kernel has no such function",
				 rule->inverse, rule->function));
		return;
	}
	if (is_there(to, &stmt))
		return;
	append_stmt(to, &stmt);
}

/* Of several, the first that what is known of the call is enough for; else the first. */
static const struct rule *rule_for(const struct undo *u, const struct stmt *call,
				   const char *function)
{
	const struct rule *first = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		if (strcmp(rules[i].function, function))
			continue;
		if (!first)
			first = &rules[i];
		if (*rules[i].map != 'r' || kept_in(u, call->value))
			return &rules[i];
	}
	return first;
}

static bool is_inverse(const char *function)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++)
		if (!strcmp(rules[i].inverse, function))
			return true;
	return false;
}

static bool in_loop(const struct func *func, u32 block)
{
	u32 i, j;

	for (i = 0; i < func->n_order; i++) {
		u32 head = func->order[i];

		if (!func->blocks[head].loop || !func_dominates(func, head, block))
			continue;
		/* Roughly: between the head and an edge back to it. */
		for (j = 0; j < func->blocks[head].n_from; j++) {
			u32 latch = func->blocks[head].from[j];

			if (func_dominates(func, head, latch) &&
			    func->blocks[block].order <= func->blocks[latch].order)
				return true;
		}
	}
	return false;
}

static bool goes_with_its_directory(const struct undo *u, const struct stmt *call, const char *name)
{
	u32 parent = starts(name, "proc_create") || starts(name, "debugfs_create_") ? 2 : 0;

	if (!strcmp(name, "proc_mkdir") || !strcmp(name, "debugfs_create_dir"))
		parent = 1;
	/* debugfs_create_u32() and the like: name, mode, parent. */
	return parent && call->n_args > parent && call->args[parent]->kind == E_RESULT &&
	       !kept_in(u, call->args[parent]);
}

static void undo_call(struct undo *u, const struct stmt *call, u32 block)
{
	const struct func *func = u->init->func;
	const struct rule *rule;
	const char *name;
	size_t i;

	if (call->target.kind != T_EXT) {
		do_not_know(u, call->insn, "init calls a function through a pointer");
		return;
	}
	name = func->module->symbols[call->target.symbol].name;
	if (in_list(name, harmless, ARRAY_SIZE(harmless)) || goes_with_its_directory(u, call, name))
		return;
	rule = rule_for(u, call, name);
	/* On the way to an error of a function that was followed. */
	if (!rule && is_inverse(name))
		return;
	if (!rule) {
		do_not_know(u, call->insn,
			    text("init calls %s(), and there is no rule how that is undone", name));
		return;
	}
	if (in_loop(func, block)) {
		do_not_know(u, call->insn,
			    text("init calls %s() in a loop: %s() undoes it", name, rule->inverse));
		return;
	}
	undo_by(u, call, rule);
	for (i = 0; i < ARRAY_SIZE(also); i++)
		if (!strcmp(also[i].function, name))
			undo_by(u, call, &also[i]);
}

static bool counts(const struct undo *u, u32 block)
{
	if (u->died_at == NO_INSN)
		return !u->bad[block];
	return func_dominates(u->init->func, block, u->init->func->insns[u->died_at].block);
}

/* What a function gives to one that runs something later, if it is a variable of the module's. */
static void see_caller(struct undo *u, const struct symbol *caller, u32 symbol,
		       const struct later *later)
{
	struct exec exec = { .n_args = stub_n_args, .data = (void *)u->module };
	u32 i, j;

	exec.func =
		func_build(u->module, (struct place){caller->section, caller->value}, NULL, NULL);
	if (!exec.func->trouble)
		exec_run(&exec, NULL);
	if (exec.func->trouble) {
		do_not_know(u, 0,
			    text("%s() calls %s(), and cannot be followed", caller->name,
				 later->function));
		return;
	}
	for (i = 0; i < exec.func->n_order; i++) {
		const struct code *code = &exec.code[exec.func->order[i]];

		for (j = 0; j < code->n_stmts; j++) {
			const struct stmt *stmt = &code->stmts[j];
			struct stmt undo = { .kind = S_CALL, .name = later->inverse,
					     .target = { .kind = T_EXT }, .n_args = 1 };

			if (stmt->kind != S_CALL || stmt->target.kind != T_EXT ||
			    stmt->target.symbol != symbol || stmt->n_args < later->argument ||
			    stmt->args[later->argument - 1]->kind != E_ADDR)
				continue;
			undo.value = e_result(0);
			undo.args[0] = stmt->args[later->argument - 1];
			if (!is_there(&u->out, &undo))
				append_stmt(&u->out, &undo);
		}
	}
}

/* The address of a variable of the module's, or of an element of one. */
static bool is_in_variable(const struct expr *at)
{
	if (at->kind == E_OP && at->op == OP_ADD)
		return is_in_variable(at->a) || is_in_variable(at->b);
	return at->kind == E_ADDR;
}

/* Is the result of a call kept in a variable of the module's? */
static bool keeps_result(const struct exec *exec, const struct expr *result)
{
	u32 i, j;

	for (i = 0; i < exec->func->n_order; i++) {
		const struct code *code = &exec->code[exec->func->order[i]];

		for (j = 0; j < code->n_stmts; j++)
			if (code->stmts[j].kind == S_STORE &&
			    is_in_variable(code->stmts[j].args[0]) &&
			    e_contains(code->stmts[j].args[1], result))
				return true;
	}
	return false;
}

/* Does a function register something for the whole module, not for one device? */
static void see_registration(struct undo *u, const struct symbol *caller, u32 symbol,
			     const struct rule *rule)
{
	struct exec exec = { .n_args = stub_n_args, .data = (void *)u->module };
	u32 i, j, argument = strtoul(rule->map + (*rule->map == '*'), NULL, 10);

	exec.func =
		func_build(u->module, (struct place){caller->section, caller->value}, NULL, NULL);
	if (!exec.func->trouble)
		exec_run(&exec, NULL);
	for (i = 0; !exec.func->trouble && i < exec.func->n_order; i++) {
		const struct code *code = &exec.code[exec.func->order[i]];

		for (j = 0; j < code->n_stmts; j++) {
			const struct stmt *stmt = &code->stmts[j];

			if (stmt->kind != S_CALL || stmt->target.kind != T_EXT ||
			    stmt->target.symbol != symbol)
				continue;
			if (!(argument && argument <= stmt->n_args &&
			      is_in_variable(stmt->args[argument - 1])) &&
			    !keeps_result(&exec, stmt->value))
				continue;
			do_not_know(
				u, 0,
				text("%s() calls %s(): %s() undoes it, but not init has called it",
				     caller->name, rule->function, rule->inverse));
			return;
		}
	}
}

/* Functions that are part of init, as it was followed. */
static bool in_init(const struct undo *u, const struct symbol *caller)
{
	const struct func *func = u->init->func;
	u32 i;

	for (i = 0; i < func->n_contexts; i++)
		if (func->contexts[i].entry.section == caller->section &&
		    func->contexts[i].entry.offset == caller->value)
			return true;
	return false;
}

/* The functions that call another one, each once: from the relocations of the code. */
static void see_callers(struct undo *u, u32 symbol, const struct later *later,
			const struct rule *rule)
{
	const struct module *module = u->module;
	const struct symbol *last = NULL;
	u32 i, j;

	for (i = 1; i < module->n_sections; i++) {
		const struct section *section = &module->sections[i];

		for (j = 0; section->code && j < section->n_relocs; j++) {
			const struct symbol *caller;

			if (section->relocs[j].symbol != symbol)
				continue;
			caller = module_function_around(
				module, (struct place){i, section->relocs[j].offset});
			if (caller && caller != last && later)
				see_caller(u, caller, symbol, later);
			else if (caller && caller != last && !in_init(u, caller))
				see_registration(u, caller, symbol, rule);
			last = caller;
		}
	}
}

/* They go with something else that is undone. */
static const char *const of_others[] = {
	"debugfs_create_file", "__symbol_get",
};

static bool is_later(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(run_later); i++)
		if (!strcmp(run_later[i].function, name))
			return true;
	return false;
}

static void look_for_later(struct undo *u)
{
	u32 i;
	size_t j;

	for (i = 0; i < u->module->n_symbols; i++) {
		const char *name = u->module->symbols[i].name;

		if (u->module->symbols[i].section)
			continue;
		for (j = 0; j < ARRAY_SIZE(rules); j++) {
			if (strcmp(name, rules[j].function) || is_later(name) ||
			    in_list(rules[j].inverse, frees, ARRAY_SIZE(frees)) ||
			    in_list(name, of_others, ARRAY_SIZE(of_others)))
				continue;
			see_callers(u, i, NULL, &rules[j]);
			break;
		}
		for (j = 0; j < ARRAY_SIZE(run_later); j++)
			if (!strcmp(u->module->symbols[i].name, run_later[j].function))
				see_callers(u, i, &run_later[j], NULL);
	}
}

/* A hook of the kernel's that is set, or a list of its that something is put on. */
static void see_store(struct undo *u, const struct stmt *stmt)
{
	const struct expr *at = stmt->args[0];

	if (!e_has(at, E_EXT))
		return;
	if (stmt->kind == S_STORE && !e_has(stmt->args[1], E_ADDR))
		return;
	do_not_know(u, stmt->insn,
		    "init stores to a variable of the kernel's, and no rule says how that is undone");
}

static void undo_all(struct undo *u)
{
	const struct func *func = u->init->func;
	u32 i, j, block;

	for (i = func->n_order; i; i--) {
		const struct code *code = &u->init->code[block = func->order[i - 1]];

		if (!counts(u, block))
			continue;
		for (j = code->n_stmts; j; j--) {
			const struct stmt *stmt = &code->stmts[j - 1];

			if (stmt->kind == S_CALL && stmt->insn != u->died_at)
				undo_call(u, stmt, block);
			else if (stmt->kind == S_STORE || stmt->kind == S_ATOMIC)
				see_store(u, stmt);
		}
	}
	if (u->died_at == NO_INSN)
		look_for_later(u);
}

static void append_all(struct code *to, const struct code *from)
{
	u32 i;

	for (i = 0; i < from->n_stmts; i++)
		append_stmt(to, &from->stmts[i]);
}

static bool follow_all(const struct func *func, struct place callee, void *data)
{
	(void)data;
	return module_function_at(func->module, callee);
}

/* Calls that only wait: a stub may make them without any harm. */
static const char *const waits[] = {
	"rcu_barrier", "synchronize_rcu", "synchronize_net", "rcu_barrier_tasks",
	"synchronize_rcu_expedited",
};

/* The same value, whichever instructions have read it. */
static bool same_value(const struct expr *a, const struct expr *b)
{
	if (a == b)
		return true;
	if (!a || !b || a->kind != b->kind || a->size != b->size)
		return false;
	if (a->kind == E_LOAD)
		return same_value(a->a, b->a);
	return a->kind == E_OP && a->op == b->op && same_value(a->a, b->a) &&
	       same_value(a->b, b->b) && same_value(a->c, b->c);
}

/* Does the stub make this call of the exit's? */
static bool is_made(const struct code *code, const struct stmt *call, const char *name)
{
	const struct prototype *prototype = types_exported(name);
	u32 i, j;

	for (i = 0; i < code->n_stmts; i++) {
		const struct stmt *made = &code->stmts[i];

		if (made->kind != S_CALL || strcmp(made->name, name))
			continue;
		for (j = 0; j < made->n_args && j < call->n_args; j++) {
			u64 size = prototype && j < prototype->n_parameters ?
				types_size(prototype->parameters[j].type) : 8;

			size = size == 1 || size == 2 || size == 4 ? size : 8;
			if (!same_value(e_trunc(made->args[j], size), e_trunc(call->args[j], size)))
				break;
		}
		if (j == made->n_args && j == call->n_args)
			return true;
	}
	return false;
}

static void see_exit_call(struct undo *u, const struct code *full, const struct stmt *call)
{
	const char *name;
	struct stmt wait;

	if (call->target.kind != T_EXT) {
		do_not_know(u, 0, "exit calls a function through a pointer");
		return;
	}
	name = u->module->symbols[call->target.symbol].name;
	if (in_list(name, waits, ARRAY_SIZE(waits))) {
		wait = (struct stmt){ .kind = S_CALL, .name = name, .target = { .kind = T_EXT } };
		wait.value = e_result(0);
		if (!is_there(&u->out, &wait))
			append_stmt(&u->out, &wait);
		return;
	}
	if (in_list(name, harmless, ARRAY_SIZE(harmless)) || is_made(full, call, name))
		return;
	do_not_know(u, 0, text("exit calls %s(), and it is not known what for", name));
}

/* What exit does besides undoing init: full is what undoes all of init. */
static void look_at_exit(struct undo *u, const struct code *full)
{
	const struct symbol *symbol = module_symbol(u->module, "cleanup_module");
	struct exec exit = { .n_args = stub_n_args, .data = (void *)u->module };
	u32 i, j;

	if (!symbol)
		return;
	exit.func = func_build(u->module, (struct place){ symbol->section, symbol->value },
			       follow_all, NULL);
	if (!exit.func->trouble)
		exec_run(&exit, NULL);
	if (exit.func->trouble) {
		do_not_know(u, 0, text("exit %s", exit.func->trouble));
		return;
	}
	for (i = 0; i < exit.func->n_order; i++) {
		const struct code *code = &exit.code[exit.func->order[i]];

		for (j = 0; j < code->n_stmts; j++) {
			const struct stmt *stmt = &code->stmts[j];

			if (stmt->kind == S_CALL)
				see_exit_call(u, full, stmt);
			else if ((stmt->kind == S_STORE || stmt->kind == S_ATOMIC) &&
				 e_has(stmt->args[0], E_EXT))
				do_not_know(u, 0,
					    "exit stores to a variable of the kernel's: what for?");
		}
	}
}

static u32 find_death(const struct undo *u, const struct options *options)
{
	const struct func *func = u->init->func;
	struct place place;
	u32 i, j;

	for (i = 0; i < options->n_died_at; i++) {
		const char *plus = strrchr(options->died_at[i], '+');
		const struct symbol *symbol =
			plus ? module_symbol(u->module, text_n(options->died_at[i],
							       plus - options->died_at[i]))
			     : NULL;

		if (!symbol)
			continue;
		place = (struct place){symbol->section,
				       symbol->value + strtoul(plus + 1, NULL, 16)};
		for (j = 0; j < func->n_insns; j++)
			if (func->insns[j].place.section == place.section &&
			    func->insns[j].block != NO_BLOCK &&
			    func->insns[j].place.offset + (i ? func->insns[j].length : 0) ==
				    place.offset)
				return j;
	}
	fail("it cannot have died at %s in init", options->died_at[0]);
}

static struct undo begin_undo(const struct module *module, const struct options *options,
			      struct exec *init)
{
	struct undo u = { .module = module, .options = options, .init = init,
			  .died_at = NO_INSN };
	u32 n = init->func->n_blocks + 1;

	u.bad = alloc(n);
	u.error_edge[0] = alloc(n);
	u.error_edge[1] = alloc(n);
	u.seen = alloc(n);
	return u;
}

struct exec *init_undo(const struct module *module, const struct options *options)
{
	const struct symbol *init = module_symbol(module, "init_module");
	struct exec *exec = alloc(sizeof(*exec));
	struct code all = {};
	struct undo u, full;

	if (!init)
		fail("has no init");
	exec->n_args = stub_n_args;
	exec->data = (void *)module;
	exec->func =
		func_build(module, (struct place){init->section, init->value}, follow_all, NULL);
	if (!exec->func->trouble)
		exec_run(exec, NULL);
	if (exec->func->trouble)
		fail("its init %s", exec->func->trouble);
	full = begin_undo(module, options, exec);
	find_bad(&full);
	undo_all(&full);
	append_all(&all, &full.out);
	append_all(&all, &full.last);
	u = full;
	if (options->n_died_at) {
		u = begin_undo(module, options, exec);
		u.died_at = find_death(&u, options);
		undo_all(&u);
	}
	look_at_exit(&u, &all);
	/* Frees come last: what may use the memory goes first. */
	append_all(&u.out, &u.last);
	return exec_made(exec, &u.out);
}
