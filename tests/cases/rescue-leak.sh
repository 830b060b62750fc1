#!/bin/sh
# 4: references that nobody holds: the count is corrected, its own exit runs, no stub is
# needed; and with a stub the stub's runs instead. If that leaves something behind, its memory is
# kept, and the log says what.
# splat 1: not freed, but kept as t_leak_kept
. /lib.sh
plan 22

ok "it loads" insmod /targets/t_leak.ko leak=3
is "three references" "$(state_of t_leak)" "live 3"
fails "rmmod fails" rmmod t_leak
rescue t_leak "" "situation 4" "corrected its refcnt from 3 to 0"
fails "its own exit has run" test -e /proc/t_leak
ok "the same file loads again" insmod /targets/t_leak.ko
ok "it works" test -e /proc/t_leak
ok "it unloads when nothing leaks" rmmod t_leak

ok "a fixed build loads" insmod /fixed/t_leak.ko leak=3
is "and does not leak" "$(state_of t_leak)" "live 0"
ok "it unloads" rmmod t_leak

ok "once more" insmod /targets/t_leak.ko leak=1000
ok "patcher with a stub that binds nothing" insmod /stubs/stub_noop.ko
ok "arms" insmod /patcher.ko target=t_leak stub=stub_noop
log_mark
ok "rmmod works" rmmod t_leak
like "what that stub leaves behind is named" "$(log_since)" \
	"patcher: t_leak: still points into it: .*proc_dir_entry.* -> t_leak_show"
done_testing
