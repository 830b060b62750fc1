#!/bin/sh
# A task is stuck inside a target that is loaded and works, and has no reference on it: a
# user task in a read, which is named and refused; a thread that does not hear
# kthread_stop(), which is the cleanup's business. Only force=1 evicts them.
# timeout: 300
. /lib.sh
. /stuck.sh
plan 31

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

# without_force HOW: one result. A thread does not hinder arming, and rmmod patcher puts all
# back.
without_force()
{
	if [ "$1" = read ]; then
		refused "$1: refused without force, naming it" "Device or resource busy" \
			"patcher: t_stuck: refused: .*$COMM\[$STUCK\] .*t_stuck_" \
			target=t_stuck stub=t_stuck_both timeout_ms=500
	else
		log_mark
		insmod /patcher.ko target=t_stuck stub=t_stuck_both
		rmmod patcher
		like "$1: it does not hinder, and is named" "$(log_since)" \
			"patcher: t_stuck: found LIVE, .*$COMM\[$STUCK\] .*t_stuck_.*situation 5a"
	fi
}

# scene_live HOW: fifteen results.
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
