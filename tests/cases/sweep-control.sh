#!/bin/sh
# The negative control of sweep-*: without patcher, rmmod frees the memory of a module whose exit
# has forgotten a timer, and the guest dies when it runs out. Before that: while t_forget is loaded,
# what runs of it says so, which nothing in sweep-set-off does.
# kernels: 6.1
# splat 1: BUG: t_forget: it runs though it is over
# splat 1: BUG: unable to handle page fault|BUG: kernel NULL pointer dereference|general protection
# splat *: Kernel panic - not syncing: Fatal exception in interrupt
. /lib.sh
plan 5

ok "a module with a file loads" insmod /targets/t_forget.ko how=proc undo=1
echo 1 >/sys/module/t_forget/parameters/over
ok "its file is read, and it runs" cat /proc/t_forget
ok "it goes" rmmod t_forget
ok "one that forgets its timer loads" insmod /targets/t_forget.ko how=timer seconds=5
ok "rmmod works" rmmod t_forget
# Its memory is used by others.
i=0
while [ $i -lt 5 ]; do
	insmod /targets/t_leak.ko && rmmod t_leak
	i=$((i + 1))
done
! wait_for 60 false

done_testing
