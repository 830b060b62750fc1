#!/bin/bash
# docs/messages.md has every message that patcher's .c files can log, and no other.
#
# A message is any string of more than one word, or one that is logged. In the page its conversions (%s, %d)
# are whatever word stands for them; the rest has to be on one line, letter by letter.
set -uo pipefail
# shellcheck source=tests/host.sh
. "$(dirname "$0")/../host.sh"
cd "$TOP" || exit

page=docs/messages.md

# strings FILE...: what a .c file says, one string a line: without comments, #include
# and MODULE_...() lines; adjacent strings are joined, as the compiler does.
strings()
{
	perl -0777 -ne '
		s{("(?:[^"\\]|\\.)*")|/\*.*?\*/}{$1 // ""}gse;
		s/^#.*$//mg;
		s/^MODULE_\w+\(.*?\);$//smg;
		s/\bKBUILD_MODNAME\b/"patcher"/g;
		s/"\s*"//g;
		while (/(\bpatcher_(?:err|warn|notice|info|refuse)\([^"()]*)?"((?:[^"\\]|\\.)*)"/g) {
			my ($logged, $text) = ($1, $2);
			$text =~ s/\\n$//;
			$text =~ s/\\(.)/$1/g;
			print "$text\n" if $text =~ /\w .*\w|\w.* \w/ || ($logged && $text =~ /\w\w/);
		}' "$@"
}

# as_regexes: each line of stdin as a regular expression.
as_regexes()
{
	perl -ne '
		chomp;
		print join(".+?", map { quotemeta } split(/%[*#]?(?:p[a-zA-Z]*|l?[ux]|zu|[sd])/, $_, -1)), "\n"'
}

# not_in PAGE: those regular expressions of stdin that match no line of PAGE.
not_in()
{
	local regex

	while IFS= read -r regex; do
		grep -Pq -e "$regex" "$1" || echo "$regex"
	done
}

# listed PAGE: the messages that PAGE lists, the first cells of its tables.
listed()
{
	perl -ne 'print "$1\n" if /^\| `([^`]*[a-z][^`]* [^`]*)` \|/' "$1"
}

# unsaid: those lines of stdin that no message matches.
unsaid()
{
	local line

	while IFS= read -r line; do
		grep -Pq -f <(paste -sd'|' "$regexes") <<<"$line" || echo "$line"
	done
}

# point NAME OUTPUT WANTED: passes if OUTPUT is WANTED.
point()
{
	number=$((number + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		quoted "$2"
	fi
}

regexes=$(mktemp)
trap 'rm -f "$regexes"' EXIT
find patcher -name '*.c' ! -name '*.mod.c' -exec cat {} + | strings | as_regexes | sort -u >"$regexes"
count=$(wc -l <"$regexes")

echo 1..5
number=0
point "$count messages are in $page" "$(not_in "$page" <"$regexes")" ""
point "it has no other" "$(listed "$page" | unsaid)" ""
point "it is not empty" "$(($(listed "$page" | grep -c ' ') > 40 && count > 40))" 1

# Controls: what is missing is seen, on either side.
point "control: a made-up message is not found" \
	"$(strings <(printf '%s\n' 'f("made up %d, " /* no */ "as /*/ it is\n", i);') | as_regexes | not_in "$page")" \
	'made\ up\ .+?\,\ as\ \/\*\/\ it\ is'
point "control: nobody says what is made up" "$(echo "NAME: made up" | unsaid)" "NAME: made up"
