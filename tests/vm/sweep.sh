# shellcheck shell=dash
# What the cases sweep-* share, read after lib.sh: t_forget, whose exit forgets one thing, unloaded
# with guard=1.

# forget KIND [PARAMETER]: loads t_forget and unloads it; sets KEPT to the name that it is kept
# under, or to "", and SAID to what was logged.
forget()
{
	insmod /targets/t_forget.ko how="$1" ${2+"$2"} || return
	log_mark
	rmmod t_forget || return
	SAID=$(log_since)
	KEPT=$(echo "$SAID" | sed -n 's/^patcher: t_forget: not freed, but kept as \([a-z_0-9]*\): .*/\1/p')
}

# planted KIND REGEX: five results: rmmod works, what is left is told, with a symbol that matches
# REGEX, and the module is kept, and sealed.
planted()
{
	KEPT="" SAID=""
	ok "$1: rmmod works" forget "$1"
	like "$1: what is left is told" "$SAID" "^patcher: t_forget: still points into it: .* -> $2"
	is "$1: it is kept" "$(state_of "${KEPT:-none}")" "going -1"
	like "$1: and sealed" "$SAID" "^patcher: t_forget: sealed: [0-9]+ functions return at once, 0 were too short$"
	is "$1: its name is free" "$(state_of t_forget)" absent
}

# forgotten_nothing KIND [PARAMETER]: two results: rmmod works, and it is freed at once.
forgotten_nothing()
{
	KEPT="" SAID=none
	ok "$*: rmmod works" forget "$@"
	is "$*: it is freed at once" "$(echo "$SAID" | grep "^patcher: ") $KEPT $(state_of t_forget)" "  absent"
}

# guard_anew: patcher goes, and what is kept stays for good, so that it is not swept again and
# again beside the rest of a case; and patcher comes.
guard_anew()
{
	! loaded patcher || rmmod patcher || return
	insmod /patcher.ko guard=1
}
