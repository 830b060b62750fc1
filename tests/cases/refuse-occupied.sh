#!/bin/sh
# Somebody is inside a LIVE target. A user task in a read: refused after timeout_ms, naming
# task, pid and the innermost function; once it has left, the rescue works, and one that
# leaves in time does not hinder it. A thread of the target's own, asleep three calls deep
# or running, is the cleanup's business; only force=1 evicts it.
. /lib.sh
plan 27

put()
{
	echo "$2" >"/sys/module/t_inside/parameters/$1"
}

inside()
{
	cat "/sys/module/t_inside/parameters/$1"
}

reads()
{
	grep -q t_inside "/proc/$1/stack"
}

# thread KIND HOW: five results.
thread()
{
	local pid

	put "$1" 1
	pid=$(inside "$1")
	log_mark
	ok "a thread inside does not hinder it" insmod /patcher.ko target=t_inside stub=t_inside_stub
	like "the log names it, and where it is" "$(log_since)" \
		"patcher: t_inside: found LIVE, .*, t_inside_$1\[$pid\] $2 inside at t_inside_$1\+0x[0-9a-f]+/0x[0-9a-f]+ \[t_inside\].*: situation 5a"
	rmmod patcher
	log_mark
	ok "with force=1 it is evicted" insmod /patcher.ko target=t_inside stub=t_inside_stub force=1
	like "the log says so" "$(log_since)" "patcher: t_inside: evicted t_inside_$1\[$pid\] at t_inside_$1\+"
	ok "it is gone" wait_for 10 ended "$pid"
	rmmod patcher
}

insmod /targets/t_inside_stub.ko
ok "the target loads" insmod /targets/t_inside.ko

bg cat /proc/t_inside
reader=$BG
ok "a user task is in a read" wait_for 10 reads "$reader"
refused "refused, naming it and the innermost function" "Device or resource busy" \
	"patcher: t_inside: refused: cat\[$reader\] sleeps inside at t_inside_read\+0x[0-9a-f]+/0x[0-9a-f]+ \[t_inside\] in schedule for t_inside_wait \[t_inside\] \(S\); that task has to leave it first; let it end, or force=1 to evict it \(-EBUSY\)" \
	target=t_inside stub=t_inside_stub timeout_ms=200
refused "without a stub as well" "Device or resource busy" \
	"cat\[$reader\] sleeps inside" target=t_inside timeout_ms=0
kill "$reader"
ok "it leaves" wait_for 10 ended "$reader"
fails "nothing of it counts as a forced unload" taint_forced_rmmod

thread sleep sleeps
thread spin runs
put spin 0

bg cat /proc/t_inside
reader=$BG
wait_for 10 reads "$reader"
log_mark
bg insmod /patcher.ko target=t_inside stub=t_inside_stub timeout_ms=60000
armer=$BG
waits="waiting up to 60000 ms for them to leave"
ok "arming waits for a reader to leave" wait_for 20 logged "$waits"
like "the log says for whom" "$(log_since)" "cat\[$reader\] sleeps inside at .*: LIVE with tasks inside"
interrupted t_inside "$armer"
log_mark
bg insmod /patcher.ko target=t_inside stub=t_inside_stub timeout_ms=60000
armer=$BG
ok "it can be tried again" wait_for 20 logged "$waits"
kill "$reader"
ok "and ends when the reader has left" wait_for 20 ended "$armer"
is "armed" "$(state_of patcher)" "live 0"
like "with nobody inside" "$(log_since)" "found LIVE, .* nobody is inside: situation 5a"
ok "rmmod works" rmmod t_inside
ok "all of it goes" rmmod patcher t_inside_stub
is "and is gone" "$(state_of t_inside)" absent
done_testing
