// SPDX-License-Identifier: GPL-2.0
/*
 * stub: finds a stub and binds its symbols in the target.
 *
 * symbols.c gives addresses and sizes.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kmod.h>
#include <linux/module.h>
#include <linux/string.h>

#include "kernel/compat.h"
#include "kernel/ksym.h"
#include "log.h"
#include "look/stub.h"
#include "kernel/symbols.h"

/* Under which name PATCHER_STUB() exports the descriptor. */
struct descriptor_name {
	char text[sizeof(PATCHER_STUB_PREFIX) + 2 * MODULE_NAME_LEN];
};

static struct descriptor_name descriptor_name(const char *stub)
{
	struct descriptor_name name;

	snprintf(name.text, sizeof(name.text), PATCHER_STUB_PREFIX "%.*s%s",
		 patcher_token_prefix_len(), PATCHER_TOKEN, stub);
	return name;
}

static bool is_loaded(const char *name)
{
	struct kobject *kobj = kset_find_obj(THIS_MODULE->mkobj.kobj.kset, name);

	kobject_put(kobj);
	return kobj;
}

/*
 * Where descriptors are not exported: in the stub's symbol table, and then pinned. One of
 * another ABI may have another size.
 */
static const struct patcher_stub *find_local(const char *name, struct module **owner)
{
	const struct patcher_stub *found = NULL;
	struct patcher_match match;
	struct module *mod;

	mutex_lock(patcher_ksym.module_mutex);
	list_for_each_entry(mod, patcher_ksym.modules, list) {
		if (mod->state != MODULE_STATE_LIVE || strcmp(mod->name, name) ||
		    !patcher_symbols_are_right(mod))
			continue;
		patcher_symbols_look_up(mod, PATCHER_STUB_LOCAL, &match);
		if (match.number == 1 && match.size >= sizeof(found->abi) &&
		    within_module(match.addr, mod) && try_module_get(mod)) {
			found = (const struct patcher_stub *)match.addr;
			*owner = mod;
		}
		break;
	}
	mutex_unlock(patcher_ksym.module_mutex);
	return found;
}

static const struct patcher_stub *find_descriptor(const char *name, struct module **owner)
{
	struct descriptor_name descriptor = descriptor_name(name);

	return patcher_stubs_are_exported() ? __symbol_get(descriptor.text) :
					      find_local(name, owner);
}

/* Undoes find_descriptor(); what it found may belong to another module. */
static void put_descriptor(const char *name, struct module *owner)
{
	struct descriptor_name descriptor = descriptor_name(name);

	if (patcher_stubs_are_exported())
		__symbol_put(descriptor.text);
	else
		module_put(owner);
}

/* Nothing of the descriptor is believed that can be checked. Its abi says what else there is. */
static const char *descriptor_problem(const struct patcher_stub *stub, const char *name)
{
	const struct patcher_symbol *symbol;

	if (stub->abi != PATCHER_STUB_ABI)
		return "it was built for another version of patcher; build it again";
	if (!stub->owner || strcmp(stub->owner->name, name))
		return "its descriptor belongs to another module; use PATCHER_STUB() as it is";
	if (!stub->cleanup && !stub->release)
		return "it has neither .cleanup nor .release";
	if (stub->cleanup && !patcher_within_text(stub->owner, (unsigned long)stub->cleanup))
		return "its .cleanup is not one of its own functions";
	if (stub->release && !patcher_within_text(stub->owner, (unsigned long)stub->release))
		return "its .release is not one of its own functions";
	if (stub->evicted && !patcher_within_text(stub->owner, (unsigned long)stub->evicted))
		return "its .evicted is not one of its own functions";
	for (symbol = stub->symbols; symbol && symbol->name; symbol++)
		if (!within_module((unsigned long)symbol->where, stub->owner))
			return "a pointer in its table of symbols is not one of its own variables";
	return NULL;
}

/**
 * patcher_stub_get - find a stub, and pin it
 * @target: the target's name, for the log
 * @name: the stub's name
 * @stub: out
 *
 * A stub that is not loaded is asked of modprobe, once.
 *
 * Context: process context, may sleep; not under a lock that modprobe may need.
 * Return: 0, and patcher_stub_put() is to be called; -ENOPKG when it is not loaded and
 * modprobe does not know it, -EINVAL when it is no stub, and then the log says so.
 */
