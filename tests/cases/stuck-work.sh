#!/bin/sh
# 5c: exit waits for a work or a thread of the module's own that is stuck itself, or is
# stuck beside one. A worker thread of the kernel's is not to be killed with it.
# timeout: 600
. /lib.sh
. /stuck.sh
plan 98

for how in flush_work kthread_stop two; do
	scene_let $how exit
	scene_evict $how exit
	scene_refuse $how exit
done
is "no thread of it stays" "$(pidof t_stuck)" ""
churns
done_testing
