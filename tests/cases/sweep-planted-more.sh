#!/bin/sh
# What an exit has forgotten, the other half of the kinds that t_forget knows.
# kernels: 5.10 6.12
# splat *: not freed, but kept as
# timeout: 900
. /lib.sh
. /sweep.sh
plan 133

ok "patcher guards every unload" guard_anew
for kind in wqidle freed clean; do
	forgotten_nothing $kind
done
for kind in ptimer proc netdev kprobe irq; do
	forgotten_nothing $kind undo=1
done
while read -r kind symbol; do
	guard_anew
	planted "$kind" "$symbol"
done <<END
ktimer t_forget_tick
ptimer t_forget_cpu_timer
kdwork t_forget_job
restart t_forget_block
die t_forget_block
module t_forget_block
netdevice t_forget_block
netevent t_forget_block
cdev t_forget_cdev
proc t_forget_proc_ops
debugfsf t_forget_fops
sysfs t_forget_attr
device t_forget_device
kthread t_forget_thread
netdev t_forget_netdev_ops
pernet t_forget_pernet
tcp t_forget_tcp
kprobe t_forget_probe
irq t_forget_interrupt
fs t_forget_fs
cpuhp t_forget_online
sysctl t_forget_(table|number)
tasklet t_forget_tasklet
END
ok "patcher goes" rmmod patcher
done_testing
