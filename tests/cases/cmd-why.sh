#!/bin/sh
# patcher why says why a module cannot be unloaded and what helps, with an exit status for each
# kind, and changes nothing; without patcher.ko it says what /sys and /proc have.
# kernels: 6.1
# splat 2: BUG: kernel NULL pointer dereference
# leaks: do_init_module
. /lib.sh
. /stuck.sh
plan 77

# why STATUS NAME...: as a user with a patcher.ko that is not installed.
why()
{
	local wanted="$1"

	shift
	said "$wanted" patcher why --patcher /patcher.ko "$@"
}

# one_line: what was said, without the breaks at 79 columns.
one_line()
{
	echo "$SAID" | tr -s ' \n' '  '
}

# unchanged MODULE: what was found is still there, and patcher is not.
unchanged()
{
	is "$1: nothing was changed" "$(everything "$1")" "$before"
	fails "$1: patcher is not loaded" loaded patcher
}

ok "not loaded: 4" why 4 t_leak
like "it says so" "$SAID" "^t_leak is not loaded; lsmod shows what is$"
ok "built in: 4" why 4 printk
like "it says so" "$SAID" "^printk is built into the kernel, and cannot be unloaded$"
ok "no such name: 1" why 1 ../patcher

ok "a healthy module" insmod /fixed/t_chardev.ko
before=$(everything t_chardev)
ok "healthy: 0" why 0 t_chardev
like "it can go" "$SAID" "^t_chardev can be unloaded: nothing is in the way$"
like "by plain rmmod" "$SAID" "^  helps     rmmod t_chardev$"
unlike "no colour, as this is no terminal" "$SAID" "$(printf '\033')"
unchanged t_chardev
ok "no name: 0" why 0
is "nothing is in the way of any" "$SAID" "each loaded module can be unloaded"

exec 4</dev/t_chardev
before=$(everything t_chardev)
ok "open: 3" why 3 t_chardev
like "who has it" "$(one_line)" \
	"t_chardev cannot be unloaded: it is opened by [^ ]+\[$$\] fd 4 \(/dev/t_chardev\); close it first"
like "and what ends that" "$SAID" "^  helps     kill $$\$"
unchanged t_chardev
ok "as JSON: 3" why 3 --json t_chardev
like "an object" "$(echo "$SAID" | tr -d ' \n')" \
	"^\{\"module\":\"t_chardev\",\"verdict\":\"held\",.*\"refcount\":2,.*\"by_patcher\":true,.*\"held_by\":\"[^\"]*\[$$\]fd4\(/dev/t_chardev\)\",\"unaccounted\":0,.*\"remedies\":\[\"kill$$\"\]\}\$"
exec 4<&-
ok "closed, it is free again" wait_for 10 why 0 t_chardev
rmmod t_chardev

insmod /targets/t_provider.ko
insmod /targets/t_user.ko
ok "used by another: 3" why 3 t_provider
like "by whom" "$SAID" "^t_provider cannot be unloaded: other modules use it: t_user$"
like "what helps" "$SAID" "^  helps     rmmod t_user$"
rmmod t_user
rmmod t_provider

insmod /targets/t_leak.ko leak=2
before=$(everything t_leak)
ok "leaked: 2" why 2 t_leak
like "leaked: so it says" "$(one_line)" \
	"^t_leak cannot be unloaded: references on it were taken and not given back "
like "leaked: how many" "$SAID" "^  held by   nobody that could be found: 2 lost$"
like "leaked: what helps" "$SAID" "^  helps     patcher rescue t_leak$"
unlike "leaked: no stub is needed" "$SAID" "stub"
unchanged t_leak
ok "without patcher.ko: 3" said 3 patcher why t_leak
like "it says that there is none" "$SAID" "^patcher: no patcher.ko \(install it, or --patcher FILE\): from /sys and /proc$"
like "and what is not known then" "$(one_line)" \
	"t_leak cannot be unloaded: there are references on it, and who has them only patcher.ko can tell"
ok "a module without dry_run is not loaded: 3" said 3 patcher why --patcher /stubs/stub_noop.ko t_leak
like "it says so" "$SAID" "/stubs/stub_noop.ko knows no dry run"
fails "so it is" loaded stub_noop

insmod /patcher.ko
ok "with a patcher that is loaded: 2" said 2 patcher why t_leak
ok "that stays" loaded patcher
echo t_leak >/sys/kernel/patcher/arm
ok "armed: 0" why 0 t_leak
like "a rescue is armed" "$SAID" "^t_leak can be unloaded: a rescue is armed, and rmmod works on it$"
like "which can be ended" "$SAID" "^            patcher disarm t_leak "
rmmod patcher
is "as it was" "$(everything t_leak | grep refcnt)" "$(echo "$before" | grep refcnt)"

insmod /targets/t_chardev.ko
fails "an exit dies" rmmod t_chardev
before=$(everything t_chardev)
ok "exit died: 2" why 2 t_chardev
like "exit died: so it says" "$SAID" "^t_chardev cannot be unloaded: its exit died half way$"
like "exit died: the state" "$SAID" "^  state     going, refcount -1: its exit has been called$"
like "exit died: where" "$SAID" "^  died at   t_chardev_exit\+0x[0-9a-f]+/0x[0-9a-f]+$"
like "exit died: a stub is needed" "$(one_line)" "which writes a stub, what cleans up"
unchanged t_chardev
ok "without patcher.ko: 2" said 2 patcher why t_chardev
like "the same" "$SAID" "^t_chardev cannot be unloaded: its exit died half way$"

ok "no exit" insmod /targets/t_noexit.ko
ok "no exit: 2" why 2 t_noexit
like "no exit: so it says" "$SAID" "^t_noexit cannot be unloaded: it has no exit$"

stuck_start completion exit
ok "exit hangs: 2" why 2 t_stuck
like "exit hangs: who and where" "$(one_line)" \
	"t_stuck cannot be unloaded: its exit has not ended, it sleeps: rmmod\[$STUCK\] sleeps inside at $PLACE in "
ok "without patcher.ko: 2" said 2 patcher why t_stuck
like "the same" "$(one_line)" \
	"t_stuck cannot be unloaded: its exit has not ended, it sleeps: rmmod\[$STUCK\] sleeps inside at "

init_dies "an init dies" /targets/t_initoops.ko
before=$(everything t_initoops)
ok "init died: 2" why 2 t_initoops
like "init died: so it says" "$SAID" "^t_initoops cannot be unloaded: its init died half way$"
like "init died: where" "$SAID" "^  died at   t_initoops_init\+0x[0-9a-f]+/0x[0-9a-f]+$"
unchanged t_initoops

ok "no name: 2" why 2
like "a line each: leaked" "$SAID" "^t_leak +live +2  references on it were taken and not given back$"
like "a line each: died" "$SAID" "^t_chardev +going +-1  its exit died half way$"
like "a line each: init" "$SAID" "^t_initoops +coming +1  its init died half way$"
like "a line each: hangs" "$SAID" "^t_stuck +going +-1  its exit has not ended, it sleeps: rmmod"
unlike "and no other" "$SAID" "patcher|t_peek"
ok "as JSON: 2" why 2 --json
is "five objects" "$(echo "$SAID" | grep -c '"module":')" 5
let_go
ok "let go, it ends" wait_for 20 ended "$STUCK"
done_testing
