#!/bin/sh
# 2a where patcher cannot make sure of the kernel's table of loads: it knows it by finding
# the load of itself there, and one by init_module(2) is not in it. The target is rescued,
# and the log says what not to do afterwards.
# splat 2: BUG: kernel NULL pointer dereference
# leaks: do_init_module
. /lib.sh
plan 12

# dies FILE: its init does.
dies()
{
	fails "its init oopses" insmod "$1"
	is "it is stuck" "$(state_of t_misc)" "coming 1"
	log_mark
}

# Two files, as the first leaves its record.
cp /targets/t_misc.ko /run/second.ko
insmod /stubs/stub_misc.ko

dies /run/second.ko
ok "armed by a patcher loaded with finit_module" insmod /patcher.ko target=t_misc stub=stub_misc
unlike "which knows the table, or that there is none" "$(log_since)" "cannot be told"
ok "rmmod works" rmmod t_misc
ok "patcher unloads" rmmod patcher

dies /targets/t_misc.ko
ok "armed by a patcher loaded with init_module" init_module /patcher.ko "target=t_misc stub=stub_misc"
if has_load_table; then
	like "the log says that the same file is better not loaded again" "$(log_since)" \
		"patcher: t_misc: the kernel's table of loads in progress cannot be told; do not load the same file again before a reboot"
else
	unlike "there is no table, and nothing is said of one" "$(log_since)" "table of loads"
fi
ok "rmmod works" rmmod t_misc
ok "patcher and stub unload" rmmod patcher stub_misc
done_testing
