#!/bin/sh
# Stubs and targets of several rescues at a time. A stub without symbols serves any number;
# one with symbols has pointers into one target, and is refused to a second until the first
# is over: its cleanup would otherwise work on the wrong one. A stub that serves is no target
# itself, although its references look like leaked ones, and a target no stub.
. /lib.sh
. /several.sh
plan 29

busy="Device or resource busy"

# works NAME: does that character device?
works()
{
	grep -q "t_chardev: ok" "/dev/$1"
}

# turns: arms either of them, and disarms it, in turn; passes if none is in the other's way.
turns()
{
	local left=20

	while [ "$left" -gt 0 ]; do
		disarm t_noexit && arm stub_noop && disarm stub_noop && arm "t_noexit stub_noop" ||
			return
		left=$((left - 1))
	done
}

insmod /patcher.ko
insmod /stubs/stub_noop.ko
insmod /stubs/stub_chardev.ko
insmod /targets/t_chardev.ko
renamed /targets/t_chardev.ko t_other
ok "the same target under another name" insmod /run/t_other.ko
ok "both work" eval 'works t_chardev && works t_other'

ok "one is armed with a stub that has symbols" arm "t_chardev stub_chardev"
arm_refused "the other is refused it" "$busy" \
	'patcher: t_other: refused: stub stub_chardev is bound to the symbols of t_chardev; .*\(-EBUSY\)' \
	"t_other stub_chardev" t_other
ok "the first goes" rmmod t_chardev
fails "with all that it had" grep -q t_chardev /proc/devices
ok "the other still works" works t_other
ok "now that is armed with it" arm "t_other stub_chardev"
insmod /targets/t_chardev.ko
arm_refused "and the first is refused it" "$busy" \
	'patcher: t_chardev: refused: stub stub_chardev is bound to the symbols of t_other; ' \
	"t_chardev stub_chardev" t_chardev
ok "disarmed" disarm t_other
ok "the stub is free at once" arm "t_chardev stub_chardev"
ok "the first goes" rmmod t_chardev
ok "the other still works" works t_other
ok "it is armed" arm "t_other stub_chardev"
ok "and goes" rmmod t_other
fails "with all that it had" grep -q t_other /proc/devices

insmod /targets/t_noexit.ko
insmod /targets/t_exitoops.ko
ok "a stub without symbols" arm "t_exitoops stub_noop"
ok "serves two" arm "t_noexit stub_noop"
is "it has two references" "$(state_of stub_noop)" "live 2"
arm_refused "and is no target, although they look leaked" "$busy" \
	'patcher: stub_noop: refused: it is the stub in the rescue of t_(exitoops|noexit); .*\(-EBUSY\)' \
	stub_noop stub_noop
ok "one goes" rmmod t_noexit
fails "the stub is still pinned" rmmod stub_noop
ok "so does the other" rmmod t_exitoops
is "it has none any more" "$(state_of stub_noop)" "live 0"

insmod /targets/t_noexit.ko
arm stub_noop
arm_refused "a stub that is a target is none" "$busy" \
	'patcher: t_noexit: refused: stub stub_noop is being rescued itself; .*\(-EBUSY\)' \
	"t_noexit stub_noop" t_noexit
disarm stub_noop
ok "disarmed, it is one again" arm "t_noexit stub_noop"
ok "at once, twenty times over" turns
ok "and all goes" rmmod t_noexit
ok "all of it" rmmod patcher stub_noop stub_chardev
done_testing
