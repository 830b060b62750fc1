#!/bin/sh
# 2a: an init that dies after each of its steps in turn, before the first one too. The
# stub has to tell which steps were done, and undo just those.
# splat 15: BUG: kernel NULL pointer dereference
# leaks: do_init_module
# timeout: 300
. /lib.sh
plan 188

traces()
{
	grep -h "$1" /proc/devices /proc/misc
	ls -d "/sys/class/$1" "/dev/$1" "/proc/$1" "/sys/kernel/debug/$1" /sys/class/net/tnet* 2>/dev/null
}

# half_way TARGET STUB STEP
half_way()
{
	init_dies "$1 dies after step $3" "/targets/$1.ko" die="$3"
	is "it is stuck" "$(state_of "$1")" "coming 1"
	rescue "$1" "$2" "situation 2a" armed
	is "nothing of it stays" "$(traces "$1")" ""
}

for step in 0 1 2 3 4; do
	half_way t_chardev stub_chardev $step
done
for step in 0 1 2; do
	half_way t_netdev stub_netdev $step
done
for step in 0 1 2 3; do
	half_way t_procfs stub_procfs $step
done
for step in 0 1; do
	half_way t_kthread stub_kthread $step
done

for module in chardev netdev procfs kthread; do
	ok "a fixed t_$module loads" insmod /fixed/t_$module.ko
	ok "and unloads" rmmod t_$module
done

# With its thread alive somebody is inside, which is the cleanup's business.
init_dies "t_kthread dies when all of it runs" /targets/t_kthread.ko die=2
thread=$(pidof t_kthread)
rescue t_kthread stub_kthread "situation 2a" "by slot"
like "the log names the thread" "$(log_since)" \
	"patcher: t_kthread: found .*, t_kthread\[$thread\] sleeps inside at t_kthread_fn\+"
is "no thread of it stays" "$(pidof t_kthread)" ""
done_testing
