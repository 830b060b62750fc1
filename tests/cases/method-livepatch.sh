#!/bin/sh
# A livepatch already modifies the exit, and only one may: patcher falls back to the
# slot and says so. Also with ftrace switched off.
. /lib.sh
plan 18

patch_gone()
{
	! [ -e /sys/kernel/livepatch/t_klp ]
}

ok "the target loads" insmod /targets/t_exitoops.ko
ok "its exit is livepatched" insmod /targets/t_klp.ko
like "with the I flag" "$(cat /sys/kernel/tracing/enabled_functions)" "^t_exitoops_exit .* I "
ok "the stub loads" insmod /stubs/stub_noop.ko
log_mark
ok "armed" insmod /patcher.ko target=t_exitoops stub=stub_noop
like "by slot, and says why" "$(log_since)" \
	"by slot, as ftrace cannot redirect the function now \(-EBUSY\)"
is "the livepatch's redirect is the only one but the gate" \
	"$(sed 's/ .*//' /sys/kernel/tracing/enabled_functions | sort | tr '\n' ' ')" \
	"free_module t_exitoops_exit "
log_mark
ok "rmmod works" rmmod t_exitoops
unlike "by the stub, not by the livepatch" "$(log_since)" "ran instead of t_exitoops_exit"
ok "patcher goes" rmmod patcher
refused "a livepatch itself is no target" "Device or resource busy" \
	"patcher: t_klp: refused: it is a livepatch" target=t_klp
echo 0 >/sys/kernel/livepatch/t_klp/enabled
ok "the livepatch is disabled" wait_for 30 patch_gone
ok "and goes" rmmod t_klp

insmod /targets/t_exitoops.ko
# 7.3 does not let it be switched off (-EOPNOTSUPP).
echo 0 >/proc/sys/kernel/ftrace_enabled
how="by slot"
[ "$(cat /proc/sys/kernel/ftrace_enabled)" = 0 ] || how="by ftrace"
log_mark
ok "armed with ftrace switched off" insmod /patcher.ko target=t_exitoops stub=stub_noop
like "$how" "$(log_since)" "$how"
ok "rmmod works" rmmod t_exitoops
echo 1 >/proc/sys/kernel/ftrace_enabled
ok "all of it goes" rmmod patcher stub_noop
is "ftrace lists nothing" "$(cat /sys/kernel/tracing/enabled_functions)" ""
done_testing
