#!/bin/sh
# What evicting a task does and does not do: a GOING target stays closed to others meanwhile; what
# the task has open is given back, also where it polled; the kernel's function that it is in may
# still call the target back, but does not return into it; the last bytes of .init.text are no
# different from others; no worker is ended, however many there are.
# leaks: do_init_module
# timeout: 300
. /lib.sh
. /stuck.sh
plan 60

# Open the device in a loop, while a hung exit is evicted.
insmod /targets/t_stuck.ko how=completion owned=1
device_node
ok "open: it can be opened before" sh -c 'exec 3</dev/t_stuck'
is "open: which is counted" "$(value opens t_stuck)" 1
bg rmmod t_stuck
stuck_is t_stuck rmmod "$BG"
wait_for 20 is_stuck completion
bg sh -c 'while :; do : </dev/t_stuck; done 2>/dev/null'
opener=$BG
insmod /targets/t_stuck_idle.ko
refused "open: caught, and put back" "Device or resource busy" \
	"patcher: t_stuck: refused: .*rmmod\[$STUCK\] " target=t_stuck stub=t_stuck_idle timeout_ms=2000
rmmod t_stuck_idle
is "open: nobody has opened it meanwhile" "$(value opens)" 1
# Armed, it is open to all again: so the loop ends while the task is in the evicted hook.
insmod /targets/t_stuck_both.ko evicted_ms=3000
log_mark
bg insmod /patcher.ko target=t_stuck stub=t_stuck_both
ok "open: its rmmod is let go" wait_for 20 logged "t_stuck_both: release ran"
kill -9 "$opener"
ok "open: patcher succeeds" wait_for 20 is_state patcher "live 0"
is "open: its rmmod was evicted" "$(state_of t_stuck)" "live 0"
is "open: nobody has opened it since exit began" "$(value opens)" 1
stuck_ends "open: its rmmod was killed" 137
ok "open: rmmod works" rmmod t_stuck
ok "open: patcher and stub unload at once" rmmod patcher t_stuck_both
ok "open: all that it had registered is free" fixed_goes t_stuck

# A callback of the target's runs while the task is still in the kernel's function: that is what the
# documents say, and that its own code does not run on.
stuck_start destructor exit
insmod /targets/t_stuck_both.ko
ok "destructor: patcher succeeds" insmod /patcher.ko target=t_stuck stub=t_stuck_both
is "destructor: it was called back once, and has not returned" \
	"$(value after) $(value others)" "0 1"
stuck_ends "destructor: its rmmod was killed" 137
ok "destructor: rmmod works" rmmod t_stuck
ok "destructor: patcher and stub unload at once" rmmod patcher t_stuck_both
ok "destructor: all that it had registered is free" fixed_goes t_stuck

# The last function of .init.text, with an even and an odd number of bytes behind it.
for target in t_stuck_marked t_stuck_odd; do
	insmod /targets/t_stuck_marked_both.ko
	bg insmod /targets/$target.ko where=init
	stuck_is $target insmod "$BG"
	ok "$target: its insmod is stuck in init" wait_for 20 is_stuck marked
	log_mark
	ok "$target: patcher succeeds" insmod /patcher.ko target=$target stub=t_stuck_marked_both
	like "$target: it was evicted" "$(log_since)" \
		"patcher: $target: evicted insmod\[$STUCK\] at t_stuck_marked_init\+"
	is "$target: nothing more of the target has run" "$(cat /sys/module/$target/parameters/after)" 0
	stuck_ends "$target: its insmod was killed" 137
	ok "$target: rmmod works" rmmod $target
	ok "$target: patcher and stub unload at once" rmmod patcher t_stuck_marked_both
done

# A task that polls a pipe and the target.
insmod /targets/t_stuck.ko how=poll
device_node
mkfifo /run/pipe
bg hold poll-both /run/pipe /dev/t_stuck
stuck_is t_stuck hold "$BG"
ok "poll: it is stuck in poll" wait_for 20 grep -q t_stuck_reader "/proc/$STUCK/stack"
has_reader()
{
	timeout 2 sh -c 'echo x >/run/pipe'
}
ok "poll: it has the pipe open" has_reader
insmod /targets/t_stuck_both.ko
ok "poll: with force patcher succeeds" insmod /patcher.ko target=t_stuck stub=t_stuck_both force=1
stuck_ends "poll: it was killed" 137
is "poll: nothing more of the target has run" "$(value after)" 0
fails "poll: nobody has the pipe open any more" has_reader
ok "poll: rmmod works" rmmod t_stuck
ok "poll: patcher and stub unload at once" rmmod patcher t_stuck_both
ok "poll: a pipe works as before" sh -c 'echo y | grep -q y'
ok "poll: all that it had registered is free" fixed_goes t_stuck

# It ends with RTNL locked, which nobody unlocks: a task that wants it waits, looking at what its
# owner's memory says, and no more than that happens. (RTNL is lost with it.)
stuck_start rtnl exit
insmod /targets/t_stuck_both.ko keeps=1
ok "rtnl: patcher succeeds" insmod /patcher.ko target=t_stuck stub=t_stuck_both
stuck_ends "rtnl: its rmmod was killed" 137
ok "rtnl: rmmod works" rmmod t_stuck
ok "rtnl: patcher and stub unload at once" rmmod patcher t_stuck_both
bg ip link set lo up
ok "rtnl: another task waits for it" wait_for 20 grep -Eq "rtnl|devinet_ioctl" "/proc/$BG/stack"
fails "rtnl: and goes on waiting" ended "$BG"

# More workers than there was room for once.
put_aside works works exit
let_go t_stuck_quarantine
ok "works: let go, its rmmod ends" wait_for 20 ended "$STUCK"
parked()
{
	[ "$(log_since | grep -Ec 'patcher: t_stuck(_quarantine)?: parked kworker/[^ ]+\[[0-9]+\] at t_stuck_stray_fn\+')" = 17 ]
}
ok "works: 17 workers are parked" wait_for 30 parked
is "works: nothing more of the target has run" \
	"$(value after t_stuck_quarantine) $(value others t_stuck_quarantine)" "0 0"
ok "works: rmmod t_stuck_quarantine works" wait_for 20 rmmod t_stuck_quarantine
fails "works: patcher stays, as the workers are in it" rmmod patcher
ok "works: works of others are done" fixed_goes t_stuck
churns
done_testing
