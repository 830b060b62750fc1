#!/bin/sh
# 5b: the same network device after its exit has oopsed: rmmod is dead, the interface
# still there.
# splat 1: BUG: kernel NULL pointer dereference
. /lib.sh
plan 17

ok "it loads" insmod /targets/t_netdev.ko
ok "its interface comes up" ip link set tnet0 up
fails "its exit oopses" rmmod t_netdev
wedged t_netdev
ok "its interface is there" test -d /sys/class/net/tnet0
rescue t_netdev stub_netdev "situation 5b" "by slot"
fails "the interface is gone" test -d /sys/class/net/tnet0
ok "a fixed build loads" insmod /fixed/t_netdev.ko
done_testing
