# shellcheck shell=bash
# Kernel 6.1: Debian 12's own.
#
# A kernel is three functions:
# kernel_wanted	prints what the suite has now, one word; nothing if apt's lists do
#		not tell (as offline). Another answer than the cached one: made anew.
# kernel_make	fills the current directory: vmlinuz, version (uname -r), kdir, and
#		lib/modules/VERSION with depmod's data, also reachable as "modules".
# kernel_build	DIR TREE MAKE-ARGUMENT...: runs make in TREE for the kernel in DIR.

# shellcheck disable=SC2034 # for machine.sh
META=linux-image-amd64 BASE=6.1
# shellcheck source=tests/kernels/lib/machine.sh
. "$TOP/tests/kernels/lib/machine.sh"