int patcher_stub_get(const char *target, const char *name,
		     const struct patcher_stub **stub)
{
	struct module *owner = NULL;
	const struct patcher_stub *found = find_descriptor(name, &owner);
	const char *problem;

	if (!found && !is_loaded(name)) {
		request_module("%s", name);
		found = find_descriptor(name, &owner);
	}
	if (!found && is_loaded(name))
		return patcher_refuse(target, -EINVAL,
				      "module %s is not a stub that is ready, it has no PATCHER_STUB() or is not LIVE",
				      name);
	if (!found)
		return patcher_refuse(target, -ENOPKG,
				      "stub %s is not loaded, and modprobe could not load it; insmod it first",
				      name);

	problem = descriptor_problem(found, name);
	if (problem) {
		put_descriptor(name, owner);
		return patcher_refuse(target, -EINVAL, "stub %s: %s", name, problem);
	}
	*stub = found;
	return 0;
}

/* Clears the stub's pointers: without a rescue they lead nowhere. */
static void unbind_symbols(const struct patcher_stub *stub)
{
	const struct patcher_symbol *symbol;

	for (symbol = stub->symbols; symbol && symbol->name; symbol++)
		*symbol->where = NULL;
}

/**
 * patcher_stub_put - clear what was bound, and let the stub go
 * @stub: what patcher_stub_get() found; not to be used any more
 */
void patcher_stub_put(const struct patcher_stub *stub)
{
	unbind_symbols(stub);
	module_put(stub->owner);
}

static int bind_symbol(const struct patcher_symbol *symbol, struct module *target)
{
	struct patcher_match match;

	patcher_symbols_look_up(target, symbol->name, &match);
	if (!match.number)
		return patcher_refuse(target->name, -ENOENT,
				      "it has no symbol %s that the stub asks for; nm on its file shows what it has",
				      symbol->name);
	if (match.number > 1)
		return patcher_refuse(target->name, -ENOTUNIQ,
				      "it has %u symbols named %s, the stub cannot tell which; give it another name",
				      match.number, symbol->name);
	if (symbol->kind == PATCHER_KIND_FUNCTION) {
		if (!match.function || !patcher_within_text(target, match.addr))
			return patcher_refuse(target->name, -EINVAL,
					      "symbol %s is not a function; PATCHER_SYMBOL() binds variables",
					      symbol->name);
	} else if (match.size != symbol->size) {
		return patcher_refuse(target->name, -EINVAL,
				      "symbol %s has %lu bytes, the stub expects %zu; give its pointer the right type",
				      symbol->name, match.size, symbol->size);
	}
	if (!within_module(match.addr, target))
		return patcher_refuse(target->name, -EINVAL,
				      "symbol %s is not in its memory, but per CPU or absolute; a stub cannot bind it",
				      symbol->name);
	if (symbol->writable && patcher_within_rodata(target, match.addr))
		return patcher_refuse(target->name, -EINVAL,
				      "symbol %s is in read-only memory, and the stub's pointer to it is not const; make that a pointer to const, and do not write it",
				      symbol->name);
	*symbol->where = (void *)match.addr;
	return 0;
}

/**
 * patcher_stub_bind - set the stub's pointers to what they are named after
 * @stub: from patcher_stub_get()
 * @target: pinned
 *
 * Changes nothing of the target.
 *
 * Return: 0; -ENOENT, -ENOTUNIQ or -EINVAL for a symbol that is missing, ambiguous, of
 * another size or kind, or where the stub cannot use it, and then the log names it and nothing
 * is bound.
 */
int patcher_stub_bind(const struct patcher_stub *stub, struct module *target)
{
	const struct patcher_symbol *symbol;
	int err;

	for (symbol = stub->symbols; symbol && symbol->name; symbol++) {
		err = bind_symbol(symbol, target);
		if (err) {
			unbind_symbols(stub);
			return err;
		}
	}
	return 0;
}
