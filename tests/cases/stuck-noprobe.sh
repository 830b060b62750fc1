#!/bin/sh
# Kprobes are switched off: eviction needs none, nor does quarantine. Without patcher the same
# task stays stuck, kprobes or no kprobes: stuck-control.
# timeout: 240
. /lib.sh
. /stuck.sh
plan 61

enabled=/sys/kernel/debug/kprobes/enabled

echo 0 >$enabled
scene_let completion exit
scene_evict completion exit
scene_evict msleep exit clean
scene_refuse wait_event exit
scene_quarantine completion exit
is "kprobes are off as before" "$(cat $enabled)" 0
churns
done_testing
