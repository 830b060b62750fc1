#!/bin/sh
# patcher load says in words what insmod says with an errno, and loads where insmod may crash.
# kernels: 6.1
# splat 1: BUG: kernel NULL pointer dereference
# leaks: do_init_module
. /lib.sh
plan 24

ok "--version is that of the module" \
	said 0 patcher --version
is "it is one word" "$SAID" "patcher $(modinfo -F version /patcher.ko)"
ok "a module is loaded" said 0 patcher load /targets/t_leak.ko leak=2
is "nothing is printed" "$SAID" ""
is "the parameter has come" "$(cat /sys/module/t_leak/refcnt)" 2
ok "once more: 1" said 1 patcher load /targets/t_leak.ko
like "it is loaded already" "$SAID" "^patcher: /targets/t_leak.ko: a module named t_leak is loaded already$"
ok "a compressed one is loaded" said 0 patcher load /stubs/stub_noop.ko.zst
ok "it is there" loaded stub_noop

ok "unknown symbols: 1" said 1 patcher load /targets/t_user.ko
like "each is named" "$SAID" "^patcher: /targets/t_user.ko: unknown symbol t_provider[a-z_]*; no module that depmod knows has it$"

# The second word of its version magic begins with a 9. The first one, the release, does not
# matter where symbols have versions (same_magic() in kernel/module/version.c).
cp /targets/t_leak.ko /tmp/other.ko
release=$(uname -r | tr -d '\n' | wc -c)
offset=$(tr '\0' '\n' </tmp/other.ko | sed '/^vermagic=/,$d' | wc -c)
printf 9 | dd of=/tmp/other.ko bs=1 seek=$((offset + 10 + release)) conv=notrunc
like "the control: insmod does not say which" "$(insmod_says /tmp/other.ko)" \
	"^Invalid module format$"
# For grep: 7.3's has a plus.
kernel=$(uname -r | sed 's/[+.]/\\&/g')
ok "another version magic: 1" said 1 patcher load /tmp/other.ko
like "both are named" "$SAID" "wrong version magic: it has '$kernel 9.*' should be '$kernel "
like "and the remedy" "$SAID" "build it with the headers in /lib/modules/$kernel/build"
cp /targets/t_leak.ko /tmp/other.ko
said 1 patcher load /tmp/other.ko
like "a module's name is not its file's" "$SAID" "a module named t_leak is loaded already$"
ok "no module's file: 1" said 1 patcher load /init
like "ENOEXEC in words" "$SAID" "the kernel does not accept it as a module"
ok "no such file: 1" said 1 patcher load /none.ko
like "the file is named" "$SAID" "/none.ko: No such file or directory"

ok "killed in init: 2" said 2 patcher load /targets/t_initoops.ko
like "where is named" "$SAID" "its init died in t_initoops_init.* \[t_initoops\]: BUG: kernel NULL pointer dereference"
like "and what it means" "$SAID" "t_initoops can be neither used nor unloaded now: it needs a rescue"
is "so it is" "$(state_of t_initoops)" "coming 1"
load_died
done_testing
