#!/bin/sh
# 2a with a file open: the device was registered before init died, and a task has opened
# it. It would be left with a file that leads nowhere: refused. When it is closed, rescued.
# splat 1: BUG: kernel NULL pointer dereference
# leaks: do_init_module
. /lib.sh
plan 17

init_dies "its init oopses" /targets/t_misc.ko
wait_for 10 test -c /dev/t_misc
exec 4</dev/t_misc
is "its device is open" "$(state_of t_misc)" "coming 2"
wedged t_misc
insmod /stubs/stub_misc.ko
refused "refused, naming who has it open" "Device or resource busy" \
	"patcher: t_misc: refused: opened by [^ ]*\[$$\] fd 4 \(/dev/t_misc\); close it first, or force=1 to make it answer EIO \(-EBUSY\)" \
	target=t_misc stub=stub_misc
like "insmod's own reference is not in the account" "$(cat /run/logged)" \
	"patcher: t_misc: 1 references: 1 held by .*, 0 unaccounted for"
like "a read gets what the device has to say" "$(cat <&4 2>&1)" "No data available"
rmmod stub_misc
exec 4<&-
ok "it is closed" wait_for 10 is_state t_misc "coming 1"
rescue t_misc stub_misc "situation 2a" "corrected its refcnt from 1 to 0"
done_testing
