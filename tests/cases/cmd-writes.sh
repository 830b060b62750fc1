#!/bin/sh
# patcher rescue with one word: the stub is written, shown, built in the guest and used; asked for
# only where it is needed; and what does not build leaves the module as it was found.
# modules: 9p 9pnet_virtio virtio_pci
# kernels: 6.1
# compiler: yes
# splat 1: BUG: kernel NULL pointer dereference
# timeout: 900
. /lib.sh
plan 24

# rescue STATUS NAME...: as a user with a patcher.ko that is not installed.
rescue()
{
	local wanted="$1"

	shift
	said "$wanted" patcher rescue --patcher /patcher.ko "$@"
}

# as_found MODULE: it is, and nothing else was left.
as_found()
{
	is "$1 is as it was found" "$(peek "$1")" "$before"
	fails "patcher is not loaded" loaded patcher
}

ok "there is a compiler" with_compiler
insmod /targets/t_chardev.ko
fails "an exit dies" rmmod t_chardev
fails "the control: rmmod fails" rmmod t_chardev
before=$(peek t_chardev)

ok "nobody can be asked: 1" rescue 1 t_chardev --file /targets/t_chardev.ko
like "it is told" "$SAID" "this is no terminal: nobody can be asked about it$"
like "and what helps" "$SAID" "patcher stub t_chardev writes one to be read; --yes takes it unread$"
as_found t_chardev
ok "another build of the module: 1" rescue 1 t_chardev --file /fixed/t_chardev.ko --yes
like "is found out" "$SAID" "/fixed/t_chardev.ko is not what was loaded: its build ID is another"
as_found t_chardev
echo 'int broken' >/run/broken.c
ok "a stub that does not compile: 1" rescue 1 t_chardev /run/broken.c
like "the compiler says why" "$SAID" "broken.c:1.* error: "
as_found t_chardev
ok "one word" rescue 0 t_chardev --file /targets/t_chardev.ko --yes --then /fixed/t_chardev.ko
like "the stub is shown" "$SAID" "^static void t_chardev_cleanup\(void\)$"
like "what was done before it died is left out" "$SAID" "done before it died: device_destroy\(\)"
like "the end" "$SAID" "done: t_chardev is unloaded, and /fixed/t_chardev.ko loaded$"
is "the fixed one works" "$(cat /dev/t_chardev)" "t_chardev: ok"
fails "the stub is not loaded" loaded t_chardev_stub
fails "patcher is not loaded" loaded patcher
is "nothing is in /tmp" "$(ls /tmp)" ""
done_testing
