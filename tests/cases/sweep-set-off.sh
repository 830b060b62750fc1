#!/bin/sh
# What an exit has forgotten is set off after its module is kept and sealed: a timer and a work run
# out, a notifier is called, a file is read, an interrupt comes. Nothing of the module runs. When
# nothing leads into it any more, by itself or because it was undone from outside, it is freed by
# itself.
# kernels: 6.1
# splat *: not freed, but kept as
# timeout: 600
. /lib.sh
. /sweep.sh
plan 53

# kept_now KIND SYMBOL [PARAMETER]: as planted, and from then on none of it should run.
kept_now()
{
	SAID=""
	ok "$1: rmmod works" forget "$1" ${3+"$3"}
	like "$1: what is left is told" "$SAID" "^patcher: t_forget: still points into it: .* -> $2"
	like "$1: it is sealed" "$SAID" "^patcher: t_forget: sealed: [0-9]+ functions return at once, 0 were too short$"
	is "$1: it is kept" "$(state_of t_forget_kept)" "going -1"
	echo 1 >/sys/module/t_forget_kept/parameters/over
}

# undo KIND SYMBOL: deregisters what is at SYMBOL.
undo()
{
	insmod /targets/t_keep_undo.ko "$1=0x$(awk -v name="$2" '$3 == name && $4 == "[t_forget_kept]" { print $1 }' /proc/kallsyms)" &&
		rmmod t_keep_undo
}

# freed KIND: it is freed by itself.
freed()
{
	ok "$1: it is freed by itself" wait_for 60 logged "t_forget_kept: nothing points into it any more, freed"
	is "$1: and gone" "$(state_of t_forget_kept)" absent
}

sweep()
{
	echo 1 >/sys/kernel/patcher/t_forget_kept/sweep
}

interrupts()
{
	awk '$1 == "5:" { print $2 + $3 }' /proc/interrupts
}

ok "patcher guards every unload" guard_anew

# While a sweep that has found something begins again at once, the timer runs out at its time.
kept_now timer t_forget_timer seconds=$((5 * SLOW))
freed timer

kept_now dwork t_forget_dwork seconds=$((5 * SLOW))
freed dwork

kept_now hrtimer t_forget_hrtimer seconds=$((5 * SLOW))
freed hrtimer

kept_now netdevice t_forget_block
ok "netdevice: it is called" ip link set lo up
ok "netdevice: and again" ip link set lo down
ok "netdevice: it is undone" undo netdevice t_forget_block
ok "netdevice: it is looked for again" sweep
freed netdevice

kept_now proc t_forget_proc_ops
is "proc: a read of it is at its end" "$(cat /proc/t_forget)" ""
ok "proc: it is undone" sh -c '/sbin/insmod /targets/t_keep_undo.ko proc=t_forget && /sbin/rmmod t_keep_undo'
freed proc

kept_now irq t_forget_interrupt
before=$(interrupts)
ok "irq: it comes" sh -c '/sbin/insmod /targets/t_keep_undo.ko raise=1 && /sbin/rmmod t_keep_undo'
ok "irq: it was counted" [ "$(interrupts)" -gt "$before" ]
ok "irq: it is undone" undo irq t_forget_number
freed irq

# Its exit forgets nothing, but its file is still open: the operations have no owner.
insmod /targets/t_forget.ko how=misc undo=1
exec 5</dev/t_forget
log_mark
ok "file: rmmod works" rmmod t_forget
like "file: it is told" "$(log_since)" "^patcher: t_forget: still points into it: open file -> t_forget_fops"
is "file: a read is at its end" "$(cat <&5)" ""
exec 5<&-
ok "file: it is looked for again" sweep
freed file
ok "patcher goes" rmmod patcher
done_testing
