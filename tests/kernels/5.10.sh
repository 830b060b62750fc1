# shellcheck shell=bash
# Kernel 5.10: Debian 11's. Debian supports it no more, and what the security archive
# still lists the mirror need not have; the suite itself is complete.

# shellcheck disable=SC2034 # for suite.sh
SUITES="Debian bullseye" BASE=5.10
# shellcheck source=tests/kernels/lib/suite.sh
. "$TOP/tests/kernels/lib/suite.sh"
