#!/bin/sh
# Under Secure Boot the kernel is locked down and loads only what is signed by a key that it
# trusts: what make sign has signed, and a rescue then works as ever. tests/secure-boot.t
# runs it, and signs all of our modules with a key that the firmware knows.
# append: module.sig_enforce=1
# splat 1: BUG: kernel NULL pointer dereference
. /lib.sh
plan 24

like "the firmware boots securely" "$(dmesg)" "secureboot: Secure boot enabled"
like "so the kernel is locked down" "$(dmesg)" "Kernel is locked down from EFI Secure Boot"
is "and wants signatures in any case" "$(cat /sys/module/module/parameters/sig_enforce)" Y
like "it knows our key" "$(dmesg)" "Loaded X.509 cert 'patcher test"

# refuses NAME FILE: two results.
refuses()
{
	log_mark
	like "$1: insmod is refused" "$(insmod_says "$2")" \
		"Key was rejected by service|Required key not available|Operation not permitted"
	is "$1: it is not there" "$(state_of patcher)" absent
}

# Without the mark at its end.
head -c -28 /patcher.ko >/run/unsigned.ko
refuses "unsigned" /run/unsigned.ko
like "unsigned: the log says so" "$(log_since)" "Loading of unsigned module is rejected|unsigned module loading is restricted"
cp /patcher.ko /run/changed.ko
printf x | dd of=/run/changed.ko bs=1 seek=1000 conv=notrunc 2>/dev/null
refuses "changed after it was signed" /run/changed.ko

like "it says who has signed it" "$(modinfo /patcher.ko)" "^signer: *patcher test"
insmod /targets/t_exitoops.ko
fails "its exit dies" rmmod t_exitoops
wedged t_exitoops
rescue t_exitoops stub_noop "situation 5b" "by ftrace"
ok "the same file loads again" insmod /targets/t_exitoops.ko
unlike "nothing was forbidden" "$(log_since)" "Lockdown:"
done_testing
