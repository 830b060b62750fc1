#!/bin/sh
# 2a: an init that registers a device number and a proc file, then dereferences NULL,
# in a module without exit.
# splat 1: BUG: kernel NULL pointer dereference
# leaks: do_init_module
. /lib.sh
plan 20

registered()
{
	grep -c t_initoops /proc/devices
	ls -d /proc/t_initoops 2>/dev/null
}

init_dies "its init oopses" /targets/t_initoops.ko
is "it is stuck" "$(state_of t_initoops)" "coming 1"
wedged t_initoops
is "what it registered is there" "$(registered | xargs)" "1 /proc/t_initoops"
refused "without a stub nothing could run as its exit" "Operation not supported" \
	"patcher: t_initoops: refused: it has no exit.* give a stub.*EOPNOTSUPP" \
	target=t_initoops
rescue t_initoops /targets/t_initoops_stub.ko "situation 2a" "by slot"
is "it is free" "$(registered | xargs)" "0"
ok "a fixed build loads" insmod /fixed/t_initoops.ko
is "it works" "$(cat /proc/t_initoops)" "t_initoops: ok"
ok "it unloads" rmmod t_initoops
is "nothing of it stays" "$(registered | xargs)" "0"
done_testing
