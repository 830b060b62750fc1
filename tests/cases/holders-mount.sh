#!/bin/sh
# Debian's brd and minix: a mounted filesystem holds the module of its type, an open disk
# that of its driver, and who mounted, mapped or opened it is named. After the refusal the
# filesystem goes on working; unmounted, what is leaked is corrected.
# modules: brd minix
. /lib.sh
plan 41

# An empty minix filesystem of 64 blocks; busybox has no mkfs.minix.
make_minix()
{
	{
		head -c 1024 /dev/zero
		printf '\040\0\100\0\001\0\001\0\005\0\0\0\0\034\010\020\177\023\001\0\0\0\0\0'
		head -c 1000 /dev/zero
		printf '\003'
		head -c 1023 /dev/zero
		printf '\003'
		head -c 1023 /dev/zero
		printf '\355\101\0\0\040\0\0\0\0\0\0\0\0\002\005\0'
		head -c 1008 /dev/zero
		printf '\001\0.\0\0\0\0\0\0\0\0\0\0\0\0\0\001\0..\0\0\0\0\0\0\0\0\0\0\0\0'
	} | dd of="$1" conv=fsync
}

account()
{
	like "$1" "$(cat /run/logged)" "patcher: $2"
}

ok "brd loads" modprobe brd
ok "minix loads" modprobe minix
make_minix /dev/ram0
mkdir /run/a "/run/b c"
wait_for 10 is_state brd "live 0"
ok "it is mounted" mount -t minix /dev/ram0 "/run/a"
is "minix has a reference" "$(state_of minix)" "live 1"
is "brd, too" "$(state_of brd)" "live 1"
fails "rmmod minix fails" rmmod minix
fails "rmmod brd fails" rmmod brd
refused "minix is refused, with the mount point" "Device or resource busy" \
	'patcher: minix: refused: held by minix mounted on /run/a; unmount or close it first \(-EBUSY\)' \
	target=minix
account "the account of minix" 'minix: 1 references: 1 held by minix mounted on /run/a, 0 unaccounted for'
refused "brd is refused" "Device or resource busy" \
	'patcher: brd: refused: held by minix mounted on /run/a; unmount' target=brd
account "the account of brd" 'brd: 1 references: 1 held by minix mounted on /run/a, 0 unaccounted for'
refused "with force=1, too" "Device or resource busy" \
	'held by minix mounted on /run/a; .*, force=1 does not help' target=minix force=1
ok "the filesystem works on" sh -c 'echo text >/run/a/file && sync && grep text /run/a/file'

mount --bind /run/a "/run/b c"
refused "mounted twice, it is one superblock" "Device or resource busy" \
	'minix: refused: held by minix mounted on /run/(a|b[^ ]*c);' target=minix
account "and one reference" 'minix: 1 references: 1 held'
umount /run/a
refused "a blank in the mount point is seen" "Device or resource busy" \
	'held by minix mounted on /run/b\\+040c;' target=minix

exec 4<"/run/b c/file"
umount -l "/run/b c"
refused "unmounted lazily: who has a file open is named" "Device or resource busy" \
	'minix: refused: held by minix of ram0, mounted out of sight, [^ ]*\[[0-9]+\] fd 4 \([^ ]*file\);' \
	target=minix
is "he can read" "$(cat <&4)" text
exec 4<&-
ok "he closes it" wait_for 10 is_state minix "live 0"
ok "brd is free as well" wait_for 10 is_state brd "live 0"

bg hold map /dev/ram0
ok "the disk is mapped, its descriptor closed" wait_for 10 grep held "/run/bg.$BG"
refused "who has it mapped is named" "Device or resource busy" \
	"patcher: brd: refused: opened by hold\\[$BG\\] mapping \(/dev/ram0\); close it" target=brd
account "and counted" 'brd: 1 references: 1 held'
kill "$BG"
wait_for 10 is_state brd "live 0"

exec 4</dev/ram0 5</dev/ram1 6</dev/ram0
count=$(state_of brd)
refused "disks are open" "Device or resource busy" \
	'brd: refused: opened by .* fd 4 \(/dev/ram0\), .* fd 5 \(/dev/ram1\), .* fd 6' target=brd
account "the references are all accounted for" "brd: ${count#live } references: ${count#live } held by .*, 0 unaccounted for"
exec 4<&- 5<&- 6<&-
wait_for 10 is_state brd "live 0"

for module in minix brd; do
	is "two references of $module are leaked" \
		"$(insmod_says /targets/t_leaker.ko target=$module count=2)" "Operation canceled"
	wait_for 10 is_state $module "live 2"
	rescue $module "" "situation 4" "corrected its refcnt from 2 to 0"
done
done_testing
