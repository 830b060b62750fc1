#!/bin/sh
# Names and options that cannot be: the errno, what insmod prints, and a log line that
# begins with the target and says what is wrong and what to do. Nothing from userspace
# reaches a format string.
#
# The stub of the control leaves the target's file in /proc behind.
# splat 1: not freed, but kept as t_leak_kept
. /lib.sh
plan 23

invalid="Invalid parameters"
long=$(head -c 300 /dev/zero | tr '\0' x)

insmod /targets/t_leak.ko leak=1
insmod /stubs/stub_noop.ko

refused "empty" "$invalid" 'patcher: "": refused: .*it is empty.*\(-EINVAL\)' target=
refused "too long, logged cut" "$invalid" \
	'patcher: "x{64}": refused: .*longer than any module.*\(-EINVAL\)' target="$long"
refused "a path" "$invalid" 'patcher: "\.\./x": refused: .*\(-EINVAL\)' target=../x
refused "a format" "$invalid" 'patcher: "%s%n": refused: .*\(-EINVAL\)' target=%s%n
refused "a line break and an escape, logged escaped" "$invalid" \
	'patcher: "a\\nb\\e": refused: .*\(-EINVAL\)' "target=\"$(printf 'a\nb\033')\""
refused "a dot alone" "$invalid" 'patcher: "\.": refused: .*\(-EINVAL\)' target=.
refused "built in" "$invalid" 'patcher: printk: refused: it is built into.*\(-EINVAL\)' \
	target=printk
refused "patcher itself" "$invalid" 'patcher: patcher: refused: .*itself.*\(-EINVAL\)' \
	target=patcher
refused "the target as its own stub" "$invalid" \
	'patcher: t_leak: refused: target and stub are the same.*\(-EINVAL\)' \
	target=t_leak stub=t-leak
refused "not loaded" "No such device" \
	'patcher: nosuch: refused: it is not loaded; lsmod shows.*\(-ENODEV\)' target=nosuch
refused "dashes and underscores are the same in what is not loaded too" "No such device" \
	'patcher: no_such: refused: .*\(-ENODEV\)' target=no-such

refused "a stub that is a path" "$invalid" \
	'patcher: t_leak: refused: stub="\.\./x" cannot be.*\(-EINVAL\)' \
	target=t_leak stub=../x
refused "a stub that is a format" "$invalid" \
	'patcher: t_leak: refused: stub="%s%n" cannot be.*\(-EINVAL\)' \
	target=t_leak stub=%s%n
refused "a stub that is empty" "$invalid" \
	'patcher: t_leak: refused: stub="" cannot be.*empty.*\(-EINVAL\)' target=t_leak stub=
refused "force=maybe" "$invalid" \
	'patcher: t_leak: refused: force="maybe" is neither 0 nor 1.*\(-EINVAL\)' \
	target=t_leak force=maybe
refused "timeout_ms=soon" "$invalid" \
	'patcher: t_leak: refused: timeout_ms="soon" is no number.*\(-EINVAL\)' \
	target=t_leak timeout_ms=soon
refused "timeout_ms=-1" "$invalid" \
	'patcher: t_leak: refused: timeout_ms="-1" is no number.*\(-EINVAL\)' \
	target=t_leak timeout_ms=-1
refused "quarantine=perhaps" "$invalid" \
	'patcher: t_leak: refused: quarantine="perhaps" is neither 0 nor 1.*\(-EINVAL\)' \
	target=t_leak quarantine=perhaps
refused "parameters without a target" "$invalid" \
	'patcher: refused: .*no target=NAME.*\(-EINVAL\)' stub=stub_noop

is "the target is as it was" "$(state_of t_leak)" "live 1"
fails "nothing of it counts as a forced unload" taint_forced_rmmod
ok "control: with right names it is armed" \
	insmod /patcher.ko target=t-leak stub=stub-noop force=0 timeout_ms=0x10 quarantine=0
ok "control: and goes" rmmod t_leak
done_testing
