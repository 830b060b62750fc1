#!/bin/bash
# Every shell script of the project passes shellcheck. Those for the guest are for
# busybox's ash, which is closest to dash.
set -uo pipefail
# shellcheck source=tests/host.sh
. "$(dirname "$0")/../host.sh"
cd "$TOP" || exit

mapfile -t host < <(grep -rlE '^#!/bin/bash' .ci tests)
mapfile -t guest < <(find tests/bench tests/cases tests/packages tests/secure-boot tests/vm -name '*.sh' | sort)
guest+=(tests/stubgen/debian-died.sh)

# check NAME ARGUMENT...
check()
{
	local name=$1 output verdict='not ok'

	shift
	number=$((number + 1))
	! output=$(shellcheck "$@" 2>&1) || verdict=ok
	echo "$verdict $number - $name"
	quoted "$output"
}

echo 1..2
number=0
check "${#host[@]} scripts for the host" -x "${host[@]}" tests/host.sh tests/kernels/*.sh tests/kernels/lib/*.sh
# SC1091: the guest's /lib.sh is checked by itself. SC2317: called through "$@".
check "${#guest[@]} scripts for the guest" -s dash -e SC1091,SC2317 tests/vm/init "${guest[@]}"
