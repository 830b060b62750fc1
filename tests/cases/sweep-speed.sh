#!/bin/sh
# How long an unload takes with guard=1 when nothing is left, in a guest of 1 GiB, from the exit to
# freed: it is printed, and bounded only so that it does not take minutes. The log has the figures
# where the kernel has dynamic debug.
# kernels: 6.1 7.3
# modules: dummy
# memory: 1G
. /lib.sh
. /sweep.sh
plan 8

# unload_timed MODULE: sets TOOK to the centiseconds.
unload_timed()
{
	local before

	now
	before=$NOW
	rmmod "$1" || return
	now
	TOOK=$((NOW - before))
}

ok "patcher guards every unload" insmod /patcher.ko guard=1 dyndbg=+p
best=100000
for round in 1 2 3 4 5; do
	modprobe dummy
	ok "dummy goes, $round" unload_timed dummy
	echo "it took ${TOOK}0 ms" | diag
	[ "$TOOK" -ge "$best" ] || best=$TOOK
done
dmesg | sed -n 's/.*patcher: \(dummy: swept\)/\1/p' | diag
ok "the shortest took under ten seconds, ${best}0 ms" [ "$best" -lt $((1000 * SLOW)) ]
ok "patcher goes" rmmod patcher
done_testing
