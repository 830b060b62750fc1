#!/bin/sh
# What the command prints with --json is as the schemas in tests/json have it, in each situation that
# changes its form. Controls: what is not like that, is found.
# modules: 9p 9pnet_virtio virtio_pci
# compiler: yes
# kernels: 6.1
# splat 1: BUG: kernel NULL pointer dereference
# splat 1: WARNING: .*t_warn_exit
# splat 1: not freed, but kept as
# timeout: 600
. /lib.sh
plan 29

# prints NAME STATUS COMMAND...: with --json, into the file of that name; ends with STATUS.
prints()
{
	local file="/run/json/$1" wanted="$2" status=0 command="$3"

	shift 3
	patcher "$command" --json "$@" >"$file" 2>/run/err || status=$?
	[ "$status" = "$wanted" ] && return
	echo "status $status"
	cat "$file" /run/err
	return 1
}

# valid SCHEMA NAME...: whether these files are like that.
valid()
{
	local schema="$1" name instances=""

	shift
	for name; do
		instances="$instances -i /run/json/$name"
	done
	# shellcheck disable=SC2086 # several words
	chroot /host python3 -m jsonschema $instances "/run/json/$schema.json"
}

# not_like SCHEMA NAME SED: two results: changed like that, it is another file, and not valid.
not_like()
{
	sed "$3" "/run/json/$2" >/run/json/changed
	fails "control: $1: changed: $3" cmp -s "/run/json/$2" /run/json/changed
	fails "control: $1: it is found" valid "$1" changed
}

ok "there is python3-jsonschema" with_compiler
cp -r /json /run/

insmod /fixed/t_chardev.ko
ok "why: free" prints free 0 why --patcher /patcher.ko t_chardev
ok "why: absent" prints absent 4 why t_none
exec 4</dev/t_chardev
ok "why: held" prints held 3 why --patcher /patcher.ko t_chardev
ok "why: held, without patcher.ko" prints files 3 why t_chardev
exec 4<&-
wait_for 10 rmmod t_chardev
insmod /targets/t_chardev.ko
fails "an exit dies" rmmod t_chardev
insmod /targets/t_leak.ko leak=1
ok "why: died" prints died 2 why --patcher /patcher.ko t_chardev
ok "why: all" prints all 2 why --patcher /patcher.ko
ok "each is like the schema" valid why free absent held files died all
not_like why died 's/wedged/broken/'
not_like why held '/"refcount"/d'

ok "trace: nothing lost" prints nothing 0 trace t_leak -- true
ok "trace: lost" prints lost 3 trace t_leak -- sh -c 'echo 2 >/sys/module/t_leak/parameters/leak'
ok "both are like the schema" valid trace nothing lost
not_like trace lost 's/"missing":[0-9]*/"missing":0/'

insmod /patcher.ko guard=1
ok "test: clean" prints clean 0 test /fixed/t_exitbug.ko -- true
ok "test: reported" prints reported 6 test /targets/t_warn.ko warn=1
ok "test: residue" prints residue 5 test /targets/t_forget.ko how=misc
ok "test: held" prints open 3 test /fixed/t_misc.ko -- sh -c 'sleep 1000 </dev/t_misc >/dev/null 2>&1 &'
ok "each is like the schema" valid test clean reported residue open
not_like test clean 's/"times":1/"times":0/'

echo "t_leak leaked=3" >/sys/kernel/patcher/arm
ok "status: armed, and kept" prints status 0 status
ok "it is like the schema" valid status status
not_like status status 's/"armed"/"loaded"/'
done_testing
