#!/bin/sh
# 2a, again and again: the same file (the same inode) dies in init, is rescued, and is
# loaded again, five times over, with the dead task's stack given to other tasks in
# between; then a fixed build, then ten unrelated modules. From 6.5 on a dead insmod
# leaves a record on its stack in the kernel's table of loads in progress, and the next
# load of the same file would fault or hang on it, with a lock held.
# splat 5: BUG: kernel NULL pointer dereference
# leaks: do_init_module
# timeout: 240
. /lib.sh
plan 73

# A task's stack is given to the next one that is forked.
reuse_stacks()
{
	for _ in 1 2 3 4 5 6 7 8; do
		(: & : & wait)
	done
}

for round in 1 2 3 4 5; do
	fails "round $round: its init oopses" insmod /targets/t_misc.ko
	is "it is stuck" "$(state_of t_misc)" "coming 1"
	reuse_stacks
	rescue t_misc stub_misc "situation 2a" "armed"
	reuse_stacks
	if has_load_table; then
		like "its load is removed from the table" "$(log_since)" "removed 1 dead load"
	else
		unlike "there is no table of loads" "$(log_since)" "dead load"
	fi
done

ok "a fixed build loads" insmod /fixed/t_misc.ko
is "it works" "$(cat /dev/t_misc)" "t_misc: ok"
ok "it unloads" rmmod t_misc

for module in chardev exitbug exitoops kthread leak netdev noexit procfs initoops misc; do
	ok "t_$module loads" insmod /fixed/t_$module.ko
done
done_testing
