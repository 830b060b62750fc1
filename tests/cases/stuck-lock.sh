#!/bin/sh
# 5c: exit waits for a mutex whose owner is stuck, for a semaphore, or is stuck with RTNL
# locked. Nobody unlocks for another task: the owner does when it is let go, and who is
# evicted drops what it holds in the stub's evicted hook.
# timeout: 600
. /lib.sh
. /stuck.sh
plan 116

# rtnl_free NAME: one result.
rtnl_free()
{
	bg ip link set lo up
	ok "$1" wait_for 20 ended "$BG"
}

for how in mutex down rtnl; do
	scene_let $how exit
	scene_evict $how exit
	scene_refuse $how exit
done
rtnl_free "RTNL is free"

# What the hook does may take longer than patcher would wait for who is stuck. Meanwhile its
# task is looked at again and again.
stuck_start mutex exit
rescued mutex both evicted_ms=6000

stuck_start rtnl exit
bg ip link set lo down
waiter=$BG
ok "rtnl: while it is stuck, everybody waits for RTNL" wait_for 20 \
	grep -Eq "rtnl|devinet_ioctl" "/proc/$waiter/stack"
let_go
ok "rtnl: let go, its rmmod ends" wait_for 20 ended "$STUCK"
ok "rtnl: and so does who waited" wait_for 20 ended "$waiter"
stuck_ends "rtnl: with success" 0
rtnl_free "RTNL is free"
is "no thread of it stays" "$(pidof t_stuck)" ""
churns
done_testing
