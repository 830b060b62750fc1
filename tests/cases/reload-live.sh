#!/bin/sh
# 2a, while other loads are in progress: one is in its init, another of the same file waits
# for it. From 6.5 on both have a record in the kernel's table of loads, of which the rescue
# removes the dead one. Theirs have to stay: they go on as if nothing had been.
# splat 1: BUG: kernel NULL pointer dereference
# leaks: do_init_module
. /lib.sh
plan 21

# status PID: the exit status of a child of this shell; sets STATUS.
status()
{
	STATUS=0
	wait "$1" || STATUS=$?
}

bg insmod /targets/t_setup.ko init_wait=2
first=$BG
ok "an init sleeps" wait_for 10 sleeps_in "$first" t_setup_init
bg insmod /targets/t_setup.ko
second=$BG
ok "a second insmod of the file waits" wait_for 10 sleeps_in "$second" finit_module
init_dies "the init of another module oopses" /targets/t_misc.ko
rescue t_misc stub_misc "situation 2a" "armed"
log_since >/run/logged
if has_load_table; then
	like "one load is removed, the dead one" "$(cat /run/logged)" "removed 1 dead load "
else
	unlike "there is no table of loads" "$(cat /run/logged)" "dead load"
fi
unlike "nobody is interrupted" "$(cat /run/logged)" "patcher: .*interrupted"
fails "both go on" eval "ended $first || ended $second"
kill "$first"
ok "let go, the first one ends" wait_for 20 ended "$first"
ok "and so does the second" wait_for 20 ended "$second"
status "$first"
is "by the signal, when its init had returned" "$STATUS" 143
if has_load_table; then
	status "$second"
	is "the second one hears the same" "$STATUS" 0
else
	like "the second one hears that it is there" "$(cat "/run/bg.$second")" "File exists"
fi
is "the module is loaded" "$(state_of t_setup)" "live 0"
ok "it unloads" rmmod t_setup
done_testing
