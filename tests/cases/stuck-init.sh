#!/bin/sh
# 2b: an insmod that hangs in init: in a wait that nobody ends, in a poll, in .init.text.
# Let go, it ends its work, and the module is loaded; or it is evicted, and the module,
# which was never loaded, is unloaded by plain rmmod.
# leaks: do_init_module
# timeout: 600
. /lib.sh
. /stuck.sh
plan 98

for how in completion msleep marked; do
	scene_let $how init
	scene_evict $how init
done
scene_evict msleep init idle
scene_refuse completion init
scene_quarantine completion init
churns
done_testing
