#!/bin/sh
# 2a with a second insmod of the same file, which waits for the first one, dead in init:
# from 6.5 on on the completion in its own record of the kernel's table of loads, before
# that for the module to change its state. It must not count as one that loads the
# target, and must not be left waiting for ever.
# splat 1: BUG: kernel NULL pointer dereference
# leaks: do_init_module
. /lib.sh
plan 19

bg insmod /targets/t_setup.ko init_wait=3
first=$BG
ok "its init sleeps" wait_for 10 sleeps_in "$first" t_setup_init
bg insmod /targets/t_setup.ko
second=$BG
ok "a second insmod of the file waits" wait_for 10 sleeps_in "$second" finit_module
bg insmod /targets/t_setup.ko
third=$BG
ok "a third one too" wait_for 10 sleeps_in "$third" finit_module
kill "$first"
ok "the first one dies" wait_for 10 ended "$first"
load_died
is "it is stuck" "$(state_of t_setup)" "coming 1"
fails "and the others go on waiting" eval "ended $second || ended $third"
rescue t_setup "" "situation 2a" "armed"
log_since >/run/logged
ok "the second insmod ends" wait_for 20 ended "$second"
ok "the third one too" wait_for 20 ended "$third"
said=$(cat "/run/bg.$second" "/run/bg.$third")
if has_load_table; then
	is "both were interrupted" "$(echo "$said" | grep -c 'Interrupted system call')" 2
	like "the log says so" "$(cat /run/logged)" "t_setup: interrupted 2 loads that waited for a dead one"
else
	like "one says that it is there, or nothing, having loaded it" "$said" "File exists|^$"
	unlike "the log says nothing of loads" "$(cat /run/logged)" "patcher: .*loads?( |$)"
fi
! loaded t_setup || rmmod t_setup
ok "the same file loads" insmod /targets/t_setup.ko
ok "and unloads" rmmod t_setup
done_testing
