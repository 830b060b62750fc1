#!/bin/sh
# The negative control of all that is done about tasks inside: a tool that only sets state,
# count and exit gets the module unloaded as well. The task that was stuck in it then goes
# on with data and text that are free. KASAN sees the first of that, and other kernels only
# what faults. (With 2 MB pages newer kernels fill free text with
# breakpoints, and one of those is a panic at once: so without.)
# splat *: BUG: (unable to handle page fault|KASAN: )
# append: clearcpuid=3
# timeout: 240
. /lib.sh
. /stuck.sh
plan 8

stuck_start timeout exit
insmod /targets/t_poke.ko frees="$(value polled)"
fails "rmmod fails" rmmod t_stuck
ok "its state, count and exit are set" eval 'echo t_stuck >/sys/module/t_poke/parameters/target'
is "it looks as good as new" "$(state_of t_stuck)" "live 0"
ok "rmmod frees it, with the first one inside" rmmod t_stuck
stuck_ends "the first one dies in it" 137
like "with its instruction pointer there" "$(dmesg)" "RIP: .*0xffffffffc0[0-9a-f]+"
if grep -q ' kasan_report$' /proc/kallsyms; then
	like "KASAN has seen it before" "$(dmesg)" "BUG: KASAN: .*use-after-free in "
else
	unlike "nothing has seen it before" "$(dmesg)" "BUG: KASAN"
fi
done_testing
