#!/bin/sh
# The story that make demo tells, on ttyS2; each step is a test as well.
# modules: 9p 9pnet_virtio virtio_pci
# compiler: yes
# kernels: 6.1
# splat 1: BUG: kernel NULL pointer dereference
# timeout: 300
. /lib.sh
plan 23

# tell TEXT: to the reader.
tell()
{
	printf '\n%s\n' "$1"
}

# shown STATUS COMMAND...: types COMMAND for the reader and runs it; succeeds if its
# status is 0, or is not, as STATUS is "works" or "fails".
shown()
{
	local wanted="$1" status=works
	shift
	printf '$ %s\n' "$*"
	"$@" 3>&- || { echo "[exit status $?]"; status=fails; }
	[ "$status" = "$wanted" ]
}

# step NAME STATUS COMMAND...: the same as a test.
step()
{
	local name="$1" status=0
	shift
	shown "$@" || status=1
	point "$status" "$name"
}

# said: what the kernel logged since the last log_mark, the gist of it.
said()
{
	log_since | grep -E '^(BUG:|patcher:|Oops:|RIP: 0010:t_)' | uniq | sed 's/^/    /'
}

# installed: as on a machine on which patcher and the driver are installed, and a compiler.
installed()
{
	with_compiler && cp /patcher.ko /targets/t_chardev.ko "/lib/modules/$(uname -r)/extra/" && /sbin/depmod
}

ok "all is installed" installed
tell "A character device, with a bug in its exit."
step "loads" works modprobe t_chardev
step "works" works cat /dev/t_chardev

tell "Unloading it kills rmmod half way. The kernel says:"
log_mark
step "dies" fails rmmod t_chardev
said

tell "It can be neither used nor unloaded; its name, number and class are taken."
step "is wedged" fails rmmod t_chardev
step "cannot be forced" fails rmmod -f t_chardev
step "it is said why" fails patcher why t_chardev

tell "The rescue. A stub is written from the module's file: it does what the exit has not done."
step "is rescued" works patcher rescue t_chardev --yes
fails "patcher is gone" loaded patcher

tell "All that it had registered is free, so that a fixed build can be loaded."
step "the fixed build loads" works insmod /fixed/t_chardev.ko
step "and works" works cat /dev/t_chardev
step "and unloads" works rmmod t_chardev

tell "A module whose exit waits for something that never comes: rmmod hangs."
step "loads" works insmod /targets/t_stuck.ko how=completion
bg rmmod t_stuck
hung=$BG
hangs()
{
	grep -q t_stuck_exit "/proc/$hung/stack"
}
ok "rmmod hangs" wait_for 20 hangs
step "its stack" works cat "/proc/$hung/stack"
step "cannot be killed" works kill -9 "$hung"
step "is wedged" fails rmmod -f t_stuck
fails "it is still there" ended "$hung"

tell "The rescue, by hand: the stub lets it go, and patcher ends it before it can run on."
log_mark
step "stub loads" works insmod /targets/t_stuck_both.ko
step "is armed" works insmod /patcher.ko target=t_stuck stub=t_stuck_both
ok "the hung rmmod is gone" wait_for 20 ended "$hung"
step "is unloaded" works rmmod t_stuck
said
step "patcher goes" works rmmod patcher t_stuck_both
tell "No reboot was needed."
done_testing
