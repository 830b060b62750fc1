#!/bin/sh
# 5c: exit starts one thread after the other, each of which gets stuck inside as well. They
# are the cleanup's business, or are evicted with force=1, however many there are by
# then; insmod patcher can be interrupted while it waits; what leaves by itself meanwhile
# is no hindrance. There may be 128 tasks inside; of more, nobody is evicted, but all can
# be let go.
# timeout: 240
. /lib.sh
. /stuck.sh
plan 74

# threads: how many are inside. One whose creator was evicted before it had woken it has
# never run, and never will (docs/stuck.md).
threads()
{
	local pid stacks=""

	for pid in $(pidof t_stuck); do
		stacks="$stacks /proc/$pid/stack"
	done
	# shellcheck disable=SC2086 # one word each
	grep -ls t_stuck_child /dev/null $stacks | wc -l
}

several()
{
	[ "$(threads)" -ge 3 ]
}

no_thread()
{
	[ "$(threads)" = 0 ]
}

scene_let fork exit
ok "no thread of it stays" wait_for 10 no_thread

stuck_start fork exit
ok "fork: several threads are inside" wait_for 20 several
rescued fork both
ok "no thread of it stays" wait_for 10 no_thread

stuck_start fork exit
ok "fork: several threads are inside" wait_for 20 several
insmod /targets/t_stuck_clean.ko
log_mark
ok "with force=1 all are evicted" insmod /patcher.ko target=t_stuck stub=t_stuck_clean force=1
ok "there are at least three, and rmmod" [ "$(log_since | grep -c 'patcher: t_stuck: evicted')" -ge 4 ]
like "rmmod is among them" "$(log_since)" "evicted rmmod\[$STUCK\] at $PLACE"
is "none is there any more" "$(threads)" 0
is "nothing more of the target has run" "$(value after) $(value others)" "0 0"
ok "rmmod works" rmmod t_stuck
ok "patcher and stub unload at once" rmmod patcher t_stuck_clean
ok "all that it had registered is free" fixed_goes t_stuck

# As many as there may be, with rmmod; then one more.
crowd=128
is_crowd()
{
	[ "$(threads)" = "$crowd" ]
}

# crowd_start N
crowd_start()
{
	crowd=$1
	stuck_start crowd exit children="$crowd"
	ok "crowd: $crowd threads are inside" wait_for 20 is_crowd
}

crowd_start 127
rescued crowd both
ok "no thread of it stays" wait_for 10 no_thread

crowd_start 128
insmod /targets/t_stuck_both.ko
refused "crowd, both: refused, naming some" "Device or resource busy" \
	"patcher: t_stuck: refused: .*, .* and 12[5-8] more; too many to evict" \
	target=t_stuck stub=t_stuck_both timeout_ms=1000
still_stuck crowd
ok "and nobody has gone" is_crowd
rmmod t_stuck_both
insmod /targets/t_stuck_let.ko
ok "crowd, let go: patcher succeeds" insmod /patcher.ko target=t_stuck stub=t_stuck_let
stuck_ends "crowd, let go: its rmmod succeeds" 0
ok "no thread of it stays" wait_for 10 no_thread
ok "patcher and stub unload at once" rmmod patcher t_stuck_let
ok "all that it had registered is free" fixed_goes t_stuck

# Interrupted while it waits: all is as before, and another try works.
stuck_start completion exit
before=$(everything t_stuck)
waited_for completion
interrupted t_stuck "$ARMER" KILL
is "patcher is gone" "$(state_of patcher)" absent
is "all is as before" "$(everything t_stuck)" "$before"
still_stuck completion
rmmod t_stuck_idle

# It leaves by itself while patcher waits for it.
waited_for completion
let_go
ok "rmmod comes back, and is evicted" wait_for 20 ended "$STUCK"
ok "insmod patcher ends" wait_for 20 ended "$ARMER"
is "armed" "$(state_of patcher) $(state_of t_stuck)" "live 0 live 0"
ok "rmmod works" rmmod t_stuck
ok "patcher and stub unload at once" rmmod patcher t_stuck_idle
ok "all that it had registered is free" fixed_goes t_stuck

stuck_start completion exit
insmod /targets/t_stuck_let.ko
log_mark
let_go
ok "it ends by itself just before" wait_for 20 ended "$STUCK"
fails "there is nothing to rescue then" insmod /patcher.ko target=t_stuck stub=t_stuck_let
like "which the log says" "$(log_since)" "patcher: t_stuck: refused: it is not loaded"
rmmod t_stuck_let
churns
done_testing
