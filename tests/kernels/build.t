#!/bin/bash
# build.t KERNEL: all modules build for KERNEL with W=1 and sparse, without a word.
set -uo pipefail
# shellcheck source=tests/host.sh
. "$(dirname "$0")/../host.sh"

echo 1..1
if output=$("$TOP/tests/kernels/build" "$1" 2>&1); then
	echo "ok 1 - builds for $1"
else
	echo "not ok 1 - builds for $1"
fi
quoted "$output"
