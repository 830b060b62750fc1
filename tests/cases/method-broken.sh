#!/bin/sh
# ftrace breaks down while a target is armed by it: the redirect cannot be taken off. To disarm
# fails and says so, nothing is freed, patcher and the stub stay, and what is armed stays so.
# Should ftrace come back it can be disarmed. If the target goes meanwhile, its redirect stays for
# good, and so do patcher and the stub; and ftrace's records of its functions, so that its memory
# is kept.
# splat 1: not freed, but kept as t_chardev_kept
. /lib.sh
. /several.sh
. /loads.sh
plan 21

DISABLED=$(address ftrace_disabled)
insmod /targets/t_ftrace.ko disabled="$DISABLED"

# broken YES
broken()
{
	echo "$1" >/sys/module/t_ftrace/parameters/broken
}

not_off='patcher: t_chardev: ftrace cannot take the redirect of its exit off \(-ENODEV\): patcher and the stub stay loaded'

ok "the target loads" insmod /targets/t_chardev.ko
found=$(peek t_chardev)
insmod /stubs/stub_chardev.ko
insmod /patcher.ko
is "armed" "$(arm "t_chardev stub_chardev")" ""
armed=$(peek t_chardev)
broken 1
log_mark
is "to disarm fails" "$(disarm t_chardev)" "No such device"
like "and the log says why" "$(log_since)" "$not_off"
unlike "and not that it was restored" "$(log_since)" "restored"
is "it is armed as before" "$(peek t_chardev)" "$armed"
is "and shown as such" "$(cat "$SYSFS/t_chardev/status") $(cat "$SYSFS/t_chardev/method")" "armed ftrace"
fails "patcher stays" rmmod patcher
fails "so does the stub" rmmod stub_chardev

broken 0
is "with ftrace back it can be disarmed" "$(disarm t_chardev)" ""
ok "its directory goes" wait_for 20 not_shown t_chardev
is "it is as it was found" "$(peek t_chardev)" "$found"
ok "patcher goes" wait_for 20 rmmod patcher

log_mark
insmod /patcher.ko
is "armed again" "$(arm "t_chardev stub_chardev")" ""
broken 1
ok "rmmod works: its cleanup runs" rmmod t_chardev
is "the target is gone" "$(state_of t_chardev)" absent
like "the log says what stays" "$(log_since)" "$not_off"
fails "patcher stays, for good" rmmod patcher
fails "so does the stub" rmmod stub_chardev
ok "a fixed build loads" insmod /fixed/t_chardev.ko
ok "and works" grep -q t_chardev /proc/devices
done_testing
