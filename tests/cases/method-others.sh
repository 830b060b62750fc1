#!/bin/sh
# Others are at the target's exit already: kprobes, ftrace's tracers, perf, a breakpoint of the
# processor's. With each of them a rescue works; they see a healthy exit that was redirected
# and put back, and go without a report. The same where kprobes or ftrace are switched off.
# One that keeps ftrace away is in method-livepatch. No kprobe stands in the middle of an
# exit, or in one without an ftrace site: if that is the last function of its section, the
# kernel itself faults in can_optimize() from 6.4 on (arch/x86/kernel/kprobes/opt.c; seen on
# 6.12).
# timeout: 240
. /lib.sh
. /several.sh
plan 77

T=/sys/kernel/tracing

# event DEFINITION: an event of tracefs', switched on.
event()
{
	echo "$1" >>$T/kprobe_events && echo 1 >$T/events/others/enable
}

# filter: ftrace's tracers see only $EXIT, number $NUMBER of its functions, which is one of
# the last. By name it takes seconds to be found.
filter()
{
	local end

	read -r NUMBER _ <$T/dyn_ftrace_total_info
	end=$((NUMBER - 50))
	until echo "$NUMBER" >$T/set_ftrace_filter && grep -q "^$EXIT " $T/set_ftrace_filter; do
		NUMBER=$((NUMBER - 1))
		[ "$NUMBER" -gt $end ] || return 1
	done
}

# perf KIND WHAT: its pid is $TOOL.
perf()
{
	bg counts "$1" "$2"
	TOOL=$BG
	wait_for 20 grep -q counts "/run/bg.$TOOL"
}

# on WHO TARGET: WHO looks at the exit of TARGET from here on.
on()
{
	EXIT=$2_exit
	case $1 in
	event) event "p:others/it $2:$EXIT" ;;
	event_return) event "r:others/it $2:$EXIT" ;;
	probe) insmod /targets/t_probe.ko symbol="$EXIT" ;;
	function*) filter && echo "$1" >$T/current_tracer ;;
	perf_kprobe) perf kprobe "$EXIT" ;;
	breakpoint) perf breakpoint "$(peek "$2" | sed -n 's/.* exit=\([0-9a-f]*\)(.*/\1/p')" ;;
	esac
}

# off WHO: it goes; $SEEN is how often it has seen the exit. One that was unloaded with its
# module may still be on.
off()
{
	SEEN=0
	case $1 in
	event*)
		SEEN=$(awk '{ sum += $2 } END { print sum }' $T/kprobe_profile)
		echo 0 >$T/events/others/enable && echo "-:others/it" >>$T/kprobe_events
		;;
	probe)
		SEEN=$(cat /sys/module/t_probe/parameters/hits)
		rmmod t_probe
		;;
	function*)
		SEEN=$(grep -Ecv '^#|^ -+$|=>|[|] +}|^$' $T/trace)
		echo nop >$T/current_tracer && echo >$T/set_ftrace_filter
		;;
	perf_* | breakpoint)
		kill "$TOOL" && wait "$TOOL" && SEEN=$(tail -n 1 "/run/bg.$TOOL")
		;;
	esac
	# An event that was recorded has the address of the exit.
	echo >$T/trace
}

# arm_by TARGET STUB: arms it; prints the error, or by which method.
arm_by()
{
	arm "$1 $2" && cat "$SYSFS/$1/method"
}

# others WHO TARGET STUB METHOD SEEN: eight results. The fixed build needs what the stub's
# cleanup frees.
others()
{
	local who="$1" target="$2" stub="$3" method="$4" seen="$5" name="$2, $1"

	insmod "/targets/$target.ko"
	ok "$name: it is there" on "$who" "$target"
	is "$name: armed" "$(arm_by "$target" "$stub")" "$method"
	ok "$name: rmmod works" rmmod "$target"
	ok "$name: it goes" off "$who"
	like "$name: and has seen the exit as often as it should" "$SEEN" "^$seen\$"
	ok "$name: the cleanup has run, so that a fixed build loads" insmod "/fixed/$target.ko"

	on "$who" "$target"
	is "$name: a healthy exit is redirected and put back" \
		"$(arm "$target $stub")$(disarm "$target")" ""
	rmmod "$target"
	off "$who"
	is "$name: and seen again" "$SEEN" 1
}

insmod /patcher.ko
insmod /stubs/stub_chardev.ko
for who in event event_return probe function perf_kprobe breakpoint; do
	others $who t_chardev stub_chardev ftrace 1
done
# On 5.10 it does not see what is redirected.
others function_graph t_chardev stub_chardev ftrace "[01]"
insmod /stubs/stub_kthread.ko
others breakpoint t_kthread stub_kthread slot 0

# Kprobes switched off, before and after.
kprobes=/sys/kernel/debug/kprobes/enabled

both_load()
{
	insmod /targets/t_chardev.ko
	insmod /targets/t_kthread.ko
}

# both_armed: two results.
both_armed()
{
	is "by ftrace" "$(arm_by t_chardev stub_chardev)" ftrace
	is "by slot" "$(arm_by t_kthread stub_kthread)" slot
}

# both_go: two results.
both_go()
{
	ok "rmmod works" rmmod t_chardev t_kthread
	echo 1 >$kprobes
	insmod /fixed/t_chardev.ko
	insmod /fixed/t_kthread.ko
	ok "the cleanups have run" rmmod t_chardev t_kthread
}

rmmod patcher
both_load
echo 0 >$kprobes
ok "kprobes are off: patcher loads" insmod /patcher.ko
both_armed
both_go

both_load
both_armed
echo 0 >$kprobes
echo 0 >/proc/sys/kernel/ftrace_enabled
is "ftrace cannot be switched off then" "$(cat /proc/sys/kernel/ftrace_enabled)" 1
both_go

ok "all of it goes" rmmod patcher stub_chardev stub_kthread
is "ftrace lists nothing" "$(cat $T/enabled_functions)" ""
is "and there is no kprobe" "$(cat /sys/kernel/debug/kprobes/list)" ""
done_testing
