#!/bin/sh
# 5c where nobody can be let go: with quarantine=1 the target is put aside, under another
# name and with its memory, and its own name is free at once. Should the task come back
# after all, it is evicted, and the quarantine can be unloaded.
# timeout: 300
. /lib.sh
. /stuck.sh
plan 113

for how in completion kmalloc wait_event deep pointer recursive down; do
	scene_quarantine $how exit
done
churns
done_testing
