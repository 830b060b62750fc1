#!/bin/sh
# The negative control of gate-keep: without patcher, rmmod frees the memory of a module whose
# exit has forgotten its device, and whoever opens a device next dies.
# kernels: 6.1 7.3
# splat 1: BUG: unable to handle page fault|BUG: kernel NULL pointer dereference
. /lib.sh
plan 4

ok "the target loads" insmod /targets/t_keep.ko how=misc
ok "rmmod works" rmmod t_keep
is "it is gone" "$(state_of t_keep)" absent
fails "who opens the device dies" cat /dev/t_keep
done_testing
