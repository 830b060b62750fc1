#!/bin/sh
# A user task is stuck inside a target, and another task has a file of it open. With force=1 and
# quarantine=1 no task is evicted and nothing is given up while that file is open; what only the
# stuck task has open goes with it.
# timeout: 180
. /lib.sh
. /stuck.sh
plan 21

held()
{
	insmod /targets/t_held.ko
	insmod /targets/t_held_stub.ko
	rm -f /dev/t_held
	mknod /dev/t_held c "$(sed -n 's/^ *\([0-9]*\) t_held$/\1/p' /proc/devices)" 0
	bg cat /dev/t_held
	reader=$BG
	ok "a task is stuck in the read" wait_for 20 sleeps_in "$reader" t_held_read
	is "its file holds it" "$(state_of t_held)" "live 2"
}

held
exec 4>/dev/t_held
is "another task has it open" "$(state_of t_held)" "live 4"
for how in "force=1" "force=1 quarantine=1"; do
	# shellcheck disable=SC2086 # two words
	refused "$how: refused, naming it" "Device or resource busy" \
		"patcher: t_held: refused: opened by .*\[$$\] fd 4 \(/dev/t_held\)" \
		target=t_held stub=t_held_stub timeout_ms=500 $how
	ok "$how: the reader is still there" sleeps_in "$reader" t_held_read
	ok "$how: the file can be written to" eval "echo x >&4"
	is "$how: the device was not removed before" "$(cat /sys/module/t_held/parameters/late)" 0
done
fails "control: rmmod fails" rmmod t_held
exec 4>&-

log_mark
ok "closed: with force=1 patcher succeeds" insmod /patcher.ko target=t_held stub=t_held_stub \
	force=1 quarantine=1
like "the log says which task was evicted" "$(log_since)" \
	"patcher: t_held: evicted cat\[$reader\] at t_held_read"
ok "it is gone" wait_for 20 ended "$reader"
is "its file holds the target no more" "$(state_of t_held)" "live 0"
ok "rmmod works" rmmod t_held
ok "patcher and the stub unload" rmmod patcher t_held_stub
ok "the target loads again" insmod /targets/t_held.ko
ok "and goes" rmmod t_held
churns
done_testing
