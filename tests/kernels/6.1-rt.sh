# shellcheck shell=bash
# Kernel 6.1-rt: Debian 12's own with PREEMPT_RT, where a spinlock may sleep.

# shellcheck disable=SC2034 # for machine.sh
META=linux-image-rt-amd64 BASE=6.1
# shellcheck source=tests/kernels/lib/machine.sh
. "$TOP/tests/kernels/lib/machine.sh"
