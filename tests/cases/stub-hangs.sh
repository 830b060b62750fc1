#!/bin/sh
# The stub's own routine does not return where patcher calls it: it is named, and a signal lets
# insmod of patcher go. While it is still in its text, stub and patcher stay, and the
# target cannot be rescued again; when it has returned, all of it can be unloaded, and a
# better stub works. One that waits interruptibly is interrupted by that signal.
# splat 1: BUG: kernel NULL pointer dereference
# timeout: 400
. /lib.sh
. /several.sh
. /stuck.sh
plan 106

# waits_in ROUTINE PARAMETER...: insmod of patcher waits for the stub's ROUTINE, and says so. Three
# results.
waits_in()
{
	local routine="$1"

	shift
	log_mark
	bg insmod /patcher.ko target=t_stuck stub=t_stuck_bad timeout_ms=500 "$@"
	ARMER=$BG
	ok "$routine hangs: it is named" wait_for 20 logged \
		"patcher: t_stuck: the .$routine of t_stuck_bad has not returned yet: task [0-9]* is in .*, called at bad_[a-z]*+.*t_stuck_bad"
	ok "$routine hangs: patcher waits" loaded patcher
	fails "$routine hangs: and so does its insmod" ended "$ARMER"
}

# goes_on ROUTINE STATUS: a signal lets insmod go, but nothing can be unloaded. Six results.
goes_on()
{
	kill "$ARMER"
	ok "$1 hangs: a signal lets insmod go" wait_for 20 ended "$ARMER"
	like "$1 hangs: and the log says what is in use" "$(log_since)" \
		"patcher: t_stuck: refused: interrupted, but the .$1 of t_stuck_bad has not returned: task [0-9]* is in .*stay in use \(-EINTR\)"
	is "$1 hangs: so does the status" "$(cat "$SYSFS"/t_stuck*/status)" "$2"
	fails "$1 hangs: patcher stays" rmmod patcher
	fails "$1 hangs: so does the stub" rmmod t_stuck_bad
	log_mark
}

# let_stub_go: the stub's routine goes on.
let_stub_go()
{
	echo 1 >/sys/module/t_stuck_bad/parameters/go
}

stuck_start completion exit
insmod /targets/t_stuck_bad.ko release=hangs
waits_in release
goes_on release calling
is "release hangs: no other rescue of the target" "$(arm "t_stuck t_stuck_bad")" "Device or resource busy"
like "release hangs: and the log says why" "$(log_since)" \
	"patcher: t_stuck: refused: a routine of the stub of its last rescue still runs"
is "release hangs: nothing to disarm" "$(disarm t_stuck)" "Device or resource busy"
still_stuck "release hangs"
let_stub_go
ok "release hangs: it returns, and lets the target's rmmod go" wait_for 20 ended "$STUCK"
ok "release hangs: patcher and stub unload" wait_for 20 unload patcher t_stuck_bad
ok "release hangs: the target is gone by itself" wait_for 20 eval "! loaded t_stuck"
ok "release hangs: all that it had registered is free" fixed_goes t_stuck

stuck_start completion exit
insmod /targets/t_stuck_bad.ko release=waits
log_mark
bg insmod /patcher.ko target=t_stuck stub=t_stuck_bad timeout_ms=500
ok "release waits: it is named" wait_for 20 logged "the .release of t_stuck_bad has not returned yet"
interrupted t_stuck "$BG"
is "release waits: patcher is gone" "$(state_of patcher)" absent
ok "release waits: the stub unloads" rmmod t_stuck_bad
still_stuck "release waits"
rescued completion both

stuck_start completion exit
insmod /targets/t_stuck_bad.ko release=idle cleanup=hangs
waits_in cleanup quarantine=1
goes_on cleanup quarantined
ok "cleanup hangs: the name is free" eval "! loaded t_stuck && loaded t_stuck_quarantine"
let_stub_go
ok "cleanup hangs: when it has returned, a fixed build loads and goes" \
	wait_for 20 eval "[ ! -e /proc/t_stuck ] && fixed_goes t_stuck"
let_go t_stuck_quarantine
ok "cleanup hangs: let go, the target's rmmod ends" wait_for 20 ended "$STUCK"
ok "cleanup hangs: rmmod t_stuck_quarantine works" wait_for 20 rmmod t_stuck_quarantine
ok "cleanup hangs: patcher and stub unload" wait_for 20 unload patcher t_stuck_bad

stuck_start completion exit
insmod /targets/t_stuck_bad.ko release=idle cleanup=hangs_dies
waits_in cleanup quarantine=1
goes_on cleanup quarantined
let_stub_go
ok "cleanup hangs and dies: patcher and stub unload" wait_for 20 unload patcher t_stuck_bad
like "cleanup hangs and dies: the log says so" "$(log_since)" \
	"patcher: t_stuck: refused: the .cleanup of t_stuck_bad died"
still_stuck "cleanup hangs and dies: under its own name"
rescued completion both

# The hook runs in the task that is evicted, which insmod waits for.
stuck_start completion exit
insmod /targets/t_stuck_bad.ko evicted=hangs
waits_in evicted
ok "evicted hangs: the task is in it" grep -q bad_evicted "/proc/$STUCK/stack"
let_stub_go
ok "evicted hangs: when it returns, insmod ends" wait_for 20 ended "$ARMER"
stuck_ends "evicted hangs: its rmmod was killed" 137
ok "evicted hangs: rmmod works" rmmod t_stuck
ok "evicted hangs: patcher and stub unload" rmmod patcher t_stuck_bad

stuck_start completion exit
insmod /targets/t_stuck_bad.ko evicted=hangs
waits_in evicted
goes_on evicted calling
is "evicted hangs, interrupted: no other rescue" "$(arm "t_stuck t_stuck_bad")" \
	"Device or resource busy"
is "evicted hangs, interrupted: nothing is changed" "$(state_of t_stuck)" "going -1"
let_stub_go
ok "evicted hangs, interrupted: patcher and stub unload" wait_for 20 unload patcher t_stuck_bad
stuck_ends "evicted hangs, interrupted: its rmmod was killed" 137
insmod /targets/t_stuck_both.ko
ok "evicted hangs, interrupted: another rescue succeeds" insmod /patcher.ko target=t_stuck \
	stub=t_stuck_both
ok "evicted hangs, interrupted: rmmod works" rmmod t_stuck
ok "evicted hangs, interrupted: patcher and stub unload again" rmmod patcher t_stuck_both

stuck_start completion exit
insmod /targets/t_stuck_bad.ko evicted=waits
log_mark
bg insmod /patcher.ko target=t_stuck stub=t_stuck_bad timeout_ms=500
ok "evicted waits: it is named" wait_for 20 logged "the .evicted of t_stuck_bad has not returned yet"
interrupted t_stuck "$BG"
stuck_ends "evicted waits: its rmmod was killed" 137
is "evicted waits: patcher is gone" "$(state_of patcher)" absent
ok "evicted waits: the stub unloads" rmmod t_stuck_bad
insmod /targets/t_stuck_both.ko
ok "evicted waits: another rescue succeeds" insmod /patcher.ko target=t_stuck stub=t_stuck_both
ok "evicted waits: rmmod works" rmmod t_stuck
ok "evicted waits: patcher and stub unload" rmmod patcher t_stuck_both
churns
done_testing
