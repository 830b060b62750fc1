#!/bin/sh
# 5d: exit, or init (2b), never leaves the CPU: with cond_resched(), without, and with
# preemption off. It is caught where it runs, whether a stub lets it go or not.
# leaks: do_init_module
# timeout: 600
. /lib.sh
. /stuck.sh
plan 132

no_watchdogs
for how in spin_resched spin spin_nopreempt; do
	scene_let $how exit
	for kind in both idle; do
		scene_evict $how exit $kind
	done
done
scene_evict spin exit clean
scene_let spin init
scene_evict spin init
scene_evict spin init idle
churns
done_testing
