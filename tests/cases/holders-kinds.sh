#!/bin/sh
# What a task can hold beside a device node: a mapping, an anonymous file, a socket, a file
# of debugfs. Each is named, and counted once for each reference that it has; when it is
# given up, the target goes.
. /lib.sh
plan 26

# held NAME COUNT REGEX: COUNT references, all of them held by who REGEX names.
held()
{
	ok "$1: it is held" wait_for 10 is_state t_holders "live $2"
	fails "$1: rmmod fails" rmmod t_holders
	refused "$1: refused, naming the holder" "Device or resource busy" \
		"patcher: t_holders: refused: opened by $3; close it first \(-EBUSY\)" target=t_holders
	like "$1: all is accounted for" "$(cat /run/logged)" \
		"patcher: t_holders: $2 references: $2 held by $3, 0 unaccounted for"
	kill "$BG"
	ok "$1: it is given up" wait_for 10 is_state t_holders "live 0"
}

ok "it loads" insmod /targets/t_holders.ko
wait_for 10 test -c /dev/t_holders

bg hold map /dev/t_holders
held "a mapping" 1 "hold\[$BG\] mapping \(/dev/t_holders\)"

bg hold anonymous /dev/t_holders
held "an anonymous file" 1 "hold\[$BG\] fd [0-9]+ \(anon_inode:\[t_holders\]\)"

bg hold socket 18 3 0
held "a socket" 2 "hold\[$BG\] fd [0-9]+ \(socket:\[[0-9]+\]\)"

mount -t debugfs debugfs /sys/kernel/debug
bg sh -c 'exec 4</sys/kernel/debug/t_holders; exec sleep 1000'
held "a file of debugfs" 1 "(sh|sleep)\[$BG\] fd 4 \(/sys/kernel/debug/t_holders\)"

log_mark
ok "armed" insmod /patcher.ko target=t_holders
unlike "nobody is found any more" "$(log_since)" "held by"
ok "rmmod works" rmmod t_holders
rmmod patcher
ok "it loads again" insmod /targets/t_holders.ko
ok "it unloads" rmmod t_holders
done_testing
