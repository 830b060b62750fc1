#!/bin/sh
# Kprobes are switched off: no tripwire can stand, so nobody is evicted, and nobody is let
# go either. A stub that only lets go needs none.
. /lib.sh
. /stuck.sh
plan 24

enabled=/sys/kernel/debug/kprobes/enabled

echo 0 >$enabled
scene_let completion exit

stuck_start completion exit
insmod /targets/t_stuck_both.ko
refused "refused" "Operation not supported" \
	"patcher: t_stuck: refused: rmmod\[$STUCK\] cannot be evicted, no kprobe at $PLACE \(-EOPNOTSUPP\); .*\(-EOPNOTSUPP\)" \
	target=t_stuck stub=t_stuck_both
unlike "nobody was let go" "$(cat /run/logged)" "release ran"
still_stuck completion
is "kprobes are off as before" "$(cat $enabled)" 0
rmmod t_stuck_both

echo 1 >$enabled
rescued completion both
churns
done_testing
