#!/bin/sh
# By ftrace: the redirect is listed with the I flag while armed, and nothing stays
# listed; the exit's first bytes change and come back.
# splat 1: BUG: kernel NULL pointer dereference
. /lib.sh
plan 13

listed()
{
	grep -v '^$' /sys/kernel/tracing/enabled_functions
}

ok "the target loads" insmod /targets/t_exitoops.ko
found=$(peek t_exitoops)
ok "the stub loads" insmod /stubs/stub_noop.ko
is "nothing is listed before" "$(listed)" ""
ok "armed" insmod /patcher.ko target=t_exitoops stub=stub_noop
like "the redirect is listed with the I flag" "$(listed)" "^t_exitoops_exit .* I "
is "it is the only one but the gate" "$(listed | sed 's/ .*//' | sort | tr '\n' ' ')" "free_module t_exitoops_exit "
unlike "the exit's first bytes lead elsewhere" "$(peek t_exitoops)" "${found#*bytes=}"
ok "patcher goes" rmmod patcher
is "nothing is listed any more" "$(listed)" ""
is "the exit is as it was found" "$(peek t_exitoops)" "$found"

insmod /patcher.ko target=t_exitoops stub=stub_noop
ok "armed again, rmmod works" rmmod t_exitoops
is "only the gate is listed any more" "$(listed | sed 's/ .*//')" free_module

rmmod patcher
insmod /targets/t_exitoops.ko
fails "control: without patcher the exit oopses" rmmod t_exitoops
done_testing
