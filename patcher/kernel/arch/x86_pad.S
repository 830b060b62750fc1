/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The landing pad: where a task goes on whose return address, or instruction pointer, was
 * replaced by the pad's (kernel/divert.c).
 *
 * It is reached by a return or by an interrupt's return, with nothing known of the registers.
 * What the task has on its stack stays as it is: the stack pointer only goes down. A stack
 * trace ends here and is reliable, as the task never returns to what lies further out.
 */
#include <linux/linkage.h>
#include <linux/version.h>
#include <asm/asm.h>
#include <asm/smap.h>
#include <asm/unwind_hints.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 18, 0)
#include <linux/objtool.h>
#include <asm/ibt.h>
#endif

	.text
SYM_CODE_START(patcher_arch_pad_start)
	/* Renamed in 6.4 (fb799447ae29 "x86,objtool: Split UNWIND_HINT_EMPTY in two"). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	UNWIND_HINT_END_OF_STACK
#else
	UNWIND_HINT_EMPTY
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 18, 0)
	ANNOTATE_NOENDBR
#endif
	/* The unwinder looks up a return address less one: the hint has to begin before it. */
	int3
SYM_INNER_LABEL(patcher_arch_pad, SYM_L_GLOBAL)
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 18, 0)
	/* Needed where an interrupt's return restores that a branch is to be checked (FRED). */
	ENDBR
#endif
	cld
	ASM_CLAC
	andq	$-16, %rsp
	xorl	%ebp, %ebp
	/*
	 * The return address of what is called now may come to lie in the very word that led
	 * here. If it were the pad, a task that has landed would look like one that has not.
	 */
	leaq	patcher_arch_pad_end(%rip), %rax
	pushq	%rax
	jmp	patcher_arch_landed
SYM_INNER_LABEL(patcher_arch_pad_end, SYM_L_GLOBAL)
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 18, 0)
	ANNOTATE_NOENDBR
#endif
	int3
SYM_CODE_END(patcher_arch_pad_start)
