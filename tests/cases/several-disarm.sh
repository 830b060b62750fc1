#!/bin/sh
# disarm puts one target back as it was found, in each situation and by both methods, and
# leaves the others armed; it may be armed again at once. It is refused once the target's
# rmmod has begun, and after that has died. rmmod patcher puts back all that are left.
# splat 4: BUG: kernel NULL pointer dereference
# splat 1: kernel BUG at
# splat 1: not freed, but kept as t_initoops_kept
# leaks: do_init_module
. /lib.sh
. /several.sh
plan 67

# restores NAME TARGET [STUB]: six results.
restores()
{
	local found

	found=$(everything "$2")
	ok "$1: armed" arm "$2${3:+ }$3"
	is "$1: it is not as it was found" "$([ "$(everything "$2")" = "$found" ] && echo same)" ""
	ok "$1: disarmed" disarm "$2"
	is "$1: it is as it was found" "$(everything "$2")" "$found"
	ok "$1: it is not shown any more" wait_for 10 not_shown "$2"
	is "$1: the other is armed as before" "$(cat /sys/kernel/patcher/t_chardev/status)" armed
}

in_cleanup()
{
	grep -q slow_cleanup "/proc/$1/stack"
}

# again N TARGET STUB: arms and disarms it N times, and waits for nothing.
again()
{
	local i=0

	while [ $i -lt "$1" ]; do
		arm "$2 $3" && disarm "$2" || return 1
		i=$((i + 1))
	done
}

insmod /stubs/stub_noop.ko
insmod /patcher.ko
insmod /targets/t_chardev.ko
ok "another one is armed" arm "t_chardev stub_noop"

insmod /targets/t_noexit.ko
restores "no exit" t_noexit stub_noop
insmod /targets/t_leak.ko leak=5
restores "leaked" t_leak
insmod /targets/t_exitoops.ko
restores "LIVE, by ftrace" t_exitoops stub_noop
rmmod t_exitoops
restores "GOING at -1, by ftrace" t_exitoops stub_noop
insmod /targets/t_exitbug.ko
rmmod t_exitbug
restores "GOING at -1, by slot" t_exitbug stub_noop
insmod /targets/t_misc.ko
restores "COMING" t_misc stub_noop

found=$(everything t_exitoops)
ok "it can be armed again at once, and again" again 20 t_exitoops stub_noop
is "it is as it was found" "$(everything t_exitoops)" "$found"

# Who has a file open, or is in the directory.
arm t_leak
exec 4</sys/kernel/patcher/t_leak/status 5>/sys/kernel/patcher/t_leak/disarm
cd /sys/kernel/patcher/t_leak || exit
ok "disarmed, with its files open" disarm t_leak
ok "it is not shown any more" wait_for 10 not_shown t_leak
fails "nothing can be read from what is open" cat <&4
fails "or written" sh -c "echo 1 >&5"
cd /
exec 4<&- 5>&-
log_mark
arm t_leak
like "only a 1 disarms" "$( (echo 2 >/sys/kernel/patcher/t_leak/disarm) 2>&1)" "Invalid argument"
like "the log says so" "$(log_since)" \
	"patcher: t_leak: refused: its file disarm takes a 1 only \(-EINVAL\)"
is "it is armed" "$(cat /sys/kernel/patcher/t_leak/status)" armed

# Its rmmod is in the cleanup.
insmod /targets/t_stub_slow.ko
insmod /targets/t_initoops.ko
arm "t_initoops t_stub_slow"
bg rmmod t_initoops
rmmod=$BG
ok "an rmmod is in the cleanup" wait_for 10 in_cleanup "$rmmod"
log_mark
is "disarm is refused" "$(disarm t_initoops)" "Device or resource busy"
like "the log says why" "$(log_since)" \
	"patcher: t_initoops: refused: its rmmod has begun, and cannot be held up; .*\(-EBUSY\)"
kill "$rmmod"
ok "it ends" wait_for 20 ended "$rmmod"
is "the target is gone" "$(state_of t_initoops)" absent
fails "so is its directory" is_shown t_initoops
# A signal ends the sweep, too; it is swept again a second later.
ok "it is kept, for what that stub leaves behind" \
	wait_for 60 grep -q "proc_dir_entry.* -> t_initoops_show" "$SYSFS/t_initoops_kept/residue"

# Its rmmod has died in the cleanup.
insmod /targets/t_stub_dies.ko
found=$(peek t_exitoops)
arm "t_exitoops t_stub_dies"
fails "the cleanup dies, and rmmod with it" rmmod t_exitoops
log_mark
ok "it can be disarmed" disarm t_exitoops
like "the log says how it is left" "$(log_since)" \
	"patcher: t_exitoops: its rmmod has died in the cleanup; it is GOING"
is "as it was found" "$(peek t_exitoops)" "$found"
ok "and be armed again" arm "t_exitoops stub_noop"
ok "rmmod works" rmmod t_exitoops

ok "the rest is armed" eval 'arm "t_exitbug stub_noop" && arm "t_noexit stub_noop" && arm "t_misc stub_noop"'
is "five are, beside what is kept" "$(rescues)" \
	"t_chardev t_exitbug t_initoops_kept t_leak t_misc t_noexit"
ok "patcher goes" rmmod patcher
is "t_chardev is as it was found" "$(state_of t_chardev)" "live 0"
is "t_exitbug, too" "$(state_of t_exitbug)" "going -1"
is "t_leak, too" "$(state_of t_leak)" "live 5"
is "t_misc, too" "$(state_of t_misc)" "coming 1"
ok "nothing is left of it" [ ! -e /sys/kernel/patcher ]
done_testing
