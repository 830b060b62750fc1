#!/bin/sh
# 5c: exit waits for a work or a thread of the module's own that is stuck itself, or is
# stuck beside one. A worker thread of the kernel's is not to be killed with it.
# timeout: 600
. /lib.sh
. /stuck.sh
plan 105

for how in flush_work kthread_stop two; do
	scene_let $how exit
	scene_evict $how exit
	scene_refuse $how exit
done

# What exit waits for comes from a thread that is evicted, and takes longer for its end than
# patcher waits: exit has as much time again.
stuck_start two exit
insmod /targets/t_stuck_both.ko evicted_ms=1500 late_ms=500
log_mark
ok "two, late: patcher succeeds" insmod /patcher.ko target=t_stuck stub=t_stuck_both force=1 timeout_ms=1000
like "two, late: the thread was evicted" "$(log_since)" "patcher: t_stuck: evicted t_stuck\["
like "two, late: and its rmmod" "$(log_since)" "patcher: t_stuck: evicted rmmod\[$STUCK\]"
stuck_ends "two, late: which was killed" 137
ok "two, late: rmmod works" rmmod t_stuck
ok "two, late: patcher and stub unload at once" rmmod patcher t_stuck_both
is "no thread of it stays" "$(pidof t_stuck)" ""
churns
done_testing
