#!/bin/sh
# A CPU goes and comes back at each step of a rescue: before it is armed, while it is, while a
# stuck task is waited for, under quarantine, while rmmod waits for a thread inside. The same
# with the machine suspended as far as that goes without sleeping, all CPUs but one off.
# timeout: 240
. /lib.sh
. /several.sh
. /stuck.sh
plan 64

CPU=/sys/devices/system/cpu/cpu1/online

# cpu 0 or 1: takes it away, or gives it back. One result.
cpu()
{
	ok "${2-}cpu1 is $1" eval "echo $1 >$CPU && [ \"\$(cat $CPU)\" = $1 ]"
}

both_armed()
{
	is "$1: both are armed" "$(arm 't_exitoops stub_noop')$(arm 't_exitbug stub_noop')$(
		cat "$SYSFS/t_exitoops/method" "$SYSFS/t_exitbug/method" | tr '\n' ' ')" "ftrace slot "
}

both_load()
{
	insmod /targets/t_exitoops.ko
	insmod /targets/t_exitbug.ko
}

# Armed, by ftrace and by slot.
insmod /patcher.ko
insmod /stubs/stub_noop.ko
both_load
both_armed "gone while armed"
cpu 0
ok "rmmod works" rmmod t_exitoops t_exitbug
both_load
both_armed "gone when arming"
cpu 1
ok "rmmod works" rmmod t_exitoops t_exitbug
both_load
both_armed "gone and back"
cpu 0
cpu 1
ok "rmmod works" rmmod t_exitoops t_exitbug
both_load
both_armed "put back without it"
cpu 0
is "disarmed" "$(disarm t_exitoops)$(disarm t_exitbug)" ""
cpu 1
both_armed "and again"
ok "rmmod works" rmmod t_exitoops t_exitbug

# Suspended, where the kernel can do that for a test. What is written to state returns then.
both_load
both_armed "suspended"
log_mark
if [ -e /sys/power/pm_test ]; then
	echo 1 >/sys/module/suspend/parameters/pm_test_delay
	echo processors >/sys/power/pm_test
	ok "the machine is suspended" eval "echo mem >/sys/power/state"
	like "cpu1 was off" "$(log_since)" "CPU 1 is now offline"
	echo none >/sys/power/pm_test
else
	fails "there is no suspending" grep -q . /sys/power/state
	unlike "cpu1 was not off" "$(log_since)" "CPU 1 is now offline"
fi
is "cpu1 is there" "$(cat $CPU)" 1
ok "rmmod works" rmmod t_exitoops t_exitbug
ok "patcher and stub unload" rmmod patcher stub_noop

# A stuck task is waited for, and caught.
for first in 0 1; do
	stuck_start completion exit
	[ $first = 1 ] || cpu 0 "waited for: "
	waited_for completion
	cpu $((1 - first)) "waited for: "
	[ $first = 0 ] || cpu 1 "waited for: "
	let_go
	stuck_ends "waited for: its rmmod was killed" 137
	ok "waited for: insmod patcher ends" wait_for 20 ended "$ARMER"
	is "waited for: nothing more of the target has run" "$(value after)" 0
	ok "waited for: rmmod works" rmmod t_stuck
	ok "waited for: patcher and stub unload" rmmod patcher t_stuck_idle
	ok "waited for: a fixed build loads and goes" fixed_goes t_stuck
done

# Under quarantine.
put_aside "aside" completion exit
cpu 0 "aside: "
ok "aside: a fixed build loads and goes" fixed_goes t_stuck
cpu 1 "aside: "
cpu 0 "aside: "
let_go t_stuck_quarantine
stuck_ends "aside: its rmmod was killed" 137
is "aside: nothing more of the target has run" "$(value after t_stuck_quarantine)" 0
cpu 1 "aside: "
taken_back "aside"

# rmmod waits for a thread inside.
insmod /targets/t_inside.ko
insmod /targets/t_inside_stub.ko
echo 1 >/sys/module/t_inside/parameters/sleep
thread=$(cat /sys/module/t_inside/parameters/sleep)
ok "inside: armed" insmod /patcher.ko target=t_inside stub=t_inside_stub
bg rmmod t_inside
rmmod=$BG
ok "inside: rmmod waits" wait_for 20 logged "t_inside: its exit has run, but it is not freed yet"
cpu 0 "inside: "
fails "inside: rmmod still waits" ended "$rmmod"
cpu 1 "inside: "
kill -USR1 "$thread"
ok "inside: the thread leaves, rmmod ends" wait_for 20 ended "$rmmod"
ok "inside: patcher and stub unload" wait_for 20 unload patcher t_inside_stub
churns
done_testing
