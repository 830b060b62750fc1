#!/bin/bash
# The host's tests of judge.c: tests/unit, built in the cache, speaks TAP itself.
set -euo pipefail
# shellcheck source=tests/host.sh
. "$(dirname "$0")/host.sh"

out=$(build_dir unit)
mkdir -p "$out"
exec make -s --no-print-directory -C "$TOP/tests/unit" check OUT="$out"
