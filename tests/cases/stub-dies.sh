#!/bin/sh
# The stub's own routine oopses where patcher calls it: its task dies, and nothing else. insmod of
# patcher fails with an error of its own, the target is as it was found, and a better stub works
# at once. In the hook .evicted it is the victim that dies, which was to end anyhow.
# splat 4: BUG: kernel NULL pointer dereference
# timeout: 300
. /lib.sh
. /stuck.sh
plan 50

# An oops and a rescue set the taints that each of them would add below.
insmod /targets/t_exitoops.ko
fails "control: what dies in rmmod takes that along" rmmod t_exitoops
rescue t_exitoops stub_noop "situation 5b" "by ftrace"

# bad HOW PARAMETER...: the target is stuck, and that stub is loaded. One result.
bad()
{
	stuck_start "$1" exit
	shift
	insmod /targets/t_stuck_bad.ko "$@"
}

bad completion release=dies
refused "release dies: refused with an error of its own" "Operation canceled" \
	'patcher: t_stuck: refused: the .release of t_stuck_bad died; see the oops above.*\(-ECANCELED\)' \
	target=t_stuck stub=t_stuck_bad
unlike "release dies: nobody was evicted" "$(cat /run/logged)" "patcher: .*evicted"
still_stuck "release dies"
ok "release dies: the stub unloads" rmmod t_stuck_bad
rescued completion both

bad completion release=idle cleanup=dies
refused "cleanup dies: refused, and it has its own name" "Operation canceled" \
	'patcher: t_stuck: refused: the .cleanup of t_stuck_bad died; see the oops above.*\(-ECANCELED\)' \
	target=t_stuck stub=t_stuck_bad quarantine=1 timeout_ms=500
still_stuck "cleanup dies"
ok "cleanup dies: the stub unloads" rmmod t_stuck_bad
rescued completion both

# The victim is killed by its oops, not by patcher.
bad completion evicted=dies
ok "evicted dies: patcher succeeds" insmod /patcher.ko target=t_stuck stub=t_stuck_bad
stuck_ends "evicted dies: its rmmod is dead" 137
is "evicted dies: nothing more of the target has run" "$(value after)" 0
is "evicted dies: the target can be unloaded" "$(state_of t_stuck)" "live 0"
ok "evicted dies: rmmod works" rmmod t_stuck
ok "evicted dies: patcher and stub unload at once" rmmod patcher t_stuck_bad
ok "evicted dies: all that it had registered is free" fixed_goes t_stuck

is "no thread of patcher's stays" "$(pidof patcher/release patcher/cleanup)" ""
for module in chardev exitoops kthread misc; do
	insmod /fixed/t_$module.ko
done
ok "others load" loaded t_misc
churns
done_testing
