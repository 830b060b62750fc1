#!/bin/sh
# 2a, again and again: the same file (the same inode) dies in init, is rescued, and is
# loaded again, five times over, with the dead task's stack given to other tasks in
# between, which are alive when the next rescue looks at it; then a fixed build, then ten
# unrelated modules. From 6.5 on a dead insmod leaves a record on its stack in the kernel's
# table of loads in progress, and the next load of the same file would fault or hang on it,
# with a lock held. Behind it in its chain is that of a load that is alive, within reach only by
# the dead one's link, and stays.
# splat 5: BUG: kernel NULL pointer dereference
# leaks: do_init_module
# timeout: 240
. /lib.sh
. /loads.sh
plan 84

# take_stacks: a task's stack is given to the next one that is forked on that CPU, which
# keeps two. Tasks that stay take them.
take_stacks()
{
	local cpu

	for cpu in 1 2; do
		taskset -p $cpu $$ >/dev/null
		for _ in 1 2 3; do
			sleep 1000 &
		done
	done
	taskset -p 3 $$ >/dev/null
}

# owner: whose stack is now that of the insmod that died last, by its oops.
owner()
{
	log_since | sed -n 's/^RSP: [0-9]*:\([0-9a-f]*\).*/\1/p' | head -n 1 \
		>/sys/module/t_peek/parameters/stack
	cat /sys/module/t_peek/parameters/stack
}

watch_loads
insmod /targets/t_peek.ko
ok "a file whose load is in the target's chain" twin /targets/t_setup.ko /targets/t_misc.ko /run
bg insmod /run/t_setup.ko init_wait=2
alive=$BG
ok "its init sleeps" wait_for 10 sleeps_in "$alive" t_setup_init
before=$(chains)

REUSED=0
for round in 1 2 3 4 5; do
	take_stacks
	log_mark
	init_dies "round $round: its init oopses" /targets/t_misc.ko
	is "it is stuck" "$(state_of t_misc)" "coming 1"
	take_stacks
	owner=$(owner)
	echo "its stack is now that of $owner" | diag
	case $owner in
	sleep*) REUSED=$((REUSED + 1)) ;;
	esac
	rescue t_misc stub_misc "situation 2a" "armed"
	if has_load_table; then
		like "its load is removed from the table" "$(log_since)" "removed 1 dead load"
	else
		unlike "there is no table of loads" "$(log_since)" "dead load"
	fi
	is "the other load stays" "$(chains)" "$before"
done
echo "a dead stack was somebody else's in $REUSED rounds" | diag
ok "a dead stack was given to a task that lived" [ "$REUSED" -gt 0 ]

kill "$alive"
ok "the other load ends" wait_for 20 ended "$alive"
is "its module is loaded" "$(state_of t_setup)" "live 0"
is "the table is empty" "$(chains)" 0
ok "a fixed build loads" insmod /fixed/t_misc.ko
is "it works" "$(cat /dev/t_misc)" "t_misc: ok"
ok "it unloads" rmmod t_misc

for module in chardev exitbug exitoops kthread leak netdev noexit procfs initoops stuck; do
	ok "t_$module loads" insmod /fixed/t_$module.ko
done
done_testing
