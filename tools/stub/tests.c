// SPDX-License-Identifier: GPL-2.0
/*
 * tests: is a call still needed? Told from the kernel's own account of it.
 *
 * To add one: a line in the table. %s is the call's first argument; ON_SYMBOL: it is the
 * address of a variable of the target's, of a type that is known; ON_VALUE: it is what such a
 * variable has.
 */
#include <ctype.h>
#include <string.h>

#include "headers.h"
#include "stub.h"

/* Not yet registered, or unregistered already. */
#define FREE_NETDEV	"%s && ((%s)->reg_state == NETREG_UNINITIALIZED || (%s)->reg_state == NETREG_UNREGISTERED)"

static const struct test {
	const char *function;
	enum { ON_SYMBOL, ON_VALUE } on;
	const char *condition;
	const char *headers[2];
} tests[] = {
	/* misc_register() links it as its last step, misc_deregister() takes it out. */
	{ "misc_deregister", ON_SYMBOL,
	  "%s->list.next && %s->list.next != LIST_POISON1 && !list_empty(&%s->list)",
	  { "linux/list.h", "linux/poison.h" } },
	/* cdev_add() sets count; the references are gone after cdev_del(). */
	{ "cdev_del", ON_SYMBOL, "%s->count && kref_read(&%s->kobj.kref)", { "linux/kref.h" } },
	/* Set up by timer_setup() and INIT_WORK(); from then on these do no harm. */
	{ "timer_delete_sync", ON_SYMBOL, "%s->function", {} },
	{ "del_timer_sync", ON_SYMBOL, "%s->function", {} },
	{ "timer_shutdown_sync", ON_SYMBOL, "%s->function", {} },
	{ "cancel_work_sync", ON_SYMBOL, "%s->func", {} },
	{ "cancel_delayed_work_sync", ON_SYMBOL, "%s->work.func", {} },
	{ "hrtimer_cancel", ON_SYMBOL, "%s->base", {} },
	/* NULL before, an error if it failed. */
	{ "class_destroy", ON_VALUE, "!IS_ERR_OR_NULL(%s)", { "linux/err.h" } },
	{ "device_destroy", ON_VALUE, "!IS_ERR_OR_NULL(%s)", { "linux/err.h" } },
	{ "kthread_stop", ON_VALUE, "!IS_ERR_OR_NULL(%s)", { "linux/err.h" } },
	{ "platform_device_unregister", ON_VALUE, "!IS_ERR_OR_NULL(%s)", { "linux/err.h" } },
	{ "root_device_unregister", ON_VALUE, "!IS_ERR_OR_NULL(%s)", { "linux/err.h" } },
	{ "debugfs_remove", ON_VALUE, "!IS_ERR_OR_NULL(%s)", { "linux/err.h" } },
	{ "destroy_workqueue", ON_VALUE, "%s", {} },
	{ "kobject_put", ON_VALUE, "%s", {} },
	{ "iounmap", ON_VALUE, "%s", {} },
	{ "unregister_chrdev_region", ON_VALUE, "%s", {} },
	{ "put_disk", ON_VALUE, "%s", {} },
	{ "del_gendisk", ON_VALUE, "%s", {} },
	/* register_netdev() and unregister_netdev() keep account of how far they got. */
	{ "unregister_netdev", ON_VALUE, "%s && (%s)->reg_state == NETREG_REGISTERED",
	  { "linux/netdevice.h" } },
	{ "free_netdev", ON_VALUE, FREE_NETDEV, { "linux/netdevice.h" } },
	/* On a list while it is registered. */
	{ "unregister_blocking_lsm_notifier", ON_SYMBOL, "%s->notifier_call", {} },
};

/* x, *x: what can be said more than once. */
static bool is_simple(const char *s, bool value)
{
	if (value && *s == '*')
		s++;
	while (isalnum((unsigned char)*s) || *s == '_')
		s++;
	return !*s;
}

static const char *fill(const char *format, const char *with)
{
	struct buffer out = {};
	const char *at;

	while ((at = strstr(format, "%s"))) {
		add_n(&out, format, at - format);
		add(&out, "%s", with);
		format = at + 2;
	}
	add(&out, "%s", format);
	return out.at;
}

bool unregisters_driver(const char *function)
{
	return strstr(function, "unregister_driver") || strstr(function, "driver_unregister") ||
	       strstr(function, "del_driver") || !strcmp(function, "usb_deregister") ||
	       !strcmp(function, "usb_deregister_device_driver") ||
	       strstr(function, "drivers_unregister") || strstr(function, "unregister_drivers");
}

/* A driver is on its bus if it is found there by its name. */
static const char *driver_test(struct stub *stub, const char *function, const struct stmt *call)
{
	const struct expr *e = call->args[0];
	struct binding *binding;
	const char *path, *why;
	s64 offset;

	if (!unregisters_driver(function))
		return NULL;
	if (!headers_of("driver_find") || e->kind != E_ADDR ||
	    !stub_reach(stub, (struct place){ e->where, e->value }, &binding, &offset, &why) ||
	    offset || !binding->type || !stub_usable_type(stub, binding->type))
		return NULL;
	path = types_path_to(binding->type, "struct device_driver");
	if (!path)
		return NULL;
	stub_include(stub, "linux/device.h");
	stub_include(stub, headers_of(binding->type));
	path = path[0] ? text("%s->%s.", binding->name, path) : text("%s->", binding->name);
	return text("%sbus && driver_find(%sname, %sbus)", path, path, path);
}

const char *stub_test(struct stub *stub, const struct stmt *call)
{
	const char *function = stub_callee(stub, call), *argument, *type;
	const struct prototype *prototype;
	u32 i, j;

	if (stub->bare || stub->no_tests || !function || call->target.kind != T_EXT ||
	    !call->n_args)
		return NULL;
	prototype = types_exported(function);
	if (!prototype || !prototype->n_parameters)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(tests); i++)
		if (!strcmp(tests[i].function, function))
			break;
	if (i == ARRAY_SIZE(tests))
		return driver_test(stub, function, call);
	type = prototype->parameters[0].type;
	argument = c_as(stub, call->args[0], type);
	if (stub->why || !is_simple(argument, tests[i].on == ON_VALUE))
		return NULL;
	/* What is looked into has to be there in the headers. */
	if (strstr(tests[i].condition, "->")) {
		const char *to = pointed_to(type);

		if (!to || !stub_usable_type(stub, to) || !strcmp(argument, "NULL"))
			return NULL;
		stub_include(stub, headers_of(to));
	}
	for (j = 0; j < ARRAY_SIZE(tests[i].headers) && tests[i].headers[j]; j++)
		stub_include(stub, tests[i].headers[j]);
	return fill(tests[i].condition, argument);
}
