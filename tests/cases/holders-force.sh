#!/bin/sh
# force=1 takes the open files of a misc device from who has them: they answer EIO, and can be
# closed at any time, before the target goes or long after. Where anything beside descriptors
# may still lead into the target, nothing is taken, and neither is a file through a cdev of
# the target's own.
# timeout: 240
. /lib.sh
. /several.sh
plan 72

took()
{
	echo "patcher: $1: took $2 open files: they answer EIO, its release is not called for them, and patcher stays"
}

# is_dead NAME FD: one result.
is_dead()
{
	like "$1" "$(cat <&"$2" 2>&1)" "Input/output error"
}

insmod /fixed/t_misc.ko
exec 4<>/dev/t_misc 5<&4
bg sleep 1000
sharer=$BG
exec 6</dev/t_misc
is "two files are open" "$(state_of t_misc)" "live 2"
fails "rmmod fails" rmmod t_misc
refused "without force=1 it says what that would do" "Device or resource busy" \
	"close it first, or force=1 to make it answer EIO" target=t_misc
is "it still works" "$(cat <&6)" "t_misc: ok"
log_mark
ok "armed by force" insmod /patcher.ko target=t_misc force=1
like "the log says how many were taken" "$(log_since)" "$(took t_misc 2)"
is "no reference is left" "$(state_of t_misc)" "live 0"
is "patcher has them" "$(state_of patcher)" "live 2"
is_dead "reading fails" 4
is_dead "by a descriptor that is shared as well" 5
is "who opens it now is served" "$(cat /dev/t_misc)" "t_misc: ok"
is "and leaves nothing behind" "$(state_of t_misc)" "live 0"
exec 6<&-
is "one is closed before the target goes" "$(state_of t_misc) $(state_of patcher)" "live 0 live 1"
exec 6</dev/t_misc
is "and opened once more" "$(state_of t_misc)" "live 1"
exec 6<&-
is "and closed" "$(state_of t_misc)" "live 0"
ok "rmmod works" rmmod t_misc
ok "a fixed build loads" insmod /fixed/t_misc.ko
is "and works" "$(cat /dev/t_misc)" "t_misc: ok"
is "it has no reference of the old files" "$(state_of t_misc)" "live 0"
is_dead "which stay dead" 4
ok "it goes" rmmod t_misc
churn 20 /fixed/t_exitbug.ko t_exitbug
fails "patcher is in use" rmmod patcher
exec 4<&- 5<&-
is "another task has the other one" "$(state_of patcher)" "live 1"
kill "$sharer"
ok "it ends, and patcher unloads" wait_for 20 rmmod patcher

# Disarmed: a file that was taken stays so, and its reference has leaked.
insmod /fixed/t_misc.ko
exec 4</dev/t_misc
ok "armed again" insmod /patcher.ko target=t_misc force=1
is "disarmed" "$(disarm t_misc)" ""
is "the count is as it was" "$(state_of t_misc)" "live 1"
is_dead "the file is not" 4
exec 4<&-
is "it is closed" "$(state_of t_misc)" "live 1"
is "the target works" "$(cat /dev/t_misc)" "t_misc: ok"
is "and is armed again" "$(arm t_misc)" ""
ok "rmmod works" rmmod t_misc
ok "patcher unloads" rmmod patcher

# A cdev of the target's own, of which each file has a reference: they are not taken.
insmod /fixed/t_chardev.ko
exec 4</dev/t_chardev
refused "its own cdev: refused" "Device or resource busy" \
	"refused: opened by .*/dev/t_chardev\); close it first, force=1 does not help" \
	target=t_chardev force=1
is "its own cdev: it still works" "$(cat <&4)" "t_chardev: ok"
exec 4<&-
ok "its own cdev: closed, rmmod works" rmmod t_chardev

# With a release, poll and so on, which have an answer each.
insmod /targets/t_holders.ko
wait_for 10 test -c /dev/t_holders
exec 4<>/dev/t_holders
ok "with more operations: writing works" sh -c 'echo x >&4'
ok "with more operations: armed by force" insmod /patcher.ko target=t_holders force=1
is_dead "with more operations: reading fails" 4
fails "with more operations: so does writing" sh -c 'echo x >&4'
ok "with more operations: rmmod works" rmmod t_holders
exec 4<&-
ok "with more operations: patcher unloads" rmmod patcher

# refused_for NAME KIND WHY: the holder goes on, nothing is changed. Five results.
refused_for()
{
	insmod /targets/t_holders.ko
	wait_for 10 test -c /dev/t_holders
	bg hold "$2" /dev/t_holders
	ok "$1: it is held" wait_for 10 grep -q held "/run/bg.$BG"
	refused "$1: refused" "Device or resource busy" "patcher: t_holders: refused: .*$3" \
		target=t_holders force=1
	fails "$1: the holder is still there" ended "$BG"
	kill "$BG"
	ok "$1: it is closed" wait_for 10 is_state t_holders "live 0"
	ok "$1: rmmod works" rmmod t_holders
}

refused_for poll poll "t_holders cannot be taken, it is mapped, polled, or on its way to another task"
refused_for shared shared-poll "t_holders cannot be taken, it is mapped, polled, or on its way to another task"
refused_for epoll epoll "t_holders cannot be taken, it is watched by epoll"
refused_for sigio sigio "t_holders cannot be taken, it sends SIGIO"
refused_for lock lock "t_holders cannot be taken, a system call is using it"
refused_for map map "force=1 does not help"
done_testing
