#!/bin/sh
# An rmmod that hangs, with no frame of its own in the target, as its exit has gone on to
# wait elsewhere: the target is GOING at -1 as after an oops, but its rmmod is alive.
# Refused, naming it. When it has ended, the target is gone.
. /lib.sh
plan 11

reads()
{
	grep -q t_inside "/proc/$1/stack"
}

waits()
{
	grep -q proc_ "/proc/$1/stack"
}

insmod /targets/t_inside_stub.ko
ok "the target loads" insmod /targets/t_inside.ko
bg cat /proc/t_inside
reader=$BG
ok "a user task is in a read" wait_for 10 reads "$reader"
bg rmmod t_inside
rmmod=$BG
ok "rmmod waits for it" wait_for 10 waits "$rmmod"
is "it is GOING at -1, as after an oops" "$(state_of t_inside)" "going -1"
refused "refused, naming both" "Device or resource busy" \
	"patcher: t_inside: refused: .*rmmod\[$rmmod\] (is loading or unloading it|sleeps inside).*\(-EBUSY\)" \
	target=t_inside stub=t_inside_stub timeout_ms=0
like "and which situation that is" "$(cat /run/logged)" \
	"found GOING, refcnt -1, .*cat\[$reader\] sleeps inside.*: situation 5c"

bg insmod /patcher.ko target=t_inside stub=t_inside_stub timeout_ms=60000
armer=$BG
log_mark
ok "arming waits" wait_for 20 eval 'dmesg | grep -q "waiting up to 60000 ms"'
interrupted t_inside "$armer"
kill "$reader"
ok "the reader leaves, rmmod ends by itself" wait_for 20 ended "$rmmod"
is "the target is gone" "$(state_of t_inside)" absent
done_testing
