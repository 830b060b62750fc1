# shellcheck shell=dash
# What cases of reload-* share, read after lib.sh: the kernel's table of loads in progress, by
# t_loads. Where there is none all of it does nothing.

TABLE=/sys/module/t_loads/parameters

# address SYMBOL: as a number that insmod understands.
address()
{
	sed -n "s/^\([0-9a-f]*\) . $1\$/0x\1/p" /proc/kallsyms
}

# watch_loads: comes first.
watch_loads()
{
	! has_load_table ||
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

# twin FILE OTHER: makes /run/twin/NAME, a copy of FILE whose load would be in the same chain
# as that of OTHER. It is a matter of luck where a file's inode is, so many are made.
twin()
{
	local i=0 wanted name="${1##*/}"

	mkdir -p /run/twin
	: >/run/twin/0
	if has_load_table; then
		chain_of "$2"
		wanted=$CHAIN
		until is_in_chain /run/twin/$i "$wanted"; do
			i=$((i + 1))
			[ "$i" -lt 10000 ] || return 1
			: >/run/twin/$i
		done
	fi
	mv /run/twin/$i "/run/twin/$name"
	rm -f /run/twin/[0-9]*
	cat "$1" >"/run/twin/$name"
}

# no_twin FILE OTHER: makes /run/NAME, a copy of FILE whose load would be in another chain.
no_twin()
{
	local to="/run/${1##*/}"

	cp "$1" "$to"
	has_load_table || return 0
	chain_of "$2"
	set -- "$1" "$CHAIN"
	while is_in_chain "$to" "$2"; do
		mv "$to" "$(mktemp)"
		cp "$1" "$to"
	done
}
