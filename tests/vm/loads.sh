# shellcheck shell=dash
# What cases of reload-* share, read after lib.sh: the kernel's table of loads in progress, by
# t_loads. Where there is none all of it does nothing.

TABLE=/sys/module/t_loads/parameters

# address SYMBOL: as a number that insmod understands.
address()
{
	sed -n "s/^\([0-9a-f]*\) . $1\$/0x\1/p" /proc/kallsyms
}

# watch_loads: comes first. Sets LEFT to how many chains a dead load leaves something in.
watch_loads()
{
	LEFT=0
	has_load_table || return 0
	# shellcheck disable=SC2034 # for the case
	LEFT=1
	insmod /targets/t_loads.ko table="$(address idem_hash)" lock="$(address idem_lock)"
}

# chains: in how many chains of the table there is something.
chains()
{
	local used=0

	! has_load_table || read -r used <"$TABLE/used"
	echo "$used"
}

# chain_of FILE: sets CHAIN to the number of that in which its load would be.
chain_of()
{
	echo "$1" >"$TABLE/chain"
	read -r CHAIN <"$TABLE/chain"
}

# is_in_chain FILE NUMBER
is_in_chain()
{
	chain_of "$1"
	[ "$CHAIN" = "$2" ]
}

# is_elsewhere FILE NUMBER
is_elsewhere()
{
	! is_in_chain "$@"
}

# copies FILE OTHER DIR COMMAND...: makes DIR/NAME, a copy of FILE, with an inode such that COMMAND
# with it and the number of OTHER's chain succeeds. It is a matter of luck where an inode is, so many
# are made.
copies()
{
	local i=0 file="$1" dir="$3" to wanted

	chain_of "$2"
	wanted=$CHAIN
	shift 3
	to=$dir/.copy.$i
	: >"$to"
	until "$@" "$to" "$wanted"; do
		i=$((i + 1))
		[ "$i" -lt 10000 ] || return 1
		to=$dir/.copy.$i
		: >"$to"
	done
	cat "$file" >"$to"
	mv "$to" "$dir/${file##*/}"
	rm -f "$dir"/.copy.*
	"$@" "$dir/${file##*/}" "$wanted"
}

# twin FILE OTHER DIR: makes DIR/NAME, a copy of FILE whose load would be in the same chain as that
# of OTHER.
twin()
{
	if has_load_table; then
		copies "$1" "$2" "$3" is_in_chain
	else
		cp "$1" "$3"
	fi
}

# no_twin FILE OTHER DIR: the same, but in another chain.
no_twin()
{
	if has_load_table; then
		copies "$1" "$2" "$3" is_elsewhere
	else
		cp "$1" "$3"
	fi
}
