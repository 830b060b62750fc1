#!/bin/sh
# 5c: exit looks again and again for something that never comes, and sleeps in between. It
# comes round by itself, so it is evicted whether a stub lets it go or not.
# timeout: 300
. /lib.sh
. /stuck.sh
plan 42

scene_let msleep exit
for kind in both idle clean; do
	scene_evict msleep exit $kind
done
churns
done_testing
