#!/bin/sh
# patcher rescue does all of a rescue in one line, with a stub that is there; what it cannot
# rescue it leaves as it was found, also when it is interrupted.
# kernels: 6.1
# splat 4: BUG: kernel NULL pointer dereference
# splat 1: t_keep: not freed, but kept as
# leaks: do_init_module
# timeout: 300
. /lib.sh
. /stuck.sh
plan 80

# rescue STATUS NAME...: as a user with a patcher.ko that is not installed.
rescue()
{
	local wanted="$1"

	shift
	said "$wanted" patcher rescue --patcher /patcher.ko "$@"
}

# clean MODULE [STUB]: the module is gone, and so is all that was loaded for it.
clean()
{
	is "$1 is gone" "$(state_of "$1")" absent
	fails "patcher is not loaded" loaded patcher
	[ -z "${2-}" ] || fails "$2 is not loaded" loaded "$2"
}

# as_found MODULE: it is, and nothing else was left.
as_found()
{
	is "$1 is as it was found" "$(peek "$1")" "$before"
	fails "patcher is not loaded" loaded patcher
	is "nothing is in /tmp" "$(ls /tmp)" ""
}

ok "not loaded: 4" rescue 4 t_leak
ok "no such file for afterwards: 1" rescue 1 t_leak --then /none.ko

insmod /targets/t_leak.ko leak=2
fails "the control: rmmod fails" rmmod t_leak
ok "leaked: 0" rescue 0 t_leak --then /fixed/t_leak.ko
like "why comes first" "$SAID" "^ +[0-9]+\.[0-9][0-9] s  t_leak cannot be unloaded: references on it were taken"
like "what patcher changed is told" "$SAID" "^ +[0-9.]+ s  corrected its refcnt from 2 to 0$"
like "and the end" "$SAID" "^ +[0-9.]+ s  done: t_leak is unloaded, and /fixed/t_leak.ko loaded$"
is "what came afterwards is loaded" "$(state_of t_leak)" "live 0"
ok "healthy: 0, by a plain unload" rescue 0 t_leak
unlike "nothing is armed" "$SAID" "arm"
clean t_leak

insmod /targets/t_chardev.ko
fails "an exit dies" rmmod t_chardev
before=$(peek t_chardev)
fails "the control: rmmod fails" rmmod t_chardev
ok "a stub that is refused: 2" rescue 2 t_chardev /targets/t_stub_missing.ko
like "patcher's words" "$SAID" "refused: .*t_symbols_nowhere"
like "and how the machine is now" "$SAID" "^ +[0-9.]+ s  now: t_chardev is as it was found$"
as_found t_chardev
fails "the stub is not loaded" loaded t_stub_missing
ok "no such stub: 1" rescue 1 t_chardev nosuch
like "what helps" "$SAID" "nosuch: neither loaded nor known to modprobe; give a file"
as_found t_chardev
ok "its file is not known, so that no stub can be written: 1" rescue 1 t_chardev --yes
like "it is told" "$SAID" "modinfo knows no file of a module of this name"
as_found t_chardev
ok "with a stub's file: 0" rescue 0 t_chardev /stubs/stub_chardev.ko --then /fixed/t_chardev.ko
is "the fixed one works" "$(cat /dev/t_chardev)" "t_chardev: ok"
rmmod t_chardev
clean t_chardev stub_chardev

init_dies "an init dies" /targets/t_misc.ko
ok "with the name of a stub that modprobe knows: 0" rescue 0 t_misc stub_misc
# Patcher has removed the dead load.
load_is_harmless
clean t_misc stub_misc

insmod /fixed/t_chardev.ko
exec 4</dev/t_chardev
before=$(peek t_chardev)
ok "held: 3" rescue 3 t_chardev
like "what has to be done first" "$SAID" "^patcher: t_chardev: first: kill $$\$"
as_found t_chardev
exec 4<&-
wait_for 10 is_state t_chardev "live 0"
rmmod t_chardev

insmod /targets/t_exitoops.ko
fails "an exit dies" rmmod t_exitoops
ok "a cleanup that dies: 2" rescue 2 t_exitoops /targets/t_stub_dies.ko
like "it is told" "$SAID" "^patcher: t_exitoops: the stub's cleanup died in the attempt"
fails "patcher is not loaded" loaded patcher
fails "nor is the stub" loaded t_stub_dies
ok "again, with a better one: 0" rescue 0 t_exitoops stub_noop
clean t_exitoops stub_noop

insmod /targets/t_keep.ko how=timer
ok "an exit that forgets a timer: 5" rescue 5 t_keep stub_noop
like "it is told" "$SAID" "its memory is kept, as t_keep_kept: patcher status says for whom$"
ok "why: 5" said 5 patcher why t_keep_kept
ok "status: 0" said 0 patcher status
like "has it" "$SAID" "^t_keep_kept +kept "
like "and what points into it" "$SAID" "^    .*t_keep_timer"
ok "it is freed by itself" wait_for 60 eval "! loaded t_keep_kept"
ok "patcher goes" wait_for 20 unload patcher

stuck_start completion exit
before=$(peek t_stuck)
log_mark
bg patcher rescue --patcher /patcher.ko t_stuck /targets/t_stuck_idle.ko --timeout-ms 60000
rescuer=$BG
ok "it waits for who is stuck" wait_for 20 logged "t_stuck_idle: release ran"
ok "another one: 1" rescue 1 t_stuck /targets/t_stuck_both.ko
like "is told who has it" "$SAID" "patcher is in use by patcher rescue t_stuck, PID $rescuer"
kill -INT "$rescuer"
ok "Ctrl-C ends it" wait_for 20 ended "$rescuer"
like "it says how the machine is now" "$(cat "/run/bg.$rescuer")" "now: t_stuck is as it was found$"
wait "$rescuer"
as_found t_stuck
fails "the stub is not loaded" loaded t_stuck_idle
still_stuck completion
ok "with a stub that lets it go: 0" rescue 0 t_stuck /targets/t_stuck_both.ko
stuck_ends "who was stuck was killed" 137
clean t_stuck t_stuck_both
ok "all that it had registered is free" fixed_goes t_stuck
done_testing
