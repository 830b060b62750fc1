/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a stub tells the patcher.
 *
 * A stub is an ordinary module with one PATCHER_STUB(). It needs no
 * module_init() and no module_exit(), and it must not link against the target:
 * it would then be a dependent of the target, and the target could never go.
 * PATCHER_SYMBOL() and PATCHER_FUNCTION() reach into the target instead.
 */
#ifndef PATCHER_STUB_H
#define PATCHER_STUB_H

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/export.h>
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/types.h>

/* Raised when struct patcher_stub or struct patcher_symbol change their layout. */
#define PATCHER_STUB_ABI	3

/**
 * enum patcher_symbol_kind - what a symbol of the target has to be
 * @PATCHER_KIND_DATA: a variable; its size in bytes is compared
 * @PATCHER_KIND_FUNCTION: a function; its size is not compared
 */
enum patcher_symbol_kind {
	PATCHER_KIND_DATA,
	PATCHER_KIND_FUNCTION,
};

/**
 * struct patcher_symbol - one pointer of the stub, to be bound in the target
 * @name: name in the target's own symbol table, static symbols included
 * @where: the stub's pointer; NULL whenever no rescue is armed
 * @size: size of what @where points to, in bytes; 0 for a function
 * @kind: variable or function
 * @writable: what @where points to is not const: the stub may write it
 *
 * Filled by PATCHER_SYMBOL() and PATCHER_FUNCTION(); a table of these ends with
 * an empty one.
 */
struct patcher_symbol {
	const char *name;
	void **where;
	size_t size;
	enum patcher_symbol_kind kind;
	bool writable;
};

/**
 * struct patcher_stub - how to clean up after one target
 * @abi: PATCHER_STUB_ABI at the time the stub was built; PATCHER_STUB() fills it in. A
 *	stub of another ABI is refused with -EINVAL. It is what is read first, and stays
 *	the first member.
 * @cleanup: Runs as the target's exit, once: in the context of the rmmod that
 *	unloads the target; or, when the target is quarantined, of a kernel thread of
 *	patcher's. Process context, may sleep, no lock held (as delete_module() in
 *	kernel/module/main.c calls ->exit). It undoes what the target registered, and
 *	must cope with an init or exit that died half way.
 *	NULL: the target keeps its own exit.
 * @release: Lets tasks that are stuck inside the target go: completes, wakes, sets
 *	flags, drops counts. Process context, may sleep, no lock held; runs once, in a
 *	kernel thread of patcher's that SIGKILL interrupts, with the symbols bound,
 *	before anything is changed for good, and only if a task is in the way. With a
 *	@cleanup, a task that loads or unloads the target is evicted then: it does not
 *	return into the target, but ends where it would. What the kernel's function
 *	that it is in calls back before it returns may still run: a network device's
 *	destructor, a driver's remove(). Without a @cleanup, the old init or exit goes
 *	on to its end. May be NULL.
 * @evicted: Runs in the context of each task that is evicted, just before it ends, so
 *	that it can give back what it holds: mutex_unlock(), rtnl_unlock(). It has been
 *	taken off the wait queues that it was on, so they may be freed. Process
 *	context, may sleep; on top of the target's frames, whose locks are held. The
 *	function that the task was in has not returned into the target. Arming waits
 *	for it to return, longer than timeout_ms if need be, and a task that is still
 *	inside then has timeout_ms once more. May be NULL.
 * @symbols: Table of what to bind in the target, ended by an empty entry; may be
 *	NULL. The pointers are bound before @release or @cleanup run, and cleared
 *	when the rescue has ended.
 * @owner: the stub module; PATCHER_STUB() fills it in
 */
struct patcher_stub {
	unsigned int abi;

	void (*cleanup)(void);
	void (*release)(void);
	void (*evicted)(void);
	const struct patcher_symbol *symbols;

	struct module *owner;
};

/* Is what a pointer leads to not const? An array is const if its elements are. */
#define PATCHER_TARGET_OF(pointer)	typeof(*(pointer))
#define PATCHER_IS_WRITABLE(pointer)					\
	(!__builtin_types_compatible_p(PATCHER_TARGET_OF(pointer) *,	\
				       const PATCHER_TARGET_OF(pointer) *))

