#!/bin/sh
# rmmod patcher before rmmod of the target puts back what was found: state, count, exit
# and the exit's first bytes, in every situation and by both methods.
# splat 2: BUG: kernel NULL pointer dereference
# splat 1: kernel BUG at
# leaks: do_init_module
. /lib.sh
plan 36

# restores NAME TARGET [stub]: five results.
restores()
{
	local found armed
	found=$(peek "$2")
	ok "$1: armed" insmod /patcher.ko target="$2" ${3:+stub="$3"}
	armed=$(peek "$2")
	unlike "$1: it is not as it was found" "$armed" "^$(echo "$found" | sed 's/[][().+*]/\\&/g')$"
	like "$1: it is LIVE" "$armed" "^state=LIVE\(0\) refcnt=1 "
	ok "$1: patcher goes" rmmod patcher
	is "$1: it is as it was found" "$(peek "$2")" "$found"
}

insmod /stubs/stub_noop.ko

insmod /targets/t_noexit.ko
restores "no exit" t_noexit stub_noop

insmod /targets/t_leak.ko leak=5
restores "leaked" t_leak

insmod /targets/t_exitoops.ko
restores "LIVE, by ftrace" t_exitoops stub_noop

rmmod t_exitoops
restores "GOING at -1, by ftrace" t_exitoops stub_noop

insmod /targets/t_exitbug.ko
restores "LIVE, by slot" t_exitbug stub_noop

rmmod t_exitbug
restores "GOING at -1, by slot" t_exitbug stub_noop

init_dies "an init dies" /targets/t_misc.ko
restores "COMING" t_misc stub_noop
done_testing
