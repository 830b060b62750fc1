#!/bin/sh
# Whom patcher must not end: a process that was killed and hangs in the release of its file, which
# is in do_exit() already; PID 1, and the init of a PID namespace; a worker of io_uring. With
# force=1 and a cleanup they are refused by name, and stay as they are; a release lets them go.
# timeout: 300
. /lib.sh
. /stuck.sh
plan 40

# spared_start HOW: loads the target, with its device.
spared_start()
{
	insmod /targets/t_stuck.ko how="$1"
	device_node
}

# spared NAME WHY: it is refused, and stays; then it is let go. Seven results.
spared()
{
	insmod /targets/t_stuck_both.ko
	refused "$1: refused with force=1, naming it" "Device or resource busy" \
		"patcher: t_stuck: refused: .*$COMM\[$STUCK\] .*; $COMM\[$STUCK\] $2, and cannot be evicted; " \
		target=t_stuck stub=t_stuck_both force=1 timeout_ms=500
	unlike "$1: nothing was let go" "$(cat /run/logged)" "release ran|: evicted"
	ok "$1: it is stuck as before" grep -q t_stuck "/proc/$STUCK/stack"
	rmmod t_stuck_both
	insmod /targets/t_stuck_let.ko
	ok "$1: with a release only, patcher succeeds" insmod /patcher.ko target=t_stuck \
		stub=t_stuck_let
	unlike "$1: it has gone on by itself" "$(value after)" '^0$'
	ok "$1: rmmod works" rmmod t_stuck
	ok "$1: patcher and stub unload at once" rmmod patcher t_stuck_let
}

# kill -9 of a process that has the device open, and pipes before and after it.
spared_start close
mkfifo /run/first /run/last
bg cat /run/first
first=$BG
bg cat /run/last
last=$BG
bg sh -c 'exec 3>/run/first 4</dev/t_stuck 5>/run/last; echo open >/run/opened; exec sleep 1000'
stuck_is t_stuck sleep "$BG"
wait_for 20 eval "[ -e /run/opened ] && grep -q sleep /proc/$STUCK/comm"
kill -9 "$STUCK"
ok "close: it is stuck in release" wait_for 20 grep -q t_stuck_reader "/proc/$STUCK/stack"
fails "close: one of its pipes has no end yet" eval "ended $first && ended $last"
spared close "is ending already"
stuck_ends "close: it was killed" 137
ok "close: both pipes have ended" wait_for 20 eval "ended $first && ended $last"
ok "close: all that it had registered is free" fixed_goes t_stuck

# The init of a PID namespace.
spared_start read
bg unshare -p -f cat /dev/t_stuck
child_of()
{
	STUCK=$(pidof cat)
	[ -n "$STUCK" ] && grep -q t_stuck_reader "/proc/$STUCK/stack"
}
ok "namespace: its init is stuck in read" wait_for 20 child_of
stuck_is t_stuck cat "$STUCK"
spared namespace "is the init of a PID namespace"
ok "namespace: it has ended" wait_for 20 ended "$STUCK"
ok "namespace: all that it had registered is free" fixed_goes t_stuck

# PID 1.
spared_start read
ln -s /dev/t_stuck /run/for-init
kill -USR1 1
stuck_is t_stuck init 1
ok "PID 1: it is stuck in read" wait_for 20 grep -q t_stuck_reader /proc/1/stack
spared "PID 1" "is PID 1, which must never end"
ok "PID 1: all that it had registered is free" fixed_goes t_stuck

# A worker of io_uring. It is no obstacle to arming, as the kernel's other workers are not; the
# target is not freed before it has left.
spared_start read
bg uring /dev/t_stuck
uring=$BG
worker()
{
	grep -ls t_stuck_reader /proc/"$uring"/task/*/stack /proc/[0-9]*/stack | grep -q .
}
ok "uring: a worker is stuck in read" wait_for 20 worker
insmod /targets/t_stuck_both.ko
log_mark
ok "uring: with force=1 patcher succeeds" insmod /patcher.ko target=t_stuck stub=t_stuck_both \
	force=1 timeout_ms=500
unlike "uring: and evicts nobody" "$(log_since)" "evicted"
fails "uring: the process waits as before" ended "$uring"
echo 1 >/sys/module/t_stuck/parameters/go
ok "uring: let go, it ends" wait_for 20 ended "$uring"
ok "uring: rmmod works" rmmod t_stuck
ok "uring: patcher and stub unload at once" wait_for 20 unload patcher t_stuck_both
ok "uring: all that it had registered is free" fixed_goes t_stuck
churns
done_testing
