#!/bin/sh
# A file that is open: who has it is named, and refused, with and without force; the count
# is untouched and he can go on reading. However many descriptors and tasks share it, it is
# counted once. What is leaked beside it is told apart, and corrected when it is closed.
. /lib.sh
plan 33

me="[^ ]+\[$$\] fd 4 \(/dev/t_chardev\)"

ok "it loads" insmod /fixed/t_chardev.ko
exec 4</dev/t_chardev
is "open once: a reference of its operations, one of its cdev" "$(state_of t_chardev)" "live 2"
fails "rmmod fails" rmmod t_chardev
refused "refused, naming who has it open" "Device or resource busy" \
	"patcher: t_chardev: refused: opened by $me; close it first \(-EBUSY\)" target=t_chardev
like "the account: it is all his" "$(cat /run/logged)" \
	"patcher: t_chardev: 2 references: 2 held by $me, 0 unaccounted for"

exec 5<&4
bg sleep 1000
sharer=$BG
is "shared with another descriptor and another task" "$(state_of t_chardev)" "live 2"
refused "it is still one" "Device or resource busy" "refused: opened by $me; close it" target=t_chardev
like "in the account as well" "$(cat /run/logged)" ": 2 references: 2 held by $me, 0 unaccounted for"

bg sh -c 'exec 6</dev/t_chardev; exec 4<&- 5<&-; echo opened; exec sleep 1000'
other=$BG
ok "another task opens it" wait_for 10 is_state t_chardev "live 4"
wait_for 10 grep sleep "/proc/$other/comm"
refused "both are named" "Device or resource busy" \
	"refused: opened by $me, sleep\[$other\] fd 6 \(/dev/t_chardev\); close it" target=t_chardev
like "and counted" "$(cat /run/logged)" ": 4 references: 4 held by .*, 0 unaccounted for"
kill "$other"
ok "the other one ends" wait_for 10 is_state t_chardev "live 2"

is "two are leaked" "$(insmod_says /targets/t_leaker.ko target=t_chardev count=2)" "Operation canceled"
wait_for 10 is_state t_chardev "live 4"
refused "refused still" "Device or resource busy" "refused: opened by $me; close it first" target=t_chardev
like "the account tells them apart" "$(cat /run/logged)" \
	"patcher: t_chardev: 4 references: 2 held by $me, 2 unaccounted for"
refused "with force=1, too" "Device or resource busy" \
	"refused: opened by $me; close it first, force=1 does not help \(-EBUSY\)" target=t_chardev force=1
is "the count is untouched" "$(state_of t_chardev)" "live 4"
is "and he can read" "$(cat <&4)" "t_chardev: ok"

read -r major _ <<END
$(grep t_chardev /proc/devices)
END
mknod "/run/a$(printf '\033')%s%n" c "$major" 0
kill "$sharer"
exec 4<&- 5<&-
ok "all is closed" wait_for 10 is_state t_chardev "live 2"
exec 4<"/run/a$(printf '\033')%s%n"
refused "a path is logged escaped" "Device or resource busy" \
	'refused: opened by [^ ]* fd 4 \(/run/a\\e%s%n\); close it' target=t_chardev
exec 4<&-

bg hold threads 5 /dev/t_chardev
ok "a thread with a table of its own opens it" wait_for 10 is_state t_chardev "live 4"
refused "it is found" "Device or resource busy" "refused: opened by hold\[[0-9]+\] fd [0-9]+ \(/dev/t_chardev\); close" target=t_chardev
kill "$BG"
ok "and ends" wait_for 10 is_state t_chardev "live 2"

rescue t_chardev "" "situation 4" \
	"corrected its refcnt from 2 to 0"
like "it is said that they count as leaked" "$(dmesg)" "patcher: t_chardev: 2 references count as leaked: no holder of them was found"
ok "it loads again" insmod /fixed/t_chardev.ko
ok "and unloads" rmmod t_chardev
done_testing
