# shellcheck shell=bash
# Kernel 7.3: Debian 13's, from its backports.

# shellcheck disable=SC2034 # for suite.sh
SUITES="Debian trixie
Debian-Security trixie-security
Debian trixie-backports" BASE=7.3
# shellcheck source=tests/kernels/lib/suite.sh
. "$TOP/tests/kernels/lib/suite.sh"
