#!/bin/sh
# 3: proc and debugfs entries, and no exit at all: given the stub's.
. /lib.sh
plan 19

registered()
{
	ls -d /proc/t_procfs /sys/kernel/debug/t_procfs 2>/dev/null
}

ok "it loads" insmod /targets/t_procfs.ko
like "it is permanent" "$(grep ^t_procfs /proc/modules)" "permanent"
fails "rmmod fails" rmmod t_procfs
is "its entries are there" "$(registered | xargs)" "/proc/t_procfs /sys/kernel/debug/t_procfs"
rescue t_procfs stub_procfs "situation 3" "by slot"
is "they are free" "$(registered)" ""
ok "a fixed build loads" insmod /fixed/t_procfs.ko
is "its entries are there" "$(registered | xargs)" "/proc/t_procfs /sys/kernel/debug/t_procfs"
like "they work" "$(cat /proc/t_procfs/*)" "t_procfs: ok"
ok "it unloads" rmmod t_procfs
is "nothing of it stays" "$(registered)" ""
done_testing
