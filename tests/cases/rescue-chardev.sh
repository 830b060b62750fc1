#!/bin/sh
# 5b: a character device whose exit oopses half way, redirected by ftrace. After the
# rescue its name, device number, class and node are free, and the fixed build works.
# splat 1: BUG: kernel NULL pointer dereference
. /lib.sh
plan 25

registered()
{
	grep -c t_chardev /proc/devices
	ls -d /sys/class/t_chardev /dev/t_chardev 2>/dev/null
}

ok "it loads" insmod /targets/t_chardev.ko
is "it works" "$(cat /dev/t_chardev)" "t_chardev: ok"
fails "its exit oopses" rmmod t_chardev
is "it is stuck" "$(state_of t_chardev)" "going -1"
wedged t_chardev
is "half of it is still registered" "$(registered | xargs)" "1 /sys/class/t_chardev"
rescue t_chardev stub_chardev "situation 5b" "by ftrace"
is "all of it is free" "$(registered | xargs)" "0"
ok "a fixed build loads" insmod /fixed/t_chardev.ko
is "it works" "$(cat /dev/t_chardev)" "t_chardev: ok"
ok "it unloads" rmmod t_chardev
is "nothing of it stays" "$(registered | xargs)" "0"
done_testing
