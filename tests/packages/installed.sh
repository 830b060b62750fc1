#!/bin/sh
# What the packages have installed, in a root that the guest mounts: patcher.ko by its name, the
# command, and what a stub includes. tests/packages.t runs it.
# modules: 9p 9pnet_virtio virtio_pci
# compiler: yes
# splat 1: BUG: kernel NULL pointer dereference
# timeout: 600
. /lib.sh
plan 14

# installed STATUS COMMAND...: in that root.
installed()
{
	local wanted="$1"

	shift
	said "$wanted" chroot /host "$@"
}

ok "the root is there" with_compiler
ok "modprobe loads patcher" installed 0 modprobe patcher
ok "it is loaded" loaded patcher
is "it is the one that DKMS has built" "$(cat /sys/module/patcher/srcversion)" \
	"$(modinfo -F srcversion "/host/lib/modules/$(uname -r)/updates/dkms"/patcher.ko*)"
ok "status: 0" installed 0 patcher status
ok "modprobe -r unloads it" installed 0 modprobe -r patcher

insmod /targets/t_chardev.ko
cp /targets/t_chardev.ko /run/
fails "an exit dies" rmmod t_chardev
fails "the control: rmmod fails" rmmod t_chardev
ok "why: 2" installed 2 patcher why t_chardev
like "it says so" "$SAID" "^t_chardev cannot be unloaded: its exit died half way$"
ok "rescue: 0" installed 0 patcher rescue t_chardev --file /run/t_chardev.ko --yes
like "with a stub that it has written" "$SAID" "^static void t_chardev_cleanup\(void\)$"
is "t_chardev is gone" "$(state_of t_chardev)" absent
ok "its name and number are free" insmod /fixed/t_chardev.ko
done_testing
