#!/bin/sh
# 5a: a network device whose exit is known to be broken, and was not run: redirected in
# time, the exit never oopses, and the interface goes.
. /lib.sh
plan 17

interface()
{
	[ -d /sys/class/net/tnet0 ] && echo tnet0
}

ok "it loads" insmod /targets/t_netdev.ko
ok "its interface comes up" ip link set tnet0 up
rescue t_netdev stub_netdev "situation 5a" "by slot"
is "the interface is gone" "$(interface)" ""
ok "a fixed build loads" insmod /fixed/t_netdev.ko
ok "its interface comes up" ip link set tnet0 up
ok "it unloads" rmmod t_netdev
is "nothing of it stays" "$(interface)" ""
unlike "nothing waits for the device" "$(dmesg)" "waiting for tnet0"
done_testing
