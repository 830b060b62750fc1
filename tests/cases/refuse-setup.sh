#!/bin/sh
# A target that is still being set up: its insmod is alive, so it is neither dead (2a) nor
# is its reference leaked (4). Refused; once insmod has ended, it is as any other.
. /lib.sh
plan 12

coming()
{
	grep -q "^t_setup .*Loading" /proc/modules
}

bg insmod /targets/t_setup.ko param_wait=1
insmod=$BG
ok "its parameters are being parsed" wait_for 10 coming
refused "refused: it has no sysfs entry yet" "Device or resource busy" \
	"patcher: t_setup: refused: it is still being set up.*COMING.*\(-EBUSY\)" \
	target=t_setup timeout_ms=0
kill "$insmod"
ok "insmod ends" wait_for 10 ended "$insmod"

bg insmod /targets/t_setup.ko init_wait=2
insmod=$BG
init_sleeps()
{
	grep -q t_setup_init "/proc/$insmod/stack"
}
ok "its init sleeps" wait_for 10 init_sleeps
is "it is COMING with one reference, as after an oops" "$(state_of t_setup)" "coming 1"
refused "refused: insmod is in its init" "Device or resource busy" \
	"patcher: t_setup: refused: insmod\[$insmod\] sleeps inside at t_setup_.*give a stub with a .release to let it go, or a .cleanup \(-EBUSY\)" \
	target=t_setup timeout_ms=0
like "and which situation that is" "$(log_since)" "found COMING, refcnt 1, .*: situation 2b"
fails "nothing of it counts as a forced unload" taint_forced_rmmod
kill "$insmod"
ok "init ends well" wait_for 10 ended "$insmod"
is "it is LIVE" "$(state_of t_setup)" "live 0"
ok "control: now it is armed" insmod /patcher.ko target=t_setup
ok "and goes" rmmod t_setup
done_testing
