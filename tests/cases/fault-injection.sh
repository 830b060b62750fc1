#!/bin/sh
# Each allocation that arming takes fails once, on the kernel that has fault injection: by
# ftrace, by slot, with leaked references, with an open file that force=1 takes, with a task
# that is stuck, with quarantine, with a dead exit, by arm and by insmod. Either it is refused,
# the log says that there is no memory, and the target, the task and all else are as they were;
# or it is armed all the same, as some can be done without. On other kernels it is armed once.
#
# The kernel says of some itself that they fail.
# splat 1: BUG: kernel NULL pointer dereference
# splat *: BUG: kernel NULL pointer dereference|kobject_add_internal failed|vmalloc error
# What t_leak has in /proc is left behind by the stub that it is armed with.
# splat *: not freed, but kept as t_leak_kept
# timeout: 400
. /lib.sh
. /several.sh
. /stuck.sh
plan 36

failslab=/sys/kernel/debug/failslab
has=without
! grep -q ' kasan_report$' /proc/kallsyms || has=with
if [ $has = with ]; then
	ok "the debug kernel has fault injection" test -e /proc/self/fail-nth -a -e $failslab
	echo N >$failslab/ignore-gfp-wait
	echo 0 >$failslab/verbose
	echo Y >$failslab/cache-filter
else
	fails "this kernel has none" test -e /proc/self/fail-nth
fi

# once WAY FROM TARGET LINE FILE...: what the program faults says last, in SAID.
once()
{
	local status=0

	peek "$3" >/dev/null
	faults "$@" /sys/module/t_peek/parameters/report /sys/kernel/tracing/enabled_functions \
		/sys/kernel/debug/kprobes/list /sys/kernel/patcher >/run/faults 2>&1 3>&- ||
		status=$?
	echo "faults $*"
	cat /run/faults
	SAID=$(tail -n 1 /run/faults)
	return $status
}

# counted NAME LEAST: as many refusals of patcher's as there have to be. One result.
counted()
{
	if [ $has = with ]; then
		ok "$1: it was refused $REFUSED times" [ "$REFUSED" -ge "$2" ]
	else
		is "$1: it was armed once" "$REFUSED ${SAID##*; }" "0 1"
	fi
}

# one_by_one NAME LEAST WAY TARGET LINE FILE...: it is armed then. Two results.
one_by_one()
{
	local name="$1" least="$2" way="$3"

	shift 3
	ok "$name: when refused, all is as it was" once "$way" 1 "$@"
	REFUSED=${SAID#refused }
	REFUSED=${REFUSED%% *}
	counted "$name" "$least"
}

# nothing_ran: the one that was stuck has ended, with not one instruction more. MODULE is
# what the target is called now.
nothing_ran()
{
	wait_for 20 ended "$STUCK" && [ "$(value after "$1")" = 0 ]
}

evicted()
{
	nothing_ran t_stuck && rmmod t_stuck
}

quarantined()
{
	let_go t_stuck_quarantine && nothing_ran t_stuck_quarantine &&
		wait_for 20 rmmod t_stuck_quarantine
}

stuck()
{
	get_stuck completion exit && WATCHED=/proc/$STUCK/stack
}

opened()
{
	insmod /fixed/t_misc.ko && exec 4</dev/t_misc && WATCHED=/dev/t_misc
}

taken()
{
	! cat <&4 && rmmod t_misc && exec 4<&-
}

# each BEGIN UNDO TARGET LINE: until it passes untouched; whenever it is armed, UNDO ends it,
# and BEGIN makes the next one.
each()
{
	local from=1 status=3 refused

	REFUSED=0
	while [ $status = 3 ]; do
		$1 || return
		status=0
		once arm-once $from "$3" "$4" "$WATCHED" || status=$?
		refused=${SAID#refused }
		REFUSED=$((REFUSED + ${refused%% *}))
		from=$((${SAID##*; } + 1))
		[ $status = 0 ] || [ $status = 3 ] || return
		$2 || return
	done
}

insmod /stubs/stub_noop.ko
insmod /targets/t_stuck_both.ko
insmod /targets/t_stuck_idle.ko
insmod /patcher.ko

# once_more: what has been taken once and is kept has been taken then.
once_more()
{
	insmod /targets/t_exitoops.ko && arm "t_exitoops stub_noop" && rmmod t_exitoops
}
ok "once, with all the memory that it takes" once_more
begin=$(slab)

insmod /targets/t_exitoops.ko
one_by_one "ftrace" 4 arm t_exitoops "t_exitoops stub_noop" /sys/module/stub_noop/refcnt
is "ftrace: it is armed" "$(shown t_exitoops)" "stub_noop ftrace 5a (exit to be replaced before it runs) armed"
ok "ftrace: rmmod works" rmmod t_exitoops

insmod /targets/t_exitbug.ko
one_by_one "slot" 4 arm t_exitbug "t_exitbug stub_noop" /sys/module/stub_noop/refcnt
is "slot: it is armed" "$(shown t_exitbug)" "stub_noop slot 5a (exit to be replaced before it runs) armed"
ok "slot: rmmod works" rmmod t_exitbug

insmod /targets/t_leak.ko leak=3
one_by_one "leaked" 5 arm t_leak t_leak
is "leaked: it is armed" "$(shown t_leak) $(state_of t_leak)" "(none) (none) 4 (references leaked) armed live 0"
ok "leaked: rmmod works" rmmod t_leak

ok "taken: when refused, all is as it was" each opened taken t_misc "t_misc force"
counted "taken" 5

ok "stuck: when refused, it is stuck as before" each stuck evicted t_stuck \
	"t_stuck t_stuck_both timeout_ms=20000"
counted "stuck" 5
ok "quarantine: when refused, it is stuck as before" each stuck quarantined t_stuck \
	"t_stuck t_stuck_idle quarantine timeout_ms=300"
counted "quarantine" 5
ok "stuck, quarantine: the stubs are free" wait_for 20 unload t_stuck_both t_stuck_idle

end=$(slab)
echo "SUnreclaim: $begin kB, then $end kB"
ok "memory stays as it is" [ $((end - begin)) -lt 512 ]
ok "patcher goes" rmmod patcher

insmod /targets/t_leak.ko leak=3
one_by_one "loaded" 5 load t_leak "target=t_leak stub=stub_noop" /sys/module /sys/module/stub_noop/refcnt
ok "loaded: rmmod works" rmmod t_leak
ok "loaded: all of it goes" rmmod patcher

# From here on there is no lockdep, where there was.
insmod /targets/t_exitoops.ko
fails "died: rmmod dies" rmmod t_exitoops
insmod /patcher.ko
one_by_one "died" 4 arm t_exitoops "t_exitoops stub_noop" /sys/module/stub_noop/refcnt
is "died: it is armed" "$(shown t_exitoops)" "stub_noop ftrace 5b (its exit died) armed"
ok "died: rmmod works" rmmod t_exitoops
ok "died: all of it goes" rmmod patcher stub_noop
ok "the same file loads again" insmod /targets/t_exitoops.ko
ok "and a hundred modules and processes come and go" churn 100 /fixed/t_exitbug.ko t_exitbug

if [ $has = with ]; then
	ok "kmemleak is still at work" eval 'echo scan >/sys/kernel/debug/kmemleak'
else
	fails "there is no kmemleak" test -e /sys/kernel/debug/kmemleak
fi
done_testing
