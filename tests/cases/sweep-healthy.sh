#!/bin/sh
# Debian's own modules are loaded, used a little, and unloaded with guard=1, twice over, while two
# tasks keep both CPUs busy and another module comes and goes: none is kept. scsi_debug is not among
# them: on 7.3 it leaves two objects behind at each unload that point into it.
# optional: brd dummy uinput minix loop tun tcp_bbr nf_conntrack bridge 8021q ext4 zram veth macvlan
# optional: bonding vxlan ipip xfrm_user af_key esp4 sch_fq cls_u32 ip_tables squashfs vfat overlay
# optional: null_blk vcan n_hdlc serpent_generic algif_hash binfmt_misc
# kernels: 6.1
# timeout: 1800
. /lib.sh
. /sweep.sh

# The first 26 that the kernel has; the debug kernel has few.
modules=""
number=0
for module in $(sed -n 's/^# optional: //p' /case.sh | tr '\n' ' '); do
	find /lib/modules -name "$module.ko*" | grep -q . || continue
	modules="$modules $module"
	number=$((number + 1))
	[ $number -lt 26 ] || break
done
[ -e /sys/kernel/debug/kmemleak ] && wanted=8 || wanted=25

# use MODULE: a little. Of those that are not named, to be there is enough.
use()
{
	case $1 in
	brd) use_disk /dev/ram0 ;;
	null_blk) use_disk /dev/nullb0 ;;
	zram) echo 1M >/sys/block/zram0/disksize && use_disk /dev/zram0 ;;
	loop) head -c 65536 /dev/zero >/run/image && losetup /dev/loop0 /run/image && losetup -d /dev/loop0 ;;
	ext4) use_ext4 ;;
	overlay)
		mkdir -p /tmp/low /tmp/up /tmp/work /tmp/over &&
			mount -t overlay -o lowerdir=/tmp/low,upperdir=/tmp/up,workdir=/tmp/work over /tmp/over &&
			echo x >/tmp/over/x && umount /tmp/over
		;;
	binfmt_misc) mount -t binfmt_misc none /tmp && umount /tmp ;;
	dummy) ip link set dummy0 up ;;
	bonding) ip link set bond0 up && ip link set bond0 down ;;
	veth) ip link add t_veth type veth && ip link set t_veth up && ip link del t_veth ;;
	vcan) ip link add t_vcan type vcan && ip link set t_vcan up && ip link del t_vcan ;;
	bridge) brctl addbr t_bridge && ip link set t_bridge up && ip link set t_bridge down && brctl delbr t_bridge ;;
	uinput) sh -c 'exec 4<>/dev/uinput' ;;
	tcp_*) echo "${1#tcp_}" >/proc/sys/net/ipv4/tcp_congestion_control && echo cubic >/proc/sys/net/ipv4/tcp_congestion_control ;;
	minix | squashfs | vfat) grep -q "${1%fs}" /proc/filesystems ;;
	*) loaded "$1" ;;
	esac
}

use_disk()
{
	wait_for 10 test -b "$1" && dd if=/dev/zero of="$1" bs=4096 count=4 conv=fsync && dd if="$1" of=/dev/null bs=4096 count=4
}

use_ext4()
{
	mkdir -p /run/ext4 && dd if=/dev/zero of=/run/disk bs=1M count=4 && mke2fs -F /run/disk &&
		modprobe loop && losetup /dev/loop0 /run/disk && mount -t ext4 /dev/loop0 /run/ext4 &&
		echo x >/run/ext4/x && umount /run/ext4 && losetup -d /dev/loop0 && modprobe -r loop
}

kept()
{
	sed -n 's/^\([^ ]*_kept[0-9]*\) .*/\1/p' /proc/modules
}

plan $((number * 6 + 5))
ok "there are enough modules: $number" [ "$number" -ge "$wanted" ]
ok "patcher guards every unload" guard_anew
bg sh -c 'while :; do :; done'
busy=$BG
bg sh -c 'while :; do :; done'
busy="$busy $BG"
bg churn 100000 /targets/t_provider.ko t_provider
churn=$BG
for round in 1 2; do
	for module in $modules; do
		ok "$module loads, $round" modprobe "$module"
		ok "$module is used" use "$module"
		ok "$module goes" wait_for 20 modprobe -r "$module"
	done
done
ok "another module comes and goes all the while" kill "$churn"
# shellcheck disable=SC2086
kill $busy
wait_for 60 ended "$churn"
is "none was kept" "$(dmesg | grep '^.*patcher: .*\(still points\|not freed\)')" ""
wait_for 20 unload t_provider
ok "patcher goes" rmmod patcher
done_testing
