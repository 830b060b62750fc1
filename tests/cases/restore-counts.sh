#!/bin/sh
# References that are taken or given back while a rescue is armed are not lost: restore
# gives back only what the rescue took.
. /lib.sh
plan 8

ok "the target loads" insmod /targets/t_leak.ko leak=5
ok "armed" insmod /patcher.ko target=t_leak
is "corrected" "$(state_of t_leak)" "live 0"
echo 2 >/sys/module/t_leak/parameters/leak
is "two more meanwhile" "$(state_of t_leak)" "live 2"
fails "rmmod refuses: they count" rmmod t_leak
ok "patcher goes" rmmod patcher
is "five and two" "$(state_of t_leak)" "live 7"
ok "armed once more, rmmod works" eval 'insmod /patcher.ko target=t_leak && rmmod t_leak'
done_testing
