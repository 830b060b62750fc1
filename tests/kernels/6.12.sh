# shellcheck shell=bash
# Kernel 6.12: Debian 13's.

# shellcheck disable=SC2034 # for suite.sh
SUITES="Debian trixie
Debian-Security trixie-security" BASE=6.12
# shellcheck source=tests/kernels/lib/suite.sh
. "$TOP/tests/kernels/lib/suite.sh"
