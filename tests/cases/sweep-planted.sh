#!/bin/sh
# What an exit has forgotten, half of the kinds that t_forget knows: at plain rmmod, with guard=1, it
# is told, and the module is kept and sealed. Controls: the same kinds with an exit that
# forgets nothing, and what leaves nothing behind, or only what nothing leads to, are freed at once.
# kernels: 6.1 7.3
# splat *: not freed, but kept as
# timeout: 900
. /lib.sh
. /sweep.sh
plan 137

ok "patcher guards every unload" guard_anew
for kind in wqidle lost ring freed clean; do
	forgotten_nothing $kind
done
for kind in timer misc kobject cache shrinker; do
	forgotten_nothing $kind undo=1
done
while read -r kind symbol; do
	guard_anew
	planted "$kind" "$symbol"
done <<END
timer t_forget_timer
hrtimer t_forget_hrtimer
dwork t_forget_dwork
reboot t_forget_block
panic t_forget_block
oom t_forget_block
inetaddr t_forget_block
misc t_forget_misc
kcdev t_forget_fops
debugfs t_forget_number
kobject t_forget_type
class t_forget_calls
platform t_forget_driver
wait t_forget_waiter
ptype t_forget_ptype
link t_forget_link_ops
genl t_forget_family
tracepoint t_forget_traced
cache t_forget_construct
binfmt t_forget_format
input t_forget_handler
shrinker t_forget_(shrinker|count)
chain t_forget_job
END
ok "patcher goes" rmmod patcher
done_testing
