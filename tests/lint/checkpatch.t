#!/bin/bash
# Every C file and header passes the kernel's checkpatch.pl --strict.
set -uo pipefail
# shellcheck source=tests/host.sh
. "$(dirname "$0")/../host.sh"

# checkpatch leaves a file with what it found where it is run: not in the tree.
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
ln -s "$TOP"/{include,patcher,stubs,tests,tools} "$work"
cd "$work" || exit

# What cannot hold here:
ignore=(
	LINUX_VERSION_CODE	# a module outside the kernel's tree has to ask for it,
	CONSTANT_COMPARISON	# and its name looks like a constant's
	AVOID_BUG		# what is wedged here has to be wedged
	OPEN_ENDED_LINE		# PATCHER_STUB( opens an initialiser, as "= {" would
	CAMELCASE		# Elf_Sym is the kernel's own name
	EMBEDDED_FILENAME	# patcher/stub.h includes <patcher/stub.h>
	MACRO_ARG_REUSE		# PATCHER_SYMBOL's is a constant expression
	VOLATILE		# t_stub_good.c asks what PATCHER_SYMBOL() makes of one
	EMBEDDED_FUNCTION_NAME	# a host program's messages have no __func__
	PREFER_DEFINED_ATTRIBUTE_MACRO	# nor has it the kernel's macros
	CAMELCASE		# it looks for names like Elf_Sym in the tree it is in
)

mapfile -t files < <(find include/ patcher/ stubs/ tests/ tools/ -name '*.[ch]' ! -name '*.mod.c' | sort)
status=0
output=$("$CACHE/tools/checkpatch/checkpatch.pl" --no-tree --root=. --strict --terse --quiet \
	--no-summary --ignore "$(IFS=,; echo "${ignore[*]}")" --file "${files[@]}" 2>&1) || status=$?

echo "1..$((${#files[@]} + 1))"
number=0
for file in "${files[@]}"; do
	number=$((number + 1))
	verdict=ok
	found=$(grep -F -e "$file:" <<<"$output") && verdict='not ok'
	echo "$verdict $number - $file"
	quoted "$found"
done
verdict=ok
[ "$status" = 0 ] && [ -z "$output" ] || verdict='not ok'
echo "$verdict $((number + 1)) - it has read them all, and found nothing else"
quoted "$(grep -vF "$(printf '%s:\n' "${files[@]}")" <<<"$output")"
