#!/bin/sh
# By slot: an exit marked __exit has no ftrace site. The slot changes, the function's
# text does not, and ftrace has nothing to do with it.
# splat 1: kernel BUG at
. /lib.sh
plan 11

ok "the target loads" insmod /targets/t_exitbug.ko
found=$(peek t_exitbug)
like "its exit is its own" "$found" "exit=[0-9a-f]+\(t_exitbug_exit "
ok "the stub loads" insmod /stubs/stub_noop.ko
ok "armed" insmod /patcher.ko target=t_exitbug stub=stub_noop
like "the slot leads to the stub" "$(peek t_exitbug)" "exit=[0-9a-f]+\(noop_cleanup "
is "ftrace lists the gate only" "$(sed 's/ .*//' /sys/kernel/tracing/enabled_functions)" free_module
ok "patcher goes" rmmod patcher
is "the slot is as it was found" "$(peek t_exitbug)" "$found"
insmod /patcher.ko target=t_exitbug stub=stub_noop
ok "armed again, rmmod works" rmmod t_exitbug
ok "patcher goes" rmmod patcher
insmod /targets/t_exitbug.ko
fails "control: without patcher the exit dies" rmmod t_exitbug
done_testing
