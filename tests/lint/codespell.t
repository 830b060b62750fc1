#!/bin/bash
# No word of the project is one that codespell knows to be misspelt, but for names of the kernel's:
# filp is the slab cache of open files, parm what modinfo calls a parameter.
set -uo pipefail
# shellcheck source=tests/host.sh
. "$(dirname "$0")/../host.sh"
cd "$TOP" || exit

mapfile -t files < <(find . -type f ! -path './.git*' ! -name LICENSE ! -name '*.o' \
	! -name '*.ko' ! -name '*.mod*' ! -name '.*.cmd' ! -name '.*.d')
verdict=ok
output=$(codespell -L filp,parm "${files[@]}" 2>&1) && [ -z "$output" ] || verdict='not ok'
echo 1..1
echo "$verdict 1 - ${#files[@]} files"
quoted "$output"
