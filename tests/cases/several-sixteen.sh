#!/bin/sh
# Sixteen rescues armed at a time, of four kinds, and ended in another order than they were
# begun in: by rmmod, one after the other and several at once; by disarm; by rmmod patcher.
# splat 4: BUG: kernel NULL pointer dereference
# timeout: 240
. /lib.sh
. /several.sh
plan 40

# kind N: which target the Nth is a copy of, in turn.
kind()
{
	case $(($1 % 4)) in
	0) echo t_leak ;;
	1) echo t_exitoops ;;
	2) echo t_noexit ;;
	3) echo t_exitbug ;;
	esac
}

# line N: what arms it.
line()
{
	case $(($1 % 4)) in
	0) echo "t_m$1" ;;
	*) echo "t_m$1 stub_noop" ;;
	esac
}

# each COMMAND N...: runs COMMAND for each N, and goes on if it fails.
each()
{
	local n command="$1" status=0

	shift
	for n; do
		"$command" "$n" || status=1
	done
	return "$status"
}

load()
{
	renamed "/targets/$(kind "$1").ko" "t_m$1"
	if [ "$(kind "$1")" = t_leak ]; then
		insmod "/run/t_m$1.ko" leak="$1"
	else
		insmod "/run/t_m$1.ko"
	fi
	[ "$(kind "$1")" != t_exitoops ] || ! rmmod "t_m$1"
}

arm_nth()
{
	arm "$(line "$1")"
}

look()
{
	peek "t_m$1"
}

status_of()
{
	cat "/sys/kernel/patcher/t_m$1/status"
}

remove()
{
	rmmod "t_m$1"
}

disarm_nth()
{
	disarm "t_m$1"
}

shown_nth()
{
	is_shown "t_m$1"
}

# are_gone N...: neither loaded nor shown.
are_gone()
{
	local n

	for n; do
		! loaded "t_m$n" && ! is_shown "t_m$n" || return 1
	done
}

in_order="11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26"

# shellcheck disable=SC2086
{
	ok "sixteen load" each load $in_order
	insmod /stubs/stub_noop.ko
	for n in 12 13 14; do
		fails "rmmod t_m$n fails, as $(kind $n) does" rmmod t_m$n
	done
	found=$(each look $in_order)
	insmod /patcher.ko
	ok "sixteen are armed" each arm_nth $in_order
	is "sixteen are shown" "$(rescues | wc -w)" 16
	is "and armed" "$(each status_of $in_order | sort | uniq -c | sed 's/^ *//')" "16 armed"
	is "four by ftrace, eight by slot" "$(cat /sys/kernel/patcher/*/method | sort | uniq -c | sed 's/^ *//' | tr '\n' ' ')" \
		"4 (none) 4 ftrace 8 slot "
	fails "the stub of twelve is pinned" rmmod stub_noop

	ok "patcher goes" rmmod patcher
	is "all are as they were found" "$(each look $in_order)" "$found"

	insmod /patcher.ko
	ok "sixteen are armed again, in another order" \
		each arm_nth 19 13 26 11 22 17 14 24 12 20 16 25 18 23 15 21
	for n in 21 13 26 17 11 24; do
		ok "rmmod t_m$n works ($(kind $n))" rmmod t_m$n
		ok "it is gone" are_gone $n
	done
	is "ten are left" "$(rescues | wc -w)" 10

	ok "four are disarmed" each disarm_nth 22 12 19 16
	for n in 22 12 19 16; do
		ok "t_m$n is not shown any more" wait_for 10 not_shown t_m$n
	done
	ok "and armed again" each arm_nth 12 16 19 22

	all=""
	for n in 25 14 20 23 18 15; do
		bg rmmod t_m$n
		all="$all $BG"
	done
	for pid in $all; do
		wait "$pid" || echo "$pid: $?"
	done >/run/failed
	is "six rmmods at once all work" "$(cat /run/failed)" ""
	ok "they are gone" are_gone 25 14 20 23 18 15
	is "four are left" "$(rescues)" "t_m12 t_m16 t_m19 t_m22"
	ok "patcher goes" rmmod patcher
	is "they are as they were found" "$(each look 12 16 19 22)" \
		"$(echo "$found" | sed -n '2p;6p;9p;12p')"
	insmod /patcher.ko
	ok "they are armed once more" each arm_nth 12 16 19 22
	ok "and go" each remove 22 19 12 16
	ok "all of it goes" rmmod patcher stub_noop
	is "nothing stays" "$(lsmod | grep -E '^(patcher|stub_|t_m)')$(cat /sys/kernel/tracing/enabled_functions)" ""
}
done_testing
