#!/bin/sh
# A task is stuck inside a target that is loaded and works, and has no reference on it: a
# user task in a read, a thread that does not hear kthread_stop(). It is nobody's rmmod
# that is lost there, so it is evicted only with force=1. Without, a user task is in the way;
# the module's own thread is left to the cleanup.
# timeout: 180
. /lib.sh
. /stuck.sh
plan 32

# live_start HOW: one result.
live_start()
{
	local major

	insmod /targets/t_stuck.ko how="$1"
	case $1 in
	read)
		major=$(sed -n 's/^ *\([0-9]*\) t_stuck$/\1/p' /proc/devices)
		rm -f /dev/t_stuck
		mknod /dev/t_stuck c "$major" 0
		bg cat /dev/t_stuck
		stuck_is t_stuck cat "$BG"
		;;
	thread)
		stuck_is t_stuck t_stuck "$(pidof t_stuck)"
		;;
	esac
	ok "$1: $COMM is stuck inside" wait_for 20 is_stuck "$1"
}

# without_force HOW: one result, or two for a thread.
without_force()
{
	case $1 in
	read)
		refused "$1: refused without force, naming it" "Device or resource busy" \
			"patcher: t_stuck: refused: .*$COMM\[$STUCK\] .*t_stuck_" \
			target=t_stuck stub=t_stuck_both timeout_ms=500
		;;
	thread)
		ok "$1: armed without force" insmod /patcher.ko target=t_stuck stub=t_stuck_both
		ok "$1: and put back" rmmod patcher
		;;
	esac
}

# scene_live HOW: what without_force tells, and fourteen results.
scene_live()
{
	live_start "$1"
	kill -9 "$STUCK"
	still_stuck "$1"
	is "$1: it is LIVE, without a reference" "$(state_of t_stuck)" "live 0"
	insmod /targets/t_stuck_idle.ko
	insmod /targets/t_stuck_both.ko
	without_force "$1"
	still_stuck "$1"
	refused "$1: refused with force, when nothing lets it go" "Device or resource busy" \
		"patcher: t_stuck: refused: .*$COMM\[$STUCK\] .*t_stuck_" \
		target=t_stuck stub=t_stuck_idle timeout_ms=500 force=1
	still_stuck "$1"
	rmmod t_stuck_idle
	log_mark
	ok "$1: with force patcher succeeds" insmod /patcher.ko target=t_stuck \
		stub=t_stuck_both force=1
	is "$1: nothing more of the target has run" "$(value after) $(value others)" "0 0"
	like "$1: the log says who was evicted, and where" "$(log_since)" \
		"patcher: t_stuck: evicted $COMM\[$STUCK\] at $PLACE"
	ok "$1: it is gone" wait_for 20 ended "$STUCK"
	ok "$1: rmmod works" rmmod t_stuck
	is "$1: the target is gone" "$(state_of t_stuck)" absent
	ok "$1: patcher and stub unload at once" rmmod patcher t_stuck_both
	ok "$1: all that it had registered is free" fixed_goes t_stuck
}

scene_live read
scene_live thread
churns
done_testing
