#!/bin/sh
# Debian's own modules, which no one here wrote: a block device, a network device, an
# input device, a filesystem and a SCSI host, each wedged by leaked references, rescued
# with no stub, unloaded, loaded again and used.
# modules: brd dummy uinput minix scsi_debug sd_mod
# timeout: 180
. /lib.sh
plan 75

use_brd()
{
	head -c 4096 /dev/urandom >/run/block
	dd if=/run/block of=/dev/ram0 bs=4096 count=1 conv=fsync &&
		dd if=/dev/ram0 bs=4096 count=1 | cmp - /run/block
}

use_dummy()
{
	ip link set lo up && ip link set dummy0 up && ip addr add 192.0.2.1/24 dev dummy0 && ping -c 1 192.0.2.1
}

use_uinput()
{
	[ -c /dev/uinput ] && sh -c 'exec 4<>/dev/uinput'
}

use_minix()
{
	grep -q minix /proc/filesystems
}

use_scsi_debug()
{
	wait_for 30 eval 'ls -d /sys/class/scsi_disk/*/device/block/*' &&
		disk=$(ls /sys/class/scsi_disk/*/device/block) &&
		wait_for 10 test -b "/dev/$disk" && dd if="/dev/$disk" of=/dev/null bs=4096 count=1
}

traces()
{
	case $1 in
	brd) ls /dev/ram0 ;;
	dummy) ls -d /sys/class/net/dummy0 ;;
	uinput) ls /dev/uinput ;;
	minix) grep minix /proc/filesystems ;;
	scsi_debug) ls -d /sys/bus/pseudo/drivers/scsi_debug ;;
	esac 2>/dev/null
}

modprobe sd_mod
for module in brd dummy uinput minix scsi_debug; do
	ok "$module loads" modprobe "$module"
	ok "$module works" use_$module
	is "two references of it are leaked" \
		"$(insmod_says /targets/t_leaker.ko target=$module count=2)" "Operation canceled"
	wait_for 10 is_state $module "live 2"
	fails "rmmod $module fails" rmmod $module
	rescue $module "" "situation 4" "corrected its refcnt from 2 to 0"
	is "$module has left nothing" "$(traces $module)" ""
	ok "$module loads again" modprobe "$module"
	ok "$module works again" use_$module
	ok "$module unloads" modprobe -r "$module"
done
done_testing
