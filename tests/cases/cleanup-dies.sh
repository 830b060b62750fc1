#!/bin/sh
# The stub's own cleanup oopses, by ftrace and by slot: the target is as wedged as before,
# the rescue ends with rmmod patcher, and another one with a better stub works.
# splat 3: BUG: kernel NULL pointer dereference
# splat 1: kernel BUG at
. /lib.sh
plan 36

# dies TARGET METHOD
dies()
{
	ok "$1 loads" insmod "/targets/$1.ko"
	fails "its exit dies" rmmod "$1"
	found=$(peek "$1")
	ok "the bad stub loads" insmod /targets/t_stub_dies.ko
	log_mark
	ok "armed" insmod /patcher.ko target="$1" stub=t_stub_dies
	like "$2" "$(log_since)" "$2"
	fails "the cleanup dies, and rmmod with it" rmmod "$1"
	like "it is GOING again" "$(peek "$1")" "^state=GOING\(2\) refcnt=0 "
	ok "patcher goes all the same" rmmod patcher
	like "and says how it left the target" "$(log_since)" \
		"patcher: $1: its rmmod has died in the cleanup; it is GOING, with the exit that it had"
	is "exit and text are as they were found" "$(peek "$1")" "$found"
	ok "the bad stub goes" rmmod t_stub_dies
}

dies t_exitoops "by ftrace"
is "ftrace lists nothing" "$(cat /sys/kernel/tracing/enabled_functions)" ""
insmod /stubs/stub_noop.ko
ok "armed with a better stub" insmod /patcher.ko target=t_exitoops stub=stub_noop
ok "rmmod works" rmmod t_exitoops
ok "all of it goes" rmmod patcher stub_noop
ok "the same file loads again" insmod /targets/t_exitoops.ko

dies t_exitbug "by slot"
rescue t_exitbug stub_noop "situation 5b" "by slot"
done_testing
