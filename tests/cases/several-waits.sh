#!/bin/sh
# Somebody who writes to arm waits there for a task to leave. Others arm other targets
# meanwhile, and are refused the same one; rmmod patcher says that it is in use; a signal
# ends the wait, with nothing changed. While insmod patcher waits likewise, nobody can arm.
. /lib.sh
. /several.sh
plan 35

busy="Device or resource busy"

reads()
{
	grep -q t_inside "/proc/$1/stack"
}

waits="waiting up to 60000 ms for them to leave"

# writer LINE: in the background, until it waits.
writer()
{
	log_mark
	bg sh -c "echo '$1' >/sys/kernel/patcher/arm"
	wait_for 20 logged "$waits"
}

insmod /targets/t_inside_stub.ko
insmod /targets/t_inside.ko
insmod /targets/t_leak.ko leak=1
insmod /patcher.ko
bg cat /proc/t_inside
reader=$BG
ok "a task is inside" wait_for 10 reads "$reader"
before=$(everything t_inside)

ok "somebody waits for it" writer "t_inside t_inside_stub timeout_ms=60000"
writer=$BG
is "that is shown" "$(shown t_inside)" "t_inside_stub (none) LIVE with tasks inside arming"
arm_refused "another one is refused the same target" "$busy" \
	'patcher: t_inside: refused: there is a rescue of it already' "t_inside timeout_ms=0" t_inside
is "insmod, too" "$(insmod_says /patcher.ko target=t_inside)" "File exists"
is "it cannot be disarmed" "$(disarm t_inside)" "$busy"
like "the log says why" "$(log_since)" "patcher: t_inside: refused: it is still being armed; "
ok "another target is armed meanwhile" arm t_leak
is "patcher is in use" "$(state_of patcher)" "live 1"
like "rmmod patcher says so" "$(rmmod patcher 2>&1)" "Module patcher is in use"
fails "nobody has hindered the first one" ended "$writer"

kill "$writer"
ok "a signal ends its wait" wait_for 20 ended "$writer"
like "the log says so" "$(dmesg)" "patcher: t_inside: refused: interrupted \(-EINTR\)"
# The first one has tainted the kernel meanwhile.
is "the target is as before" "$(everything t_inside | grep -vx '[0-9]*')" \
	"$(echo "$before" | grep -vx '[0-9]*')"
is "and not shown any more" "$(rescues)" t_leak
ok "a second one waits" writer "t_inside timeout_ms=60000"
kill -9 "$BG"
ok "SIGKILL ends that, too" wait_for 20 ended "$BG"
is "and nothing is left of it" "$(rescues) $(state_of patcher)" "t_leak live 0"

# Two at once, for the same target and for two.
ok "somebody waits" writer "t_inside t_inside_stub timeout_ms=60000"
writer=$BG
kill "$reader"
ok "the task leaves, and it is armed" wait_for 20 ended "$writer"
is "both are armed" "$(cat /sys/kernel/patcher/t_inside/status /sys/kernel/patcher/t_leak/status)" "$(printf 'armed\narmed')"
for i in 1 2 3 4 5 6; do
	disarm t_leak
	for writer in 1 2 3; do
		sh -c "echo t_leak >/sys/kernel/patcher/arm" 2>/dev/null && echo "armed" &
	done >/run/armed
	wait
	[ "$(cat /run/armed)" = armed ] || echo "round $i: $(cat /run/armed)"
done >/run/rounds 2>&1
is "of three who arm the same one, one succeeds" "$(cat /run/rounds)" ""
ok "rmmod works for both" rmmod t_inside t_leak
ok "patcher goes" rmmod patcher

# insmod patcher waits.
insmod /targets/t_inside.ko
insmod /targets/t_leak.ko leak=1
bg cat /proc/t_inside
reader=$BG
wait_for 10 reads "$reader"
log_mark
bg insmod /patcher.ko target=t_inside stub=t_inside_stub timeout_ms=60000
insmod=$BG
ok "insmod patcher waits" wait_for 20 logged "$waits"
is "its rescue is shown" "$(cat /sys/kernel/patcher/t_inside/status)" arming
is "nothing can be armed" "$(arm t_leak)" "$busy"
like "the log says why" "$(log_since)" "patcher: patcher: refused: it is being loaded or unloaded itself; "
kill "$insmod"
ok "a signal ends it" wait_for 20 ended "$insmod"
ok "nothing is left of it" [ ! -e /sys/kernel/patcher ]
is "patcher is gone" "$(state_of patcher)" absent
is "the targets are as before" "$(state_of t_inside) $(state_of t_leak)" "live 0 live 1"
kill "$reader"
ok "it leaves" wait_for 10 ended "$reader"
ok "armed by insmod, and shown" insmod /patcher.ko target=t_inside stub=t_inside_stub
is "like any other" "$(cat /sys/kernel/patcher/t_inside/status)" armed
done_testing
