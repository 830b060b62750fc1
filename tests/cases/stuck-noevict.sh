#!/bin/sh
# patcher as it is on an architecture for which nobody has written how to evict: who would
# have to be is named and refused. A stub that only lets go needs none of it. In the same build
# ftrace cannot set the instruction pointer: that is noticed at the first redirect, and the slot is
# used. And it was built with FORCE=no.
# kernels: 6.1
. /lib.sh
. /stuck.sh
plan 40

cp /noevict/patcher.ko /patcher.ko
scene_let completion exit

stuck_start completion exit
insmod /targets/t_stuck_both.ko
refused "refused" "Operation not supported" \
	"patcher: t_stuck: refused: .*rmmod\[$STUCK\] .*\(-EOPNOTSUPP\)" \
	target=t_stuck stub=t_stuck_both
unlike "nobody was let go" "$(cat /run/logged)" "release ran"
still_stuck completion
rmmod t_stuck_both
let_go
ok "let go, its rmmod ends" wait_for 20 ended "$STUCK"

insmod /targets/t_chardev.ko
refused "force is refused" "Operation not supported" \
	"patcher: t_chardev: refused: this patcher was built without force and quarantine \(make FORCE=no\) \(-EOPNOTSUPP\)" \
	target=t_chardev force=1
refused "so is quarantine" "Operation not supported" \
	"patcher: t_chardev: refused: this patcher was built without force and quarantine" \
	target=t_chardev quarantine=1
ok "force=0 is not" insmod /patcher.ko target=t_chardev force=0 quarantine=0
ok "it goes" rmmod patcher
rescue t_chardev stub_chardev "situation 5a" \
	"redirected its exit t_chardev_exit .* by slot, as ftrace does not redirect functions here \(-EOPNOTSUPP\)"
like "it is said that ftrace has no effect" "$(log_since)" \
	"patcher: ftrace does not redirect functions on this kernel; exits are redirected by slot"
is "ftrace lists nothing" "$(cat /sys/kernel/tracing/enabled_functions)" ""
insmod /targets/t_chardev.ko
insmod /stubs/stub_chardev.ko
ok "armed again" insmod /patcher.ko target=t_chardev stub=stub_chardev
ok "rmmod works" rmmod t_chardev
ok "and has freed all" insmod /fixed/t_chardev.ko
rmmod t_chardev patcher stub_chardev

insmod /targets/t_noexit.ko
rescue t_noexit stub_noop "situation 3" "gave it the exit .* by slot"
done_testing
