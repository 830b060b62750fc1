#!/bin/sh
# 5c where nobody can be let go: with quarantine=1 the target is put aside, under another
# name and with its memory, and its own name is free at once. Should the task come back
# after all, it is evicted, and the quarantine can be unloaded.
# timeout: 600
. /lib.sh
. /stuck.sh
plan 172

for how in completion kmalloc wait_event deep pointer recursive down rtnl two; do
	scene_quarantine $how exit
done
for how in mutex flush_work kthread_stop; do
	scene_aside $how
done
churns
done_testing
