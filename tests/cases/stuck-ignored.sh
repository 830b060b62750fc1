#!/bin/sh
# The negative control of all that is done about tasks inside: a tool that only sets state,
# count and exit gets the module unloaded as well. The task that was stuck in it then goes
# on in memory that is free. (With 2 MB pages newer kernels fill that with breakpoints, and
# one of those is a panic at once: so without.)
# splat 1: BUG: unable to handle page fault
# qemu: -cpu max,pse=off
. /lib.sh
. /stuck.sh
plan 7

stuck_start msleep exit
insmod /targets/t_poke.ko
fails "rmmod fails" rmmod t_stuck
ok "its state, count and exit are set" eval 'echo t_stuck >/sys/module/t_poke/parameters/target'
is "it looks as good as new" "$(state_of t_stuck)" "live 0"
ok "rmmod frees it, with the first one inside" rmmod t_stuck
stuck_ends "the first one dies in it" 137
like "with its instruction pointer there" "$(dmesg)" "RIP: .*0xffffffffc0[0-9a-f]+"
done_testing
