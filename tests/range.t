#!/bin/bash
# make stops before it builds for a kernel that patcher was never tested on, unless told
# otherwise. The kernels are empty trees here, that only say which one they are.
set -uo pipefail
# shellcheck source=tests/host.sh
. "$(dirname "$0")/host.sh"

fake=$(mktemp -d)
trap 'rm -r "$fake"' EXIT
mkdir -p "$fake/include/generated/uapi/linux"
echo 'modules: ; @echo built' >"$fake/Makefile"

# result NAME WANTED VERSION PATCHLEVEL ARGUMENT...: what make says matches WANTED.
result()
{
	local name=$1 wanted=$2 output verdict='not ok'

	number=$((number + 1))
	echo "#define LINUX_VERSION_CODE $(($3 << 16 | $4 << 8 | 7))" \
		>"$fake/include/generated/uapi/linux/version.h"
	shift 4
	output=$(make -s -C "$TOP" KDIR="$fake" "$@" 2>&1)
	! grep -q -e "$wanted" <<<"$output" || verdict=ok
	[ "$wanted" = built ] || ! grep -q built <<<"$output" || verdict='not ok'
	echo "$verdict $number - $name"
	[ "$verdict" = ok ] || quoted "$output"
}

echo 1..7
number=0
result "5.9 is refused" "is for kernel 5.9, patcher knows 5.10 to 7.3 only" 5 9
result "4.19 is refused" "is for kernel 4.19," 4 19
result "7.4 is refused" "is for kernel 7.4," 7 4
result "5.10 is built for" built 5 10
result "7.3 is built for" built 7 3
result "so is 7.4 with ANY_KERNEL=1" built 7 4 ANY_KERNEL=1
result "and 5.9" built 5 9 ANY_KERNEL=1
