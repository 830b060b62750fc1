// SPDX-License-Identifier: GPL-2.0
/*
 * What patcher needs to know of x86-64 and is too large for the header. arch.h says what each
 * function has to do.
 */
#include <linux/bug.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <asm/ptrace.h>
#include <asm/unwind.h>

#include "kernel/arch/x86.h"
#include "kernel/compat.h"

#ifdef CONFIG_UNWINDER_ORC
/*
 * Where the address of this frame is kept: in the registers that an interrupt has saved, or
 * right below the frame of its caller. (unwind_get_return_address_ptr() in
 * arch/x86/kernel/unwind_orc.c, 5.10 to 7.3, is not exported.)
 */
static unsigned long *slot_of_frame(const struct unwind_state *state)
{
	return state->regs ? &state->regs->ip : (unsigned long *)state->sp - 1;
}

__no_sanitize_address int patcher_arch_walk(struct task_struct *task, patcher_arch_visit_fn *visit,
					    void *data)
{
	struct unwind_state state;
	struct pt_regs *regs;
	unsigned long addr;
	int result;

	for (unwind_start(&state, task, NULL, NULL); !unwind_done(&state) && !unwind_error(&state);
	     unwind_next_frame(&state)) {
		regs = unwind_get_entry_regs(&state, NULL);
		if (regs && user_mode(regs))
			return 0;
		addr = unwind_get_return_address(&state);
		if (!addr)
			return -EAGAIN;
		result = visit(data, addr, slot_of_frame(&state));
		if (result)
			return result;
	}
	return unwind_error(&state) ? -EAGAIN : 0;
}
#else
/* With frame pointers, a task that was preempted has no stack that can be read for certain. */
int patcher_arch_walk(struct task_struct *task, patcher_arch_visit_fn *visit, void *data)
{
	return -EOPNOTSUPP;
}
#endif

/*
 * As a function finds things that is called in process context, whatever the task was doing.
 */
static void settle_in_process_context(void)
{
	if (irqs_disabled())
		local_irq_enable();
	while (softirq_count() && !in_serving_softirq())
		local_bh_enable();
	if (preempt_count())
		preempt_count_set(PREEMPT_ENABLED);
	patcher_enable_migration();
	__set_current_state(TASK_RUNNING);
}

static void (*landing)(void);

void patcher_arch_set_landing(void (*land)(void))
{
	landing = land;
}

/* From the pad. */
asmlinkage void __noreturn patcher_arch_landed(void)
{
	settle_in_process_context();
	landing();
	BUG();
}
