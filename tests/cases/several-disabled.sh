#!/bin/sh
# kernel.modules_disabled=1: the kernel unloads no module any more, and nothing is armed over sysfs
# either. What is armed can be put back.
. /lib.sh
. /several.sh
plan 7

insmod /targets/t_noexit.ko
insmod /stubs/stub_noop.ko
insmod /targets/t_leak.ko leak=1
insmod /patcher.ko
peek t_leak >/dev/null
is "control: armed before" "$(arm "t_noexit stub_noop")" ""
found=$(peek t_leak)
echo 1 >/proc/sys/kernel/modules_disabled
log_mark
is "refused" "$(arm "t_leak")" "Operation not permitted"
like "and the log says why" "$(log_since)" \
	"patcher: patcher: refused: kernel.modules_disabled is set, no module can be unloaded \(-EPERM\)"
is "nothing has changed" "$(peek t_leak)" "$found"
fails "rmmod does nothing either" rmmod t_noexit
is "what is armed can be put back" "$(disarm t_noexit)" ""
ok "and is not shown any more" wait_for 20 not_shown t_noexit
done_testing
