#!/bin/sh
# Arming the same target twice from two loads: the kernel refuses a second patcher, by the
# same name and by another one, so that no two can work on one target.
. /lib.sh
plan 8

insmod /targets/t_leak.ko leak=2
ok "armed" insmod /patcher.ko target=t_leak
armed=$(peek t_leak)
is "a second load is refused" "$(insmod_says /patcher.ko target=t_leak)" "File exists"
is "the target is as it was armed" "$(peek t_leak)" "$armed"

# The same module under another name of the same length.
sed 's/patcher\x00/patchex\x00/g' /patcher.ko >/run/patchex.ko
is "it is another module now" "$(modinfo -F name /run/patchex.ko)" patchex
log_mark
is "under another name it is refused too" "$(insmod_says /run/patchex.ko target=t_leak)" \
	"Invalid module format"
like "and the kernel names the first" "$(log_since)" \
	"patchex: exports duplicate symbol patcher_is_loaded_already \(owned by patcher\)"
is "the target is as it was armed" "$(peek t_leak)" "$armed"
ok "and goes" rmmod t_leak
done_testing
