#!/bin/sh
# guard=1: plain rmmod of any module goes through the gate. A healthy one is freed, one that has
# forgotten something is kept. Without guard nothing of that.
# splat *: not freed, but kept as
# modules: dummy brd
# timeout: 240
. /lib.sh
plan 19

ok "patcher loads, idle" insmod /patcher.ko
is "free_module() is not redirected" "$(grep -c '^free_module ' /sys/kernel/tracing/enabled_functions)" 0
ok "patcher goes" rmmod patcher
log_mark
ok "it loads with guard=1" insmod /patcher.ko guard=1
is "free_module() is redirected" "$(grep -c '^free_module .*I' /sys/kernel/tracing/enabled_functions)" 1
for module in dummy brd; do
	ok "$module loads" modprobe "$module"
	ok "$module goes" rmmod "$module"
	is "and is freed" "$(state_of "$module") $(state_of "${module}_kept")" "absent absent"
done
ok "a healthy module loads" insmod /targets/t_keep.ko
ok "and goes" rmmod t_keep
ok "one that forgets its device loads" insmod /targets/t_keep.ko how=misc
ok "and goes" rmmod t_keep
like "the log says what is left" "$(log_since)" "patcher: t_keep: still points into it: .*t_keep_misc"
is "it is kept" "$(state_of t_keep_kept)" "going -1"
ok "patcher goes" rmmod patcher
is "free_module() is not redirected any more" "$(grep -c '^free_module ' /sys/kernel/tracing/enabled_functions)" 0
done_testing
