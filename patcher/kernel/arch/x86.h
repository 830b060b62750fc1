/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What patcher needs to know of x86-64. arch.h says what each function has to do.
 */
#ifndef PATCHER_ARCH_X86_H
#define PATCHER_ARCH_X86_H

#include <linux/audit.h>
#include <linux/kconfig.h>
#include <linux/linkage.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/asm.h>
#include <asm/page.h>
#include <asm/syscall.h>
#include <asm/unistd.h>
#ifdef CONFIG_IA32_EMULATION
#include <asm/unistd_32_ia32.h>
#endif

/*
 * The number of the system call that a user task is in; -1 if it is in none. With the x32
 * ABI a bit of it says so (__X32_SYSCALL_BIT), and the calls for modules are the same.
 */
static inline long patcher_arch_syscall(struct task_struct *task)
{
	long nr = syscall_get_nr(task, task_pt_regs(task));

	return nr < 0 ? nr : nr & ~__X32_SYSCALL_BIT;
}

/*
 * patcher_arch_in_module_syscall - is this user task loading or unloading a module?
 *
 * The system call's number stays in the registers that were saved on entry, at the
 * top of the task's stack, until it returns. The caller holds the stack.
 */
static inline bool patcher_arch_in_module_syscall(struct task_struct *task)
{
	long nr = patcher_arch_syscall(task);

#ifdef CONFIG_IA32_EMULATION
	if (syscall_get_arch(task) == AUDIT_ARCH_I386)
		return nr == __NR_ia32_init_module ||
		       nr == __NR_ia32_finit_module ||
		       nr == __NR_ia32_delete_module;
#endif
	return nr == __NR_init_module || nr == __NR_finit_module ||
	       nr == __NR_delete_module;
}

/*
 * patcher_arch_in_finit_module - is this user task in finit_module(), and with which fd?
 *
 * The caller holds the stack.
 */
static inline bool patcher_arch_in_finit_module(struct task_struct *task, unsigned int *fd)
{
	long nr = patcher_arch_syscall(task);
	unsigned long args[6];

#ifdef CONFIG_IA32_EMULATION
	if (syscall_get_arch(task) == AUDIT_ARCH_I386)
		nr = nr == __NR_ia32_finit_module ? __NR_finit_module : -1;
#endif
	if (nr != __NR_finit_module)
		return false;
	syscall_get_arguments(task, task_pt_regs(task), args);
	*fd = args[0];
	return true;
}

/*
 * patcher_arch_may_be_using - may the system call that a user task is in have this
 * descriptor?
 *
 * Any argument of it may be one. Those calls in which tasks wait and which have none are
 * left out; poll and its like hold the file. The caller holds the stack.
 */
static inline bool patcher_arch_may_be_using(struct task_struct *task, unsigned int fd)
{
	unsigned long args[6];
	unsigned int i;

	switch (syscall_get_arch(task) == AUDIT_ARCH_X86_64 ? patcher_arch_syscall(task) : 0) {
	case -1:
	case __NR_clock_nanosleep:
	case __NR_futex:
	case __NR_nanosleep:
	case __NR_pause:
	case __NR_poll:
	case __NR_ppoll:
	case __NR_pselect6:
	case __NR_restart_syscall:
	case __NR_rt_sigsuspend:
	case __NR_rt_sigtimedwait:
	case __NR_select:
	case __NR_wait4:
	case __NR_waitid:
		return false;
	}
	syscall_get_arguments(task, task_pt_regs(task), args);
	for (i = 0; i < ARRAY_SIZE(args); i++)
		if ((unsigned int)args[i] == fd)
			return true;
	return false;
}

/*
 * patcher_arch_stack_pointer - where the stack of a task that is not running begins
 *
 * __switch_to_asm() pushes the registers that a callee has to save before it stores
 * the stack pointer, so all that the task's functions still need lies above.
 */
static inline unsigned long patcher_arch_stack_pointer(struct task_struct *task)
{
	return READ_ONCE(task->thread.sp);
}

/*
 * patcher_arch_read - copy_from_kernel_nofault() of an address that may be anything
 *
 * Below PAGE_OFFSET there is nothing of the kernel's. An address that is not canonical is
 * let through where the CPU knows five levels and paging has four
 * (copy_from_kernel_nofault_allowed(), arch/x86/mm/maccess.c, 5.10), and is warned of.
 */
static inline bool patcher_arch_read(void *to, const void *from, size_t size)
{
	return (unsigned long)from >= PAGE_OFFSET && !copy_from_kernel_nofault(to, from, size);
}

/*
 * patcher_arch_find_word - the first word of [from, end) that is in [low, low + span)
 *
 * Both ends are multiples of 64. Each load may fault, where a page is taken out of the direct map
 * meanwhile: what follows it is then not read. As this is no C, no sanitizer looks at it.
 * Return: where it is; @end if there is none.
 */
#define PATCHER_LOAD(n)							\
	"1" #n ":	mov	8 * " #n "(%[at]), %[word]\n"		\
	"	sub	%[low], %[word]\n"				\
	"	cmp	%[span], %[word]\n"				\
	"	jb	2" #n "f\n"
