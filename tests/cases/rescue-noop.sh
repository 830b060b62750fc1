#!/bin/sh
# Three that registered nothing, with stub_noop: an exit that oopses (ftrace), one that
# hits BUG() (marked __exit, slot), and none at all (slot).
# splat 1: BUG: kernel NULL pointer dereference
# splat 1: kernel BUG at
. /lib.sh
plan 43

ok "t_exitoops loads" insmod /targets/t_exitoops.ko
fails "its exit oopses" rmmod t_exitoops
wedged t_exitoops
rescue t_exitoops stub_noop "situation 5b" "t_exitoops_exit .* by ftrace"
ok "a fixed build loads" insmod /fixed/t_exitoops.ko
ok "it unloads" rmmod t_exitoops

ok "t_exitbug loads" insmod /targets/t_exitbug.ko
fails "its exit hits the BUG" rmmod t_exitbug
wedged t_exitbug
rescue t_exitbug stub_noop "situation 5b" "t_exitbug_exit .* by slot, as the function has no ftrace site"
ok "a fixed build loads" insmod /fixed/t_exitbug.ko
ok "it unloads" rmmod t_exitbug

ok "t_noexit loads" insmod /targets/t_noexit.ko
fails "rmmod fails" rmmod t_noexit
rescue t_noexit stub_noop "situation 3" "gave it the exit .* by slot"
ok "a fixed build loads" insmod /fixed/t_noexit.ko
ok "it unloads" rmmod t_noexit
done_testing
