#!/bin/sh
# 5c where nobody can be let go: with quarantine=1 the target is put aside, under another
# name and with its memory, and its own name is free at once. Should the task come back
# after all, it is evicted, and the quarantine can be unloaded.
# timeout: 600
. /lib.sh
. /stuck.sh
plan 184

for how in completion kmalloc wait_event deep pointer recursive down rtnl two; do
	scene_quarantine $how exit
done
for how in mutex flush_work kthread_stop; do
	scene_aside $how
done
churns

# A worker thread of the kernel's is not ended: it never comes back, and sleeps in patcher.
# Others do its work.
put_aside stray stray exit
let_go t_stuck_quarantine
ok "stray: let go, its rmmod ends" wait_for 20 ended "$STUCK"
parked()
{
	log_since | grep -Eq "patcher: t_stuck(_quarantine)?: parked kworker/[^ ]+\[[0-9]+\] at t_stuck_stray_fn\+"
}
ok "stray: the worker is parked" wait_for 20 parked
is "stray: nothing more of the target has run" "$(value after t_stuck_quarantine) $(value others t_stuck_quarantine)" "0 0"
ok "stray: rmmod t_stuck_quarantine works" wait_for 20 rmmod t_stuck_quarantine
ok "stray: a fixed build loads and goes" fixed_goes t_stuck
fails "stray: patcher stays, as the worker is in it" rmmod patcher
stuck_start flush_work exit
let_go
ok "stray: works of others are done" wait_for 20 eval "ended $STUCK && ! loaded t_stuck"
churns
done_testing
