#!/bin/sh
# 2a where it cannot be determined which loads in idem_hash are dead: a task is held at the
# entry of finit_module(2), as by strace, and no record is its own. The target is rescued, and the
# log says what not to do afterwards; once that task has gone the dead one is removed. One that
# may not load modules is not counted: any user could do that. And where the table's lock does not
# come free.
# splat 2: BUG: kernel NULL pointer dereference
# leaks: do_init_module
. /lib.sh
. /loads.sh
plan 26

watch_loads
bg traced 65534
tracer=$BG
ok "a task of nobody's is held in finit_module" wait_for 10 grep -q '^[0-9]' "/run/bg.$tracer"
init_dies "an init oopses" /targets/t_misc.ko
insmod /stubs/stub_misc.ko
log_mark
ok "armed" insmod /patcher.ko target=t_misc stub=stub_misc
if has_load_table; then
	like "its load is removed" "$(log_since)" "patcher: t_misc: removed 1 dead load"
else
	unlike "there is no table" "$(log_since)" "dead load"
fi
is "the table is empty" "$(chains)" 0
ok "all of it goes" rmmod t_misc patcher stub_misc
kill "$tracer"

bg traced
tracer=$BG
ok "a task is held in finit_module" wait_for 10 grep -q '^[0-9]' "/run/bg.$tracer"
traced=$(cat "/run/bg.$tracer")
init_dies "an init oopses" /targets/t_misc.ko
is "its load is in the table" "$(chains)" "$LEFT"
ok "the stub loads" insmod /stubs/stub_misc.ko
log_mark
ok "armed" insmod /patcher.ko target=t_misc stub=stub_misc
if has_load_table; then
	like "the log says that the same file is better not loaded again" "$(log_since)" \
		"patcher: t_misc: the records in idem_hash, the kernel's table of loads in progress, are not recognised, and a dead one may remain; do not load the same file again before a reboot"
else
	unlike "there is no table, and nothing is said of one" "$(log_since)" "table of loads"
fi
is "the table is as it was" "$(chains)" "$LEFT"
ok "rmmod works" rmmod t_misc
ok "patcher goes" rmmod patcher
load_died

kill "$tracer"
ok "the task goes" wait_for 20 ended "$traced"
log_mark
ok "patcher loads" insmod /patcher.ko
if has_load_table; then
	like "and removes what is dead" "$(log_since)" "patcher: patcher: removed 1 dead load"
else
	unlike "nothing is removed" "$(log_since)" "dead load"
fi
is "the table is empty" "$(chains)" 0
ok "it goes" rmmod patcher

# Whoever has died in the table had its lock.
insmod /targets/t_leak.ko leak=1
! has_load_table || echo 1 >"$TABLE/hold"
load_died
log_mark
ok "patcher is loaded without it" insmod /patcher.ko target=t_leak
if has_load_table; then
	like "the log says that it is not to be had" "$(log_since)" \
		"patcher: t_leak: the kernel's table of loads in progress stays locked: a task has died in it, and every further insmod hangs; reboot when it suits"
else
	unlike "nothing is said of it" "$(log_since)" "table of loads"
fi
! has_load_table || echo 0 >"$TABLE/hold"
ok "the target goes" rmmod t_leak
ok "patcher and the stub, too" rmmod patcher stub_misc
ok "the same file loads" insmod /fixed/t_misc.ko
ok "and unloads" rmmod t_misc
done_testing
