#!/bin/sh
# Kprobes are switched off: no tripwire can stand, so nobody is evicted, and nobody is let
# go either. A stub that only lets go needs none. Switched off later, under quarantine, that is
# said until they are on again.
. /lib.sh
. /stuck.sh
plan 36

enabled=/sys/kernel/debug/kprobes/enabled

echo 0 >$enabled
scene_let completion exit

stuck_start completion exit
insmod /targets/t_stuck_both.ko
refused "refused" "Operation not supported" \
	"patcher: t_stuck: refused: rmmod\[$STUCK\] cannot be evicted, no kprobe at $PLACE \(-EOPNOTSUPP\); .*\(-EOPNOTSUPP\)" \
	target=t_stuck stub=t_stuck_both
unlike "nobody was let go" "$(cat /run/logged)" "release ran"
still_stuck completion
is "kprobes are off as before" "$(cat $enabled)" 0
rmmod t_stuck_both

echo 1 >$enabled
rescued completion both

# Under quarantine they are switched off, and on again before anybody comes back.
put_aside aside completion exit
log_mark
echo 0 >$enabled
off='patcher: t_stuck: its tripwires are off: .* t_stuck_quarantine .*kprobes/enabled'
ok "aside: that its tripwires are off is said" wait_for 20 logged "$off"
log_mark
ok "aside: and said again" wait_for 30 logged "$off"
echo 1 >$enabled
log_mark
# For longer than it takes to be said again.
now
on=$NOW
is_on_for_long()
{
	now && [ $((NOW - on)) -gt 1200 ]
}
wait_for 30 is_on_for_long
unlike "aside: on again, no more is said" "$(log_since)" "$off"
let_go t_stuck_quarantine
stuck_ends "aside: its rmmod was killed" 137
is "aside: nothing more of the target has run" "$(value after t_stuck_quarantine)" 0
taken_back aside
churns
done_testing
