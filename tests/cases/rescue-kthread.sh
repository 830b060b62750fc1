#!/bin/sh
# 5b: an exit that hits BUG() after it has stopped its kthread; a timer and a delayed
# work go on. The stub stops them, and a thread that is still alive too.
# splat 1: kernel BUG at
. /lib.sh
plan 23

count()
{
	cat "/sys/module/t_kthread/parameters/$1"
}

more_than()
{
	[ "$(count "$1")" -gt "$2" ]
}

ok "it loads" insmod /targets/t_kthread.ko
ok "its thread works" wait_for 10 more_than loops 1
fails "its exit hits the BUG" rmmod t_kthread
is "it is stuck" "$(state_of t_kthread)" "going -1"
wedged t_kthread
ticks=$(count ticks) works=$(count works)
ok "its timer goes on" wait_for 10 more_than ticks "$ticks"
ok "its work goes on" wait_for 10 more_than works "$works"
rescue t_kthread stub_kthread "situation 5b" "by slot"
ok "a fixed build loads" insmod /fixed/t_kthread.ko
ok "its thread works" wait_for 10 more_than loops 1
like "it is there" "$(pidof t_kthread)" "^[0-9]+$"
ok "its work too" wait_for 10 more_than works 1
ok "it unloads" rmmod t_kthread
is "no thread of it stays" "$(pidof t_kthread)" ""
done_testing
