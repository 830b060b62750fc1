#!/bin/sh
# 2a: an init that dies after it has registered a misc device. The stub unregisters
# it; the same file can be loaded, and wedged, and rescued again.
# splat 2: BUG: kernel NULL pointer dereference
# leaks: do_init_module
. /lib.sh
plan 31

registered()
{
	grep -c t_misc /proc/misc
	ls -d /sys/class/misc/t_misc /dev/t_misc 2>/dev/null
}

init_dies "its init oopses" /targets/t_misc.ko
is "it is stuck" "$(state_of t_misc)" "coming 1"
wedged t_misc
is "the device is there" "$(registered | xargs)" "1 /dev/t_misc /sys/class/misc/t_misc"
rescue t_misc stub_misc "situation 2a" "by slot"
is "it is free" "$(registered | xargs)" "0"
init_dies "the same file oopses again" /targets/t_misc.ko
is "and is stuck again" "$(state_of t_misc)" "coming 1"
rescue t_misc stub_misc "situation 2a" "by slot"
is "it is free again" "$(registered | xargs)" "0"
ok "a fixed build loads" insmod /fixed/t_misc.ko
is "it works" "$(cat /dev/t_misc)" "t_misc: ok"
ok "it unloads" rmmod t_misc
is "nothing of it stays" "$(registered | xargs)" "0"
done_testing
