#!/bin/sh
# Debian's modules of all kinds, each wedged by an exit that dies half way: behind its first
# call. The stub that was generated for that place does the rest; nothing is left, and the module
# loads and registers again what it had registered.
# modules: @modules@
# splat @number@: BUG: kernel NULL pointer dereference
# timeout: 900
. /lib.sh
number=@number@
plan $((number * 19))

# account: what is registered, as far as the kernel tells.
account()
{
	cat /proc/filesystems /proc/misc /proc/devices /proc/net/ptype
	grep '^name' /proc/crypto
	sed 's/ .*//' /proc/net/protocols
	ls -d /sys/class/* /sys/class/*/* /sys/bus/* /sys/bus/*/drivers/* /sys/bus/*/devices/* \
		/sys/fs/* /sys/block/* /proc/sys/net/* /proc/fs/* /proc/net/*
}

save()
{
	account 2>/dev/null | sort >"/run/account.$1"
}

# same WHEN: is the account again what it was?
same()
{
	save now
	cmp "/run/account.$1" /run/account.now
}

# died MODULE OFFSET
died()
{
	local module="$1" offset="$2"

	modprobe "$module"
	rmmod "$module"
	save before
	ok "$module loads" modprobe "$module"
	save loaded
	log_mark
	insmod /targets/t_crash.ko "symbol=$module:cleanup_module" "offset=$offset"
	fails "its exit dies" rmmod "$module"
	is "it is wedged" "$(state_of "$module")" "going -1"
	ok "in the middle of its exit" logged "+$offset/0x[0-9a-f]* \[$module"
	rmmod t_crash
	fails "rmmod $module fails" rmmod "$module"
	rescue "$module" "${module}_stub" "situation 5b" "armed"
	ok "nothing is left of $module" wait_for 10 same before
	ok "$module loads again" modprobe "$module"
	ok "and registers what it had" wait_for 10 same loaded
	ok "$module unloads" rmmod "$module"
	ok "and leaves nothing" wait_for 10 same before
}

while read -r module offset; do
	died "$module" "$offset"
done <<END
@places@
END
done_testing
