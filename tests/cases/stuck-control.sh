#!/bin/sh
# The control of the rescues in stuck-*: each way to get stuck holds, whatever is tried
# without patcher, until the test lets it go; then rmmod or insmod ends as if nothing had
# been wrong. (The network device is in stuck-net.)
# timeout: 600
. /lib.sh
. /stuck.sh
plan 136

no_watchdogs
for how in completion deep pointer recursive kmalloc wait_event down rtnl mutex \
	flush_work kthread_stop two msleep spin_resched spin spin_nopreempt marked; do
	stuck_control $how exit
done
for how in completion msleep spin marked; do
	stuck_control $how init
done
churns
is "no forced unload" "$(taint_forced_rmmod || echo none)" none
done_testing
