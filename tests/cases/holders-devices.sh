#!/bin/sh
# Debian's dummy, uinput and scsi_debug. A network device with an address takes no
# reference: it is named, and what is counted is leaked. An open misc device, and an open
# disk at a SCSI host, do.
# modules: dummy uinput scsi_debug sd_mod
# timeout: 180
. /lib.sh
plan 39

account()
{
	like "$1" "$(cat /run/logged)" "patcher: $2"
}

leak()
{
	is "two references of $1 are leaked" \
		"$(insmod_says /targets/t_leaker.ko target="$1" count=2)" "Operation canceled"
	wait_for 10 is_state "$1" "live $2"
}

find_disk()
{
	disk=$(ls /sys/class/scsi_disk/*/device/block) && [ -b "/dev/$disk" ]
}

ok "dummy loads" modprobe dummy
ok "it has an address" sh -c 'ip link set dummy0 up && ip addr add 192.0.2.1/24 dev dummy0'
is "and takes no reference" "$(state_of dummy)" "live 0"
leak dummy 2
fails "rmmod dummy fails" rmmod dummy
rescue dummy "" "situation 4" "devices of it, which hold no reference: dummy0"

ok "uinput loads" modprobe uinput
ok "its node is there" wait_for 10 test -c /dev/uinput
exec 4<>/dev/uinput
is "it is open" "$(state_of uinput)" "live 1"
fails "rmmod uinput fails" rmmod uinput
refused "refused, naming who has it open" "Device or resource busy" \
	"patcher: uinput: refused: opened by [^ ]*\[$$\] fd 4 \(/dev/uinput\); close it first" target=uinput
account "the account" 'uinput: 1 references: 1 held by .*, 0 unaccounted for'
leak uinput 3
refused "refused still" "Device or resource busy" "refused: opened by" target=uinput
account "the account tells them apart" 'uinput: 3 references: 1 held by .*, 2 unaccounted for'
exec 4<&-
ok "it is closed" wait_for 10 is_state uinput "live 2"
rescue uinput "" "situation 4" "2 references: no holder found, 2 unaccounted for"

ok "scsi_debug loads" modprobe scsi_debug num_parts=1
modprobe sd_mod
ok "its disk is there" wait_for 60 find_disk
ok "with a part" wait_for 20 test -b "/dev/${disk}1"
ok "nobody has it open" wait_for 20 is_state scsi_debug "live 0"
exec 4<"/dev/$disk" 5<"/dev/${disk}1" 6<"/dev/${disk}1"
count=$(state_of scsi_debug)
refused "scsi_debug is refused: its disk is open" "Device or resource busy" \
	"scsi_debug: refused: opened by .* fd 4 \(/dev/$disk\), .* fd 5 \(/dev/${disk}1\), .* fd 6" \
	target=scsi_debug
account "all is accounted for" "scsi_debug: ${count#live } references: ${count#live } held by .*, 0 unaccounted for"
count=$(state_of sd_mod)
refused "sd_mod, too" "Device or resource busy" "sd_mod: refused: opened by .* fd 4" target=sd_mod
account "all is accounted for" "sd_mod: ${count#live } references: ${count#live } held by .*, 0 unaccounted for"
exec 4<&- 5<&- 6<&-
ok "all is closed" wait_for 10 is_state scsi_debug "live 0"
ok "scsi_debug unloads" modprobe -r scsi_debug
done_testing
