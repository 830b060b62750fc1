#!/bin/sh
# A chain: t_user, whose exit has died, depends on t_provider, which has leaked references.
# Neither goes. Rescued in that order, both do; in the other they are refused.
# splat 1: BUG: kernel NULL pointer dereference
. /lib.sh
. /several.sh
plan 26

dependents='patcher: t_provider: refused: in use by t_user; rmmod or rescue that first \(-EBUSY\)'

ok "one loads, and leaks" insmod /targets/t_provider.ko leak=2
ok "another depends on it" insmod /targets/t_user.ko die=1
fails "its exit dies" rmmod t_user
is "the first is in use" "$(state_of t_provider)" "live 3"
is "the second is half unloaded" "$(state_of t_user)" "going -1"
wedged t_user
wedged t_provider

insmod /stubs/stub_noop.ko
insmod /patcher.ko
arm_refused "the first is refused, naming the second" "Device or resource busy" "$dependents" \
	t_provider t_provider
ok "the second is armed" arm "t_user stub_noop"
arm_refused "the first is still refused" "Device or resource busy" "$dependents" t_provider \
	t_provider
ok "the second goes" rmmod t_user
is "the first has one reference less" "$(state_of t_provider)" "live 2"
ok "the first is armed" arm t_provider
is "it is the only one" "$(rescues)" t_provider
ok "it goes" rmmod t_provider
is "nothing is armed" "$(rescues)" ""
fails "plain modprobe -r has nothing left to do" grep -qE "^(t_user|t_provider) " /proc/modules

ok "both load again" eval 'insmod /targets/t_provider.ko && insmod /targets/t_user.ko'
is "and work" "$(state_of t_provider) $(state_of t_user)" "live 1 live 0"
ok "both are armed, the one that is depended on last" eval '! arm t_provider && arm t_user && ! arm t_provider'
ok "and go" eval 'rmmod t_user && rmmod t_provider'
is "nothing is armed" "$(rescues)" ""
ok "all of it goes" rmmod patcher stub_noop
is "nothing stays" "$(lsmod | grep -E '^(patcher|stub_|t_user|t_prov)')" ""
done_testing
