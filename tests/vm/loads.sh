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

# in_chain_of FILE OTHER: would their loads be in the same chain?
in_chain_of()
{
	local one other

	echo "$1" >"$TABLE/chain"
	read -r one <"$TABLE/chain"
	echo "$2" >"$TABLE/chain"
	read -r other <"$TABLE/chain"
	[ "$one" = "$other" ]
}

# twin FILE OTHER: makes /run/twin/NAME, a copy of FILE whose load would be in the same chain
# as that of OTHER. It is a matter of luck where a file's inode is, so many are made.
twin()
{
	local i=0 name="${1##*/}"

	mkdir -p /run/twin
	if has_load_table; then
		while :; do
			: >"/run/twin/$i.$name"
			! in_chain_of "/run/twin/$i.$name" "$2" || break
			i=$((i + 1))
			[ "$i" -lt 10000 ] || return 1
		done
	else
		: >"/run/twin/$i.$name"
	fi
	mv "/run/twin/$i.$name" "/run/twin/$name"
	rm -f /run/twin/[0-9]*
	cat "$1" >"/run/twin/$name"
}
