#!/bin/sh
# patcher as it is on an architecture for which nobody has written how to evict: who would
# have to be is named and refused. A stub that only lets go needs none of it.
. /lib.sh
. /stuck.sh
plan 22

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

insmod /targets/t_noexit.ko
rescue t_noexit stub_noop "situation 3" "gave it the exit .* by slot"
done_testing
