#!/bin/sh
# While one target is in quarantine, its task still inside, others are rescued over arm,
# among them a second one of the same name, that is put aside as well. A stub is bound to one
# of them, so that the second has another.
# timeout: 240
. /lib.sh
. /several.sh
. /stuck.sh
plan 37

# put_aside_too STUB AS: the next t_stuck is put aside, under the name AS. Three results.
put_aside_too()
{
	stuck_start completion exit
	ok "$2: armed" arm "t_stuck $1 quarantine timeout_ms=500"
	is "$2: it is in quarantine" "$(cat "/sys/kernel/patcher/$2/status")" quarantined
}

insmod /targets/t_stuck_idle.ko
insmod /patcher.ko
put_aside_too t_stuck_idle t_stuck_quarantine
first=$STUCK
is "it is shown under its new name only" "$(rescues)" t_stuck_quarantine
is "and as what it was" "$(cat /sys/kernel/patcher/t_stuck_quarantine/situation)" \
	"5c (its exit has not ended, it sleeps)"
fails "control: patcher cannot be loaded once more" insmod /patcher.ko target=t_leak
fails "nor unloaded" rmmod patcher
log_mark
is "disarm is refused" "$(disarm t_stuck_quarantine)" "Device or resource busy"
like "the log says why" "$(log_since)" "patcher: t_stuck: refused: it is quarantined, which cannot be undone \(-EBUSY\)"

insmod /targets/t_leak.ko leak=3
fails "another is wedged" rmmod t_leak
ok "it is armed" arm t_leak
ok "rmmod works" rmmod t_leak
fails "the first is still there" ended "$first"
ok "a fixed build of the first loads and goes" fixed_goes t_stuck

insmod /stubs/stub_noop.ko
insmod /fixed/t_stuck.ko
ok "the same name is armed, a healthy one" arm "t_stuck stub_noop"
is "both are shown" "$(rescues)" "t_stuck t_stuck_quarantine"
ok "disarmed" disarm t_stuck
ok "it is not shown any more" wait_for 10 not_shown t_stuck
ok "and goes" rmmod t_stuck

renamed /targets/t_stuck_idle.ko t_stuck_2nd
insmod /run/t_stuck_2nd.ko
put_aside_too t_stuck_2nd t_stuck_quarantine2
second=$STUCK
is "both are shown" "$(rescues)" "t_stuck_quarantine t_stuck_quarantine2"

let_go t_stuck_quarantine
ok "the first one's task ends" wait_for 20 ended "$first"
ok "its quarantine is over" wait_for 20 rmmod t_stuck_quarantine
is "it is not shown any more" "$(rescues)" t_stuck_quarantine2
fails "patcher is pinned by the second" rmmod patcher
fails "so is its stub" rmmod t_stuck_2nd
ok "that of the first is free" rmmod t_stuck_idle
insmod /targets/t_leak.ko leak=3
ok "a third is armed" arm t_leak
ok "and goes" rmmod t_leak
let_go t_stuck_quarantine2
ok "the second one's task ends" wait_for 20 ended "$second"
ok "its quarantine is over" wait_for 20 rmmod t_stuck_quarantine2
is "nothing is shown" "$(rescues)" ""
ok "patcher and stubs unload" wait_for 20 unload patcher t_stuck_2nd stub_noop
ok "a fixed build loads and goes" fixed_goes t_stuck
churns
done_testing