#define PATCHER_FOUND(n)						\
	"2" #n ":	add	$8 * " #n ", %[at]\n"			\
	"	jmp	9f\n"
#define PATCHER_FIXUP(n)	_ASM_EXTABLE(1##n##b, 8b)

static inline unsigned long patcher_arch_find_word(unsigned long at, unsigned long end,
						   unsigned long low, unsigned long span)
{
	unsigned long word;

	asm volatile("5:\n"
		     PATCHER_LOAD(0) PATCHER_LOAD(1) PATCHER_LOAD(2) PATCHER_LOAD(3)
		     PATCHER_LOAD(4) PATCHER_LOAD(5) PATCHER_LOAD(6) PATCHER_LOAD(7)
		     "	add	$64, %[at]\n"
		     "	cmp	%[end], %[at]\n"
		     "	jb	5b\n"
		     "8:	mov	%[end], %[at]\n"
		     "	jmp	9f\n"
		     PATCHER_FOUND(0) PATCHER_FOUND(1) PATCHER_FOUND(2) PATCHER_FOUND(3)
		     PATCHER_FOUND(4) PATCHER_FOUND(5) PATCHER_FOUND(6) PATCHER_FOUND(7)
		     "9:\n"
		     PATCHER_FIXUP(0) PATCHER_FIXUP(1) PATCHER_FIXUP(2) PATCHER_FIXUP(3)
		     PATCHER_FIXUP(4) PATCHER_FIXUP(5) PATCHER_FIXUP(6) PATCHER_FIXUP(7)
		     : [at] "+r" (at), [word] "=&r" (word)
		     : [low] "r" (low), [span] "r" (span), [end] "r" (end)
		     : "cc", "memory");
	return at;
}

#undef PATCHER_LOAD
#undef PATCHER_FOUND
#undef PATCHER_FIXUP

/* patcher_arch_load_word - one word, which may fault, and is then 0 */
static inline unsigned long patcher_arch_load_word(unsigned long at)
{
	unsigned long word = 0;

	asm volatile("1:	mov	(%[at]), %[word]\n"
		     "2:\n"
		     _ASM_EXTABLE(1b, 2b)
		     : [word] "+r" (word) : [at] "r" (at) : "memory");
	return word;
}

/*
 * patcher_arch_image_address - the kernel's own name for a place in its image
 *
 * The image is mapped a second time, at __START_KERNEL_map (arch/x86/mm/physaddr.c); symbols
 * have addresses there.
 */
static inline unsigned long patcher_arch_image_address(unsigned long physical)
{
	return physical - phys_base + __START_KERNEL_map;
}

/*
 * patcher_arch_is_interrupt_entry - is this return address in the code that leads from an
 * interrupted instruction into the kernel? By its name: arch/x86/entry/entry_64.S makes
 * asm_sysvec_*(), asm_common_interrupt() and so on.
 */
static inline bool patcher_arch_is_interrupt_entry(const char *symbol)
{
	return !strncmp(symbol, "asm_", 4);
}

/*
 * Evicting: it needs the functions below, and a stack on which each frame's return address can
 * be found for certain. An architecture without them says false, and evicting is refused there.
 */
static inline bool patcher_arch_can_evict(void)
{
#ifdef PATCHER_WITHOUT_EVICTION	/* a build that shows what is then refused */
	return false;
#else
	return IS_ENABLED(CONFIG_UNWINDER_ORC);
#endif
}

/* Visits one frame: a value other than 0 ends the walk. */
typedef int patcher_arch_visit_fn(void *data, unsigned long addr, unsigned long *slot);

int patcher_arch_walk(struct task_struct *task, patcher_arch_visit_fn *visit, void *data);
void patcher_arch_set_landing(void (*land)(void));
asmlinkage void __noreturn patcher_arch_landed(void);

/* The landing pad, and the address that the function called by it would return to. */
extern const char patcher_arch_pad[], patcher_arch_pad_end[];

/*
 * patcher_arch_return_zero - code that a function can begin with, and that returns 0
 *
 * Where the kernel is built for IBT, a function that is called through a pointer has to begin
 * with ENDBR; elsewhere that is left out if there is no room for it. Returns its size in bytes;
 * 0 if there is too little room.
 */
static inline unsigned int patcher_arch_return_zero(unsigned long room, const u8 **code)
{
	static const u8 text[] = {
		0xf3, 0x0f, 0x1e, 0xfa,	/* endbr64 */
		0x31, 0xc0,		/* xor %eax, %eax */
		0xc3,			/* ret */
	};
	const unsigned int endbr = 4;
	unsigned int left_out = 0;

	if (room < sizeof(text) && !IS_ENABLED(CONFIG_X86_KERNEL_IBT))
		left_out = endbr;
	*code = text + left_out;
	return room >= sizeof(text) - left_out ? sizeof(text) - left_out : 0;
}

#endif /* PATCHER_ARCH_X86_H */
