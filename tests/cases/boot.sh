#!/bin/sh
# The ground the other cases stand on: this is the kernel that was asked for,
# patcher loads idle and goes again, modprobe finds the stubs, and none of it
# counts as a forced unload.
. /lib.sh
plan 8

is "the kernel is the one asked for" "$(uname -r)" "$(cat /version)"
like "insmod is kmod's" "$(insmod --version)" "^kmod version"
ok "patcher loads idle" insmod /patcher.ko
is "nobody uses it" "$(state_of patcher)" "live 0"
ok "modprobe finds a stub" modprobe stub_noop
ok "both unload" rmmod patcher stub_noop
is "nothing stays" "$(lsmod | grep -E '^(patcher|stub_)')" ""
fails "no forced unload was noted" taint_forced_rmmod
done_testing
