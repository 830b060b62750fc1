#!/bin/sh
# The look at the moment of freeing: a thread that went inside after arming keeps the
# target's memory, rmmod waits without a lock and says every ten seconds who is
# inside, and ends by itself when the thread has left.
# timeout: 180
. /lib.sh
plan 19

log_has()
{
	[ "$(log_since | grep -Ec "$1")" -ge "$2" ]
}

ok "the target loads" insmod /targets/t_inside.ko
ok "the stub loads" insmod /targets/t_inside_stub.ko
ok "armed" insmod /patcher.ko target=t_inside stub=t_inside_stub
echo 1 >/sys/module/t_inside/parameters/sleep
thread=$(cat /sys/module/t_inside/parameters/sleep)
ok "a thread is inside" wait_for 20 grep -q t_inside_sleep "/proc/$thread/stack"
log_mark
bg rmmod t_inside
rmmod=$BG
word="t_inside: its exit has run, but it is not freed yet: t_inside_sleep\[$thread\] sleeps inside at t_inside_sleep\+"
ok "rmmod is held back, and the log says by whom" wait_for 30 log_has "$word" 1
ok "and says it again" wait_for 40 log_has "$word" 2
fails "rmmod is still there" ended "$rmmod"
like "so is the target" "$(cat /proc/modules)" "^t_inside .* Unloading "
fails "patcher is pinned" rmmod patcher
is "sysfs shows it" "$(cat /sys/kernel/patcher/t_inside/status)" leaving
fails "and cannot disarm it any more" sh -c 'echo 1 >/sys/kernel/patcher/t_inside/disarm'
fails "the stub is pinned" rmmod t_inside_stub
ok "other modules load" insmod /targets/t_leak.ko
ok "and go" rmmod t_leak
kill -USR1 "$thread"
ok "the thread leaves, rmmod ends" wait_for 30 ended "$rmmod"
is "the target is gone" "$(state_of t_inside)" absent
fails "and not shown any more" [ -e /sys/kernel/patcher/t_inside ]
ok "patcher and stub go at once" rmmod patcher t_inside_stub
ok "the same file loads again" insmod /targets/t_inside.ko
done_testing
