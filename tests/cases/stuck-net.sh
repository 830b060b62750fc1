#!/bin/sh
# 5c: exit unregisters a network device on which somebody has leaked a reference, and waits
# for that to come back.
# splat *: unregister_netdevice: waiting for tstuck[0-9]+ to become free
# timeout: 600
. /lib.sh
. /stuck.sh
plan 50

says_so()
{
	dmesg | grep -q "unregister_netdevice: waiting for tstuck"
}

stuck_start netdev exit
ok "netdev: the kernel says so" wait_for 30 says_so
fails "netdev: rmmod fails" rmmod t_stuck
fails "netdev: rmmod -f fails" rmmod -f t_stuck
let_go
ok "netdev: let go, rmmod ends, and the module is gone" \
	wait_for 20 eval "ended $STUCK && ! loaded t_stuck"
ok "netdev: all that it had registered is free" fixed_goes t_stuck

scene_let netdev exit
scene_evict netdev exit
scene_refuse netdev exit
scene_aside netdev
is "no device of it stays" "$(echo /sys/class/net/tstuck*)" "/sys/class/net/tstuck*"
ok "others are not kept from theirs" ip link set lo up
churns
done_testing
