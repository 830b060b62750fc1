#!/bin/sh
# For a minute, everything at once on two CPUs: targets are loaded, unloaded and unloaded by
# force, armed, disarmed and shown; patcher and the stubs come and go; who waits in arm is
# killed; processes begin and end. Nothing is reported, nobody is stuck, and all of it can be
# unloaded at the end. What exactly happens differs from run to run; what is asked for does
# not: the seed is fixed.
# timeout: 300
# thread: multi
. /lib.sh
. /several.sh
plan 16

SEED=20261122

# counted WORD: how often.
counted()
{
	sed -n "s/.* $1=\([0-9]*\).*/\1/p" /run/storm
}

# unloads TARGET [STUB]: by a rescue, as nobody knows what is left of it.
unloads()
{
	loaded "$1" || return 0
	[ "$(arm "$*")" = "" ] && rmmod "$1"
}

log_mark
ok "a minute of it, and all come back" eval "storm 60 $SEED >/run/storm 2>&1"
diag </run/storm
cat /run/storm
for word in armed refused rescued disarmed killed removed forced patcher_loaded \
	patcher_removed stubs_removed forked; do
	ok "$word" [ "$(counted $word)" -gt 0 ]
done

loaded patcher || insmod /patcher.ko
for target in $(rescues); do
	disarm "$target"
done
for stub in stub_noop stub_chardev stub_kthread; do
	loaded $stub || insmod /stubs/$stub.ko
done
loaded t_inside_stub || insmod /targets/t_inside_stub.ko
ok "the targets unload" eval 'unloads t_noexit stub_noop && unloads t_leak &&
	unloads t_exitoops stub_noop && unloads t_exitbug stub_noop &&
	unloads t_chardev stub_chardev && unloads t_kthread stub_kthread &&
	unloads t_inside t_inside_stub'
ok "patcher and the stubs unload" \
	rmmod patcher stub_noop stub_chardev stub_kthread t_inside_stub
is "no module is left" "$(grep -v '^$' /proc/modules)" ""
is "ftrace lists nothing" "$(cat /sys/kernel/tracing/enabled_functions)" ""
done_testing
