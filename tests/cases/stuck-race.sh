#!/bin/sh
# A task in a read is let go at any time while it is caught, put back, evicted: each time it was
# evicted, with nothing more of the target run, or it was not, and has run on to its end as if nothing
# had been. The control: both happen. tests/race does more rounds of this.
# timeout: 240
. /lib.sh
. /stuck.sh
plan 9

ROUNDS=60

# A task inside for its whole life; it is let go after up to DELAY hundredths of a second.
insmod /targets/t_stuck.ko how=read
device_node
insmod /targets/t_stuck_idle.ko
insmod /patcher.ko
arm=/sys/kernel/patcher/arm

# after: what has run since the last time.
last=0
run_since()
{
	local after

	after=$(value after t_stuck)
	RUN=$((after - last))
	last=$after
}

# once DELAY: sets RESULT to evicted, untouched, or what it was.
once()
{
	local status=0

	bg cat /dev/t_stuck
	stuck_is t_stuck cat "$BG"
	wait_for 20 grep -q t_stuck_reader "/proc/$STUCK/stack" || return
	sh -c "usleep $1; echo 1 >/sys/module/t_stuck/parameters/go" &
	echo "t_stuck t_stuck_idle force timeout_ms=100" >$arm 2>/dev/null && echo 1 >/sys/kernel/patcher/t_stuck/disarm
	wait $!
	wait_for 20 ended "$STUCK" || { RESULT="not ended"; return; }
	wait "$STUCK" || status=$?
	run_since
	case "$status $RUN" in
	"137 0") RESULT=evicted ;;
	"0 2") RESULT=untouched ;;
	*) RESULT="status $status, run $RUN" ;;
	esac
	echo 0 >/sys/module/t_stuck/parameters/flag
	wait_for 20 eval "[ ! -e /sys/kernel/patcher/t_stuck ]"
}

evicted=0 untouched=0 bad="" round=0
while [ $round -lt $ROUNDS ]; do
	round=$((round + 1))
	RESULT="never stuck"
	once $((round * 7919 % 400000))
	case $RESULT in
	evicted) evicted=$((evicted + 1)) ;;
	untouched) untouched=$((untouched + 1)) ;;
	*) bad="$bad$round: $RESULT; " ;;
	esac
done
echo "evicted $evicted, untouched $untouched, bad: $bad" | diag
is "each was evicted or untouched" "$bad" ""
ok "some were evicted" [ $evicted -gt 0 ]
ok "some were untouched" [ $untouched -gt 0 ]
is "the target is as it was" "$(state_of t_stuck)" "live 0"
ok "patcher and stub unload" wait_for 20 unload patcher t_stuck_idle
ok "rmmod works" rmmod t_stuck
ok "all that it had registered is free" fixed_goes t_stuck
churns
ok "the taint says that a task was ended" taint_forced_rmmod
done_testing
