#!/bin/sh
# 2a: from 6.5 on a dead insmod's record in the kernel's table of loads is met not only by the
# same file, but by each whose load falls into the same of 256 chains; by patcher or a stub, too.
# Compressed, patcher does not walk the table, and what is dead goes before anything else is
# done: then files of that chain load. Files of another chain load all the time.
# splat 4: BUG: kernel NULL pointer dereference
# leaks: do_init_module
# timeout: 240
. /lib.sh
. /several.sh
. /loads.sh
plan 48

# removed WHOSE: what is dead was removed first. Two results.
removed()
{
	if has_load_table; then
		is "one load is removed, first of all" "$(log_since | grep -m 1 '^patcher: ')" \
			"patcher: $1: removed 1 dead load from the kernel's table of loads in progress"
	else
		unlike "there is no table of loads" "$(log_since)" "dead load"
	fi
	is "nothing is left in the table" "$(chains)" 0
}

# dies: five results.
dies()
{
	is "the table is empty" "$(chains)" 0
	log_mark
	init_dies "its init oopses" /targets/t_misc.ko
	is "it is stuck" "$(state_of t_misc)" "coming 1"
	is "its load is in the table" "$(chains)" "$LEFT"
}

# goes MODULE...: three results.
goes()
{
	ok "rmmod works" rmmod t_misc
	ok "what has helped goes" rmmod "$@"
	is "all is gone" "$(state_of t_misc) $(state_of patcher)" "absent absent"
}

watch_loads

EXTRA=/lib/modules/$(uname -r)/extra
ok "a stub whose load is in the target's chain" twin /stubs/stub_misc.ko /targets/t_misc.ko "$EXTRA"
ok "and a patcher" twin /patcher.ko /targets/t_misc.ko /run

# Idle, before the stub.
dies
ok "patcher loads, compressed" insmod /patcher.ko
removed patcher
ok "a stub of that chain loads" insmod "$EXTRA/stub_misc.ko"
is "armed" "$(arm "t_misc stub_misc")" ""
goes patcher stub_misc
ok "a patcher of that chain loads" insmod /run/patcher.ko
ok "and goes" rmmod patcher

# The stub by modprobe, with patcher already at work.
dies
ok "patcher loads, compressed, and finds the stub" insmod /patcher.ko target=t_misc stub=stub_misc
removed t_misc
goes patcher stub_misc

# Over sysfs.
insmod /patcher.ko
dies
is "armed, the stub found" "$(arm "t_misc stub_misc")" ""
removed t_misc
load_is_harmless
goes patcher stub_misc

# A patcher of another chain, not compressed.
ok "a patcher of another chain" no_twin /patcher.ko /targets/t_misc.ko /run
dies
load_is_harmless
ok "it loads, and finds the stub" insmod /run/patcher.ko target=t_misc stub=stub_misc
removed t_misc
goes patcher stub_misc
ok "a fixed build loads" insmod /fixed/t_misc.ko
done_testing
