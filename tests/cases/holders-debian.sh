#!/bin/sh
# Debian's tun, loop, af_key and n_hdlc, and swap on brd: who holds them. A loop device has
# a reference for being set up as well, open or not.
# modules: tun loop af_key n_hdlc brd minix
. /lib.sh
plan 37

# held MODULE COUNT KNOWN REGEX: COUNT references, KNOWN of them held by who REGEX names.
held()
{
	ok "$1 is held" wait_for 10 is_state "$1" "live $2"
	fails "rmmod $1 fails" rmmod "$1"
	refused "$1 is refused, naming the holder" "Device or resource busy" \
		"patcher: $1: refused: (opened|held) by $4; .*\(-EBUSY\)" target="$1"
	like "$1: the account" "$(cat /run/logged)" \
		"patcher: $1: $2 references: $3 held by $4, $(($2 - $3)) unaccounted for"
}

ok "tun loads" modprobe tun
wait_for 10 test -c /dev/net/tun
bg hold tun tun7
held tun 2 2 "hold\[$BG\] fd [0-9]+ \(/dev/net/tun\)"
like "its network device is named" "$(cat /run/logged)" "patcher: tun: devices of it, which hold no reference: tun7"
ok "it goes on working" ip link set tun7 up
kill "$BG"
ok "it is closed" wait_for 10 is_state tun "live 0"
is "two references are leaked" "$(insmod_says /targets/t_leaker.ko target=tun count=2)" "Operation canceled"
wait_for 10 is_state tun "live 2"
ok "tun is armed" insmod /patcher.ko target=tun
ok "and goes" rmmod tun
rmmod patcher

ok "af_key loads" modprobe af_key
bg hold socket 15 3 2
held af_key 2 2 "hold\[$BG\] fd [0-9]+ \(socket:\[[0-9]+\]\)"
kill "$BG"
ok "the socket is closed" wait_for 10 is_state af_key "live 0"

mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
ok "n_hdlc loads" modprobe n_hdlc
bg hold discipline 13
held n_hdlc 1 1 "hold\[$BG\] fd [0-9]+ \(.*ptmx\)"
kill "$BG"

modprobe brd
mkswap /dev/ram1
ok "swap is on" swapon /dev/ram1
swaps=$(state_of brd)
swaps=${swaps#live }
held brd "$swaps" "$swaps" "ram1, opened by the kernel itself \(swap, loop, md\)"
swapoff /dev/ram1

modprobe loop
head -c 65536 /dev/zero >/run/image
losetup /dev/loop0 /run/image
exec 4</dev/loop0
held loop 2 2 "[^ ]*\[$$\] fd 4 \(/dev/loop0\), loop0, set up by losetup"
exec 4<&-
held loop 1 1 "loop0, set up by losetup"
unlike "which is not called a device without one" "$(cat /run/logged)" "no reference: .*loop0"
losetup -d /dev/loop0
ok "the loop device is free" wait_for 10 is_state loop "live 0"
done_testing
