#!/bin/sh
# rmmod patcher while the target's rmmod is in the cleanup: nothing can be restored then,
# and the stub must stay. It waits, says for what, and ends when that rmmod has ended.
# A signal to the target's rmmod ends the gate's sweep, too: rmmod patcher sweeps once more.
# splat *: not freed, but kept as
. /lib.sh
plan 15

in_cleanup()
{
	grep -q slow_cleanup "/proc/$1/stack"
}

log_has()
{
	[ "$(log_since | grep -Ec "$1")" -ge "$2" ]
}

# waits TARGET
waits()
{
	insmod "/targets/$1.ko"
	insmod /targets/t_stub_slow.ko
	insmod /patcher.ko target="$1" stub=t_stub_slow
	log_mark
	bg rmmod "$1"
	local target=$BG
	ok "the rmmod of $1 is in the cleanup" wait_for 10 in_cleanup "$target"
	bg rmmod patcher
	local patcher=$BG
	ok "rmmod patcher waits, and says for what" wait_for 20 log_has \
		"patcher: $1: rmmod patcher waits until the rmmod of it has ended" 2
	fails "both are still there" eval "ended $target || ended $patcher"
	kill "$target"
	ok "the cleanup ends, and so do both" wait_for 20 eval "ended $target && ended $patcher"
	is "the target is gone" "$(state_of "$1")" absent
	is "and was freed" "$(state_of "$1_kept")" absent
	ok "so is patcher, and its stub goes" rmmod t_stub_slow
}

waits t_exitoops
waits t_exitbug
is "ftrace lists nothing" "$(cat /sys/kernel/tracing/enabled_functions)" ""
done_testing
