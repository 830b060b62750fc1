#!/bin/sh
# Somebody is inside: a kernel thread asleep three calls deep, one that runs, a user task
# in a read. Refused after timeout_ms, naming task, pid and the innermost function. When
# they have left, the rescue works, and one that leaves in time does not hinder it.
# thread: single
. /lib.sh
plan 18

put()
{
	echo "$2" >"/sys/module/t_inside/parameters/$1"
}

inside()
{
	cat "/sys/module/t_inside/parameters/$1"
}

nobody()
{
	[ "$(inside "$1")" = 0 ]
}

reads()
{
	grep -q t_inside "/proc/$1/stack"
}

insmod /targets/t_inside_stub.ko
ok "the target loads" insmod /targets/t_inside.ko

put sleep 1
sleeper=$(inside sleep)
ok "a thread sleeps inside" wait_for 10 reads "$sleeper"
refused "refused, naming it and the innermost function" "Device or resource busy" \
	"patcher: t_inside: refused: t_inside_sleep\[$sleeper\] sleeps inside at t_inside_sleep\+0x[0-9a-f]+/0x[0-9a-f]+ \[t_inside\]; it cannot be unloaded before that task has left it \(-EBUSY\)" \
	target=t_inside stub=t_inside_stub timeout_ms=200
refused "without a stub as well" "Device or resource busy" \
	"t_inside_sleep\[$sleeper\] sleeps inside" target=t_inside timeout_ms=0
refused "force does not help" "Device or resource busy" \
	"t_inside_sleep\[$sleeper\] sleeps inside" target=t_inside timeout_ms=0 force=1
kill -USR1 "$sleeper"
ok "it leaves" wait_for 10 nobody sleep

put spin 1
spinner=$(inside spin)
refused "one that runs is seen, on its CPU" "Device or resource busy" \
	"patcher: t_inside: refused: t_inside_spin\[$spinner\] (runs|sleeps) inside at t_inside_spin\+.*\(-EBUSY\)" \
	target=t_inside stub=t_inside_stub timeout_ms=0
put spin 0
ok "it leaves" wait_for 10 nobody spin

bg cat /proc/t_inside
reader=$BG
ok "a user task is in a read" wait_for 10 reads "$reader"
refused "it is named" "Device or resource busy" \
	"patcher: t_inside: refused: cat\[$reader\] sleeps inside at t_inside_read\+.*\(-EBUSY\)" \
	target=t_inside stub=t_inside_stub timeout_ms=0
kill "$reader"
ok "it leaves" wait_for 10 ended "$reader"
fails "nothing of it counts as a forced unload" taint_forced_rmmod

put sleep 1
sleeper=$(inside sleep)
wait_for 10 reads "$sleeper"
log_mark
bg insmod /patcher.ko target=t_inside stub=t_inside_stub timeout_ms=60000
armer=$BG
waits()
{
	log_since | grep -q "t_inside_sleep\[$sleeper\] sleeps inside at .*; waiting up to 60000 ms"
}
ok "arming waits for the thread to leave" wait_for 20 waits
kill -USR1 "$sleeper"
ok "and ends when it has" wait_for 20 ended "$armer"
is "armed" "$(state_of patcher)" "live 0"
like "with nobody inside" "$(log_since)" "found LIVE, .* nobody is inside: situation 5a"
ok "rmmod works" rmmod t_inside
ok "all of it goes" rmmod patcher t_inside_stub
done_testing
