#!/bin/sh
# Arming the same target twice from two loads: the kernel refuses a second patcher of the
# same name, and one of another name refuses itself, so that no two work on one target.
. /lib.sh
plan 12

insmod /targets/t_leak.ko leak=2
ok "armed" insmod /patcher.ko target=t_leak
armed=$(peek t_leak)
is "a second load is refused" "$(insmod_says /patcher.ko target=t_leak)" "File exists"
is "the target is as it was armed" "$(peek t_leak)" "$armed"

# The same module under another name of the same length.
xxd -p -c 1000000 /patcher.ko | sed 's/7061746368657200/7061746368657800/g' | xxd -r -p >/run/patchex.ko
is "it is another module now" "$(modinfo -F name /run/patchex.ko)" patchex
log_mark
is "under another name it is refused too" "$(insmod_says /run/patchex.ko target=t_leak)" \
	"Device or resource busy"
like "and names the first" "$(log_since)" \
	"t_leak: refused: another patcher is loaded, as patcher; rmmod that first \(-EBUSY\)"
log_mark
is "and idle as well" "$(insmod_says /run/patchex.ko)" "Device or resource busy"
like "naming the first" "$(log_since)" \
	"refused: another patcher is loaded, as patcher; rmmod that first \(-EBUSY\)"
is "the target is as it was armed" "$(peek t_leak)" "$armed"
ok "and goes" rmmod t_leak
ok "patcher goes" rmmod patcher
insmod /targets/t_leak.ko leak=2
ok "control: alone the other one arms" insmod /run/patchex.ko target=t_leak
done_testing
