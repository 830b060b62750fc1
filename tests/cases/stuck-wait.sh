#!/bin/sh
# 5c: exit waits for a completion, or on a wait queue, that nobody wakes: static, allocated,
# some calls deep, in .exit.text. Who is let go either ends its work, or is evicted before
# one more instruction of the target runs.
# timeout: 600
. /lib.sh
. /stuck.sh
plan 234

for how in completion kmalloc wait_event deep pointer recursive marked; do
	scene_let $how exit
	scene_evict $how exit
done
# What lies in the target's own data is found and woken without a release.
for how in completion wait_event; do
	scene_evict $how exit clean
done
for how in completion kmalloc wait_event deep pointer recursive; do
	scene_refuse $how exit
done
churns
done_testing
