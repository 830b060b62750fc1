#!/bin/sh
# Kprobes are switched off: no tripwire can stand, so nobody is evicted, and nobody is let
# go either. A stub that only lets go needs none. Switched off later, under quarantine, that is
# said until they are on again.
. /lib.sh
. /stuck.sh
plan 35

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
is_said()
{
	log_since | grep -q "$off"
}
ok "aside: that its tripwires are off is said" wait_for 20 is_said
echo 1 >$enabled
log_mark
let_go t_stuck_quarantine
stuck_ends "aside: on again, its rmmod was killed" 137
is "aside: nothing more of the target has run" "$(value after t_stuck_quarantine)" 0
unlike "aside: and no more is said" "$(log_since)" "$off"
taken_back aside
churns
done_testing
