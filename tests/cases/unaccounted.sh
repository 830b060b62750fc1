#!/bin/sh
# References of which no holder is found, but that are held: a plain insmod of patcher refuses,
# names what may have them, and leaves the count alone; the holder works on; when it has let go,
# rmmod works. And some of these modules with references that are lost: corrected, as nothing has
# them.
# modules: tcp_vegas sch_fq null_blk algif_hash bfq configfs dummy
# optional: sha256_generic
# Not on 5.10, where the list of what algif_hash has registered cannot be found, which is in a
# module: so it counts.
# kernels: 6.1 6.1-rt 6.12 7.3
# timeout: 300
. /lib.sh
plan 42

NONE="[0-9]+ references are unaccounted for, and something may have them"

# is_named MODULE REGEX N: it has N references. Four results: refused, and named as in REGEX.
is_named()
{
	ok "$1: it is held" wait_for 10 is_state "$1" "live $3"
	refused "$1: refused, and nothing is changed" "Device or resource busy" "refused: $NONE" target="$1"
	like "$1: what may have it is named" "$(cat /run/logged)" "patcher: $1: may have a reference on it: .*$2"
	refused "$1: leaked= of another number is refused" "Invalid parameters" \
		"leaked=7 was given, but $3 references are unaccounted for" target="$1" leaked=7
}

# lets_go MODULE: it is free, and rmmod works.
lets_go()
{
	ok "$1: it is free" wait_for 10 is_state "$1" "live 0"
	ok "$1: rmmod works" rmmod "$1"
}

# is_lost MODULE: references that are lost are corrected without a word from the user.
is_lost()
{
	modprobe "$1"
	insmod_says /targets/t_leaker.ko target="$1" count=2 >/run/said
	wait_for 10 is_state "$1" "live 2"
	ok "$1: lost references: armed" insmod /patcher.ko target="$1"
	ok "$1: lost references: rmmod works" rmmod "$1"
	rmmod patcher
}

ip link set lo up
modprobe tcp_vegas
before=$(cat /proc/sys/net/ipv4/tcp_congestion_control)
echo vegas >/proc/sys/net/ipv4/tcp_congestion_control
is_named tcp_vegas "init_net.* -> tcp_vegas \(sysctl net\)" 1
echo "$before" >/proc/sys/net/ipv4/tcp_congestion_control
bg hold congestion vegas
is_named tcp_vegas "-> tcp_vegas \(ss -tnp\)" 1
kill "$BG"
lets_go tcp_vegas
is_lost tcp_vegas

modprobe sch_fq
before=$(cat /proc/sys/net/core/default_qdisc)
echo fq >/proc/sys/net/core/default_qdisc
is_named sch_fq "default_qdisc_ops -> fq_qdisc_ops \(sysctl net.core.default_qdisc\)" 1
echo "$before" >/proc/sys/net/core/default_qdisc
lets_go sch_fq
is_lost sch_fq

modprobe -q sha256_generic
modprobe algif_hash
bg hold alg hash sha256
is_named algif_hash "-> algif_type_hash" 1
kill "$BG"
lets_go algif_hash
is_lost algif_hash

modprobe null_blk
mkdir -p /run/config
mount -t configfs none /run/config
mkdir /run/config/nullb/x
is_named null_blk "-> (nullb_|its struct module)" 2
rmdir /run/config/nullb/x
lets_go null_blk

modprobe null_blk
modprobe bfq
echo bfq >/sys/block/nullb0/queue/scheduler
is_named bfq "-> iosched_bfq_mq" 1
echo none >/sys/block/nullb0/queue/scheduler
lets_go bfq
rmmod null_blk
is_lost bfq
done_testing
