#!/bin/sh
# TAINT_FORCED_RMMOD is set when a rescue changes something, and only then.
. /lib.sh
plan 9

insmod /targets/t_exitoops.ko
fails "not before" taint_forced_rmmod
ok "patcher loads idle" insmod /patcher.ko
ok "and goes" rmmod patcher
ok "a healthy target without a stub is watched only" insmod /patcher.ko target=t_exitoops
fails "nothing has changed" taint_forced_rmmod
ok "patcher goes" rmmod patcher
insmod /stubs/stub_noop.ko
ok "with a stub its exit is redirected" insmod /patcher.ko target=t_exitoops stub=stub_noop
ok "and that taints" taint_forced_rmmod
ok "it goes" rmmod t_exitoops
done_testing
