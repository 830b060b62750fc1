#!/bin/sh
# What an exit has forgotten keeps its module's memory: told, kept under another name, sealed.
# Nothing of it runs any more. When it is undone from outside, the memory is freed by itself; when
# patcher goes before that, it stays.
# splat *: not freed, but kept as
# timeout: 400
. /lib.sh
plan 44

# forgets HOW: loads t_keep how=HOW, arms it and opens its device, if any, as 5.
forgets()
{
	ok "$1: the target loads" insmod /targets/t_keep.ko how="$1"
	ok "$1: it is armed" sh -c 'echo t_keep >/sys/kernel/patcher/arm'
	[ ! -e /dev/t_keep ] || exec 5</dev/t_keep
	log_mark
	ok "$1: rmmod works" rmmod t_keep
	like "$1: the log says what is left" "$(log_since)" "patcher: t_keep: still points into it: .*$2"
	like "$1: and that it is kept" "$(log_since)" "patcher: t_keep: not freed, but kept as t_keep_kept: "
	like "$1: it is sealed" "$(log_since)" "patcher: t_keep: sealed: [0-9]* functions return at once, 0 were too short"
	is "$1: it is there" "$(state_of t_keep_kept)" "going -1"
	is "$1: sysfs says so" "$(cat /sys/kernel/patcher/t_keep_kept/status)" kept
	like "$1: and what is left" "$(cat /sys/kernel/patcher/t_keep_kept/residue)" "$2"
	echo 1 >/sys/module/t_keep_kept/parameters/over
}

# freed HOW: passes when it is freed by itself.
freed()
{
	ok "$1: it is freed by itself" wait_for 120 logged "t_keep_kept: nothing points into it any more, freed"
	is "$1: and gone" "$(state_of t_keep_kept)" absent
}

# undo KIND SYMBOL: deregisters what is at SYMBOL.
undo()
{
	insmod /targets/t_keep_undo.ko "$1=0x$(awk -v name="$2" '$3 == name && $4 == "[t_keep_kept]" { print $1 }' /proc/kallsyms)"
	rmmod t_keep_undo
}

ok "patcher loads" insmod /patcher.ko

forgets misc "t_keep_misc"
is "misc: a read of the open file is at its end" "$(cat <&5)" ""
is "misc: so is one of a file opened now" "$(cat /dev/t_keep)" ""
exec 5<&-
ok "misc: the same file loads again at once" insmod /targets/t_keep.ko
ok "misc: and goes" rmmod t_keep
ok "misc: what was forgotten is undone" undo misc t_keep_misc
ok "misc: it is looked for again" sh -c 'echo 1 >/sys/kernel/patcher/t_keep_kept/sweep'
freed misc

# Its timer fires once more, and is not armed again.
forgets timer "t_keep_timer"
freed timer

forgets notifier "t_keep_block"
ok "notifier: patcher goes" rmmod patcher
like "notifier: the log says that it stays" "$(log_since)" \
	"patcher: t_keep_kept: it stays until the machine boots, as nobody is left to free it: sealed, [0-9]* KB"
is "notifier: it is there" "$(state_of t_keep_kept)" "going -1"
fails "notifier: another patcher does not rescue it" insmod /patcher.ko target=t_keep_kept
ok "notifier: other modules come" insmod /targets/t_leak.ko
ok "notifier: and go" rmmod t_leak
# The guest's end calls it: if it ran, the run would fail.
done_testing
