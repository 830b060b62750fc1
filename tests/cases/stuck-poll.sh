#!/bin/sh
# 5c: exit looks again and again for something that never comes, and sleeps in between. It
# comes round by itself, so it is evicted whether a stub lets it go or not.
# timeout: 300
. /lib.sh
. /stuck.sh
plan 46

scene_let msleep exit
for kind in both idle clean; do
	scene_evict msleep exit $kind
done

# The time for which it is waited begins when the release has ended.
stuck_start msleep exit ends_ms=3000
insmod /targets/t_stuck_let.ko release_ms=3000
ok "a slow release: patcher succeeds" insmod /patcher.ko target=t_stuck stub=t_stuck_let
stuck_ends "a slow release: its rmmod succeeds" 0
ok "a slow release: patcher and stub unload at once" rmmod patcher t_stuck_let
churns
done_testing
