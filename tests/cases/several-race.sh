#!/bin/sh
# rmmod of an armed target, a write to its disarm, and rmmod patcher, all at once: whichever
# comes first, all of them end, and what is left is the target as it was found, or nothing.
# The same for whoever arms it in that moment.
# timeout: 600
# thread: multi
. /lib.sh
. /several.sh
plan 8

# begins TARGET STUB
begins()
{
	loaded "$1" || insmod "/fixed/$1.ko" || return 1
	loaded patcher || insmod /patcher.ko || return 1
	arm "$1 $2"
}

# is_restored TARGET: as it is without a rescue, or gone.
is_restored()
{
	case $(state_of "$1") in
	absent | "live 0") ;;
	*) return 1 ;;
	esac
}

# is_settled TARGET: is there no rescue of it, or one that stays until somebody ends it? Who
# arms it may come last.
is_settled()
{
	local status=""

	{ read -r status <"$SYSFS/$1/status"; } 2>/dev/null
	[ -z "$status" ] || [ "$status" = armed ]
}

# reads TARGET: what is shown of it, over and over.
reads()
{
	local i=0

	while [ $i -lt 20 ]; do
		cat "/sys/kernel/patcher/$1"/[ms]*
		i=$((i + 1))
	done >/dev/null 2>&1
}

# race N TARGET STUB COMMAND...: N times: TARGET is armed, and while it is unloaded each
# COMMAND runs, all at once. Prints what has not ended as it has to.
race()
{
	local i=0 n="$1" target="$2" stub="$3" command

	shift 3
	while [ $i -lt "$n" ]; do
		i=$((i + 1))
		begins "$target" "$stub" || echo "round $i: not armed"
		rmmod "$target" 2>/dev/null &
		for command; do
			eval "$command" >/dev/null 2>&1 &
		done
		wait
		wait_for 10 is_settled "$target" || echo "round $i: $(shown "$target")"
		not_shown "$target" || disarm "$target" || echo "round $i: not disarmed"
		is_restored "$target" || echo "round $i: $(state_of "$target")"
	done
}

insmod /stubs/stub_noop.ko
is "by ftrace, disarm" "$(race 6 t_exitoops stub_noop 'disarm t_exitoops')" ""
is "by slot, disarm twice, one a little later" \
	"$(race 6 t_exitbug stub_noop 'disarm t_exitbug' 'usleep 50000; disarm t_exitbug' 'reads t_exitbug')" ""
is "by ftrace, rmmod patcher" "$(race 5 t_exitoops stub_noop 'rmmod patcher')" ""
is "all of it" "$(race 6 t_exitoops stub_noop 'disarm t_exitoops' 'rmmod patcher' \
	'arm "t_exitoops stub_noop"' 'reads t_exitoops')" ""
is "and with two that arm" "$(race 6 t_exitbug stub_noop 'disarm t_exitbug' \
	'arm "t_exitbug stub_noop"' 'arm t_exitbug' 'usleep 90000; disarm t_exitbug')" ""
! loaded patcher || rmmod patcher
ok "the stub goes" rmmod stub_noop
is "ftrace lists nothing" "$(cat /sys/kernel/tracing/enabled_functions)" ""
ok "nothing is left of it" [ ! -e /sys/kernel/patcher ]
done_testing
