#!/bin/sh
# A signal to rmmod ends its wait for a task that is inside the target: rmmod returns, and the
# target is kept under another name. When the task has left, it is freed by itself.
# kernels: 6.1 7.3
# splat *: not freed, but kept as
# timeout: 180
. /lib.sh
plan 20

ok "the target loads" insmod /targets/t_inside.ko
ok "the stub loads" insmod /targets/t_inside_stub.ko
ok "armed" insmod /patcher.ko target=t_inside stub=t_inside_stub
echo 1 >/sys/module/t_inside/parameters/sleep
thread=$(cat /sys/module/t_inside/parameters/sleep)
ok "a thread is inside" wait_for 20 grep -q t_inside_sleep "/proc/$thread/stack"
log_mark
bg rmmod t_inside
rmmod=$BG
ok "rmmod is held back" wait_for 30 logged "t_inside: its exit has run, but it is not freed yet"
kill "$rmmod"
ok "a signal ends its wait" wait_for 20 ended "$rmmod"
said=$(log_since)
like "the log says who is inside" "$said" \
	"patcher: t_inside: still inside it: t_inside_sleep\[$thread\] sleeps inside at t_inside_sleep"
like "and that it is kept" "$said" "patcher: t_inside: not freed, but kept as t_inside_kept: .* KB"
unlike "it is not sealed while the thread is inside" "$said" "sealed: "
is "the target is there" "$(state_of t_inside_kept)" "going -1"
is "sysfs says so" "$(cat /sys/kernel/patcher/t_inside_kept/status)" kept
like "and what is left" "$(cat /sys/kernel/patcher/t_inside_kept/residue)" \
	"^t_inside_sleep\[$thread\] sleeps inside"
ok "the same file loads again at once" insmod /targets/t_inside.ko
ok "and goes" rmmod t_inside
fails "rmmod of what is kept fails" rmmod t_inside_kept
fails "a rescue of it as well" sh -c "echo t_inside_kept >/sys/kernel/patcher/arm"
kill -USR1 "$thread"
ok "the thread leaves, and it is freed by itself" wait_for 60 \
	logged "t_inside_kept: nothing points into it any more, freed"
is "it is gone" "$(state_of t_inside_kept)" absent
fails "and not shown any more" [ -e /sys/kernel/patcher/t_inside_kept ]
ok "patcher and stub go" rmmod patcher t_inside_stub
done_testing