/**
 * PATCHER_SYMBOL - bind a pointer to a variable of the target
 * @pointer: pointer variable of the stub, with static storage
 * @symbol: name of the target's variable, a string; static variables count. What
 *	the compiler renamed has its new name (a static variable inside a
 *	function is "name.0", say): ``nm target.ko`` shows it
 *
 * The target's symbol table has to have exactly one such name, of
 * ``sizeof(*pointer)`` bytes. Otherwise arming is refused: -ENOENT when there is
 * none, -ENOTUNIQ when there are several, -EINVAL when the size differs.
 *
 * A variable that nothing in the target writes is in read-only memory, whether or not
 * it is declared const: the compiler puts it there. To read it, make @pointer a
 * pointer to const; with any other, arming is refused with -EINVAL. So it is with a
 * variable that is not in the target's memory: a per-CPU one, say.
 */
#define PATCHER_SYMBOL(pointer, symbol)					\
	{								\
		.name = (symbol),					\
		.where = (void **)&(pointer) +				\
			BUILD_BUG_ON_ZERO(sizeof(pointer) != sizeof(void *)), \
		.size = sizeof(*(pointer)),				\
		.kind = PATCHER_KIND_DATA,				\
		.writable = PATCHER_IS_WRITABLE(pointer),		\
	}

/**
 * PATCHER_FUNCTION - bind a function pointer to a function of the target
 * @pointer: function pointer of the stub, with static storage
 * @symbol: name of the target's function, a string; static functions count, those
 *	that the compiler inlined do not
 *
 * Errors as for PATCHER_SYMBOL(); -EINVAL when the symbol is no function in the
 * target's text.
 */
#define PATCHER_FUNCTION(pointer, symbol)				\
	{								\
		.name = (symbol),					\
		.where = (void **)&(pointer) +				\
			BUILD_BUG_ON_ZERO(sizeof(pointer) != sizeof(void *)), \
		.kind = PATCHER_KIND_FUNCTION,				\
	}

/*
 * The descriptor is exported under a name made from the module's own, so that
 * stub=yyy is found with __symbol_get(), which also pins it. __KBUILD_MODNAME is
 * kmod_yyy, and since 6.19 yyy (6717e8f91db7 "kbuild: Remove 'kmod_' prefix from
 * __KBUILD_MODNAME"). Before 5.12 no such name can be
 * made (a8cccdd95473 "init: lto: ensure initcall ordering" brought it), and the
 * descriptor is found in the stub's symbol table.
 */
#define PATCHER_STUB_PREFIX	"patcher_stub_"
#define PATCHER_STUB_LOCAL	"patcher_stub_descriptor"
#define PATCHER_STUB_NAME	__PASTE(patcher_stub_, __KBUILD_MODNAME)

/**
 * PATCHER_STUB - make this module a stub
 * @...: designated initialisers of struct patcher_stub: ``.cleanup``,
 *	``.release``, ``.evicted``, ``.symbols``
 *
 * Exactly one per module. The descriptor is exported GPL-only, as __symbol_get()
 * finds nothing else (kernel/module/main.c).
 */
#ifdef __KBUILD_MODNAME
#define PATCHER_STUB(...)						\
	extern const struct patcher_stub PATCHER_STUB_NAME;		\
	const struct patcher_stub PATCHER_STUB_NAME = {			\
		.abi = PATCHER_STUB_ABI,				\
		.owner = THIS_MODULE,					\
		__VA_ARGS__						\
	};								\
	EXPORT_SYMBOL_GPL(PATCHER_STUB_NAME)
#else
#define PATCHER_STUB(...)						\
	static const struct patcher_stub __used patcher_stub_descriptor = { \
		.abi = PATCHER_STUB_ABI,				\
		.owner = THIS_MODULE,					\
		__VA_ARGS__						\
	}
#endif

#endif /* PATCHER_STUB_H */
