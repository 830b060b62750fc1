/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What depends on the architecture: one file for each, and the same functions in all of them.
 *
 * patcher_arch_in_module_syscall	is a user task loading or unloading a module?
 * patcher_arch_in_finit_module		is it in finit_module(), and with which descriptor?
 * patcher_arch_may_be_using		may its system call be using this descriptor?
 * patcher_arch_stack_pointer		where the used part of a sleeping task's stack begins
 * patcher_arch_read			read memory that may not be there
 * patcher_arch_find_word		the first word of a page that is in a range
 * patcher_arch_load_word		read a word of memory that may be taken away
 * patcher_arch_image_address		where a physical address in the kernel's image has symbols
 * patcher_arch_is_interrupt_entry	does a return address lead back to an interrupted
 *					instruction?
 * patcher_arch_return_zero		code for the beginning of a function that returns 0
 * patcher_arch_can_evict		are the following there? If not, evicting is refused
 * patcher_arch_walk			visit the frames of a task that stands still, the innermost
 *					first: its address, and the word that keeps it. The walk
 *					ends where the task came from user mode. 0, -EAGAIN if not
 *					all of the stack could be read, or what the visitor says
 * patcher_arch_pad			where a task goes on if such a word is replaced by this
 *					address: from there it comes to the function set by
 *					patcher_arch_set_landing(), in process context, whatever
 *					it was doing. It has not landed as long as its innermost
 *					word of that value is the one that was replaced
 */
#ifndef PATCHER_ARCH_H
#define PATCHER_ARCH_H

#if defined(CONFIG_X86_64)
#include "kernel/arch/x86.h"
#else
#error "patcher knows x86-64 only"
#endif

#endif /* PATCHER_ARCH_H */
