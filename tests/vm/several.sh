# shellcheck shell=dash
# What the cases several-* share, read after lib.sh: rescues that are armed over sysfs.

SYSFS=/sys/kernel/patcher

# wrong: the error that the shell has printed; fails.
wrong()
{
	sed 's/.*: //' /run/arm
	return 1
}

# arm LINE: writes LINE to arm; prints the error, "Device or resource busy" say, and
# nothing if it went well.
arm()
{
	(echo "$1" >$SYSFS/arm) 2>/run/arm 3>&- || wrong
}

# disarm TARGET: likewise.
disarm()
{
	(echo 1 >"$SYSFS/$1/disarm") 2>/run/arm 3>&- || wrong
}

# shown TARGET: its files, "STUB METHOD SITUATION STATUS".
shown()
{
	local file value line=""

	for file in stub method situation status; do
		read -r value <"$SYSFS/$1/$file"
		line="$line $value"
	done
	echo "${line# }"
}

# rescues: the directories that there are, in one line.
rescues()
{
	local dir line=""

	for dir in "$SYSFS"/*/; do
		dir=${dir%/}
		[ ! -d "$dir" ] || line="$line ${dir##*/}"
	done
	echo "${line# }"
}

# is_shown TARGET: is there a directory for it?
is_shown()
{
	[ -d "$SYSFS/$1" ]
}

# not_shown TARGET
not_shown()
{
	! is_shown "$1"
}

# arm_refused NAME ERROR REGEX LINE TARGET: passes if writing LINE to arm fails with ERROR, a
# line that is logged matches REGEX, and the target, the taint, what ftrace lists, and what
# is armed are as they were.
arm_refused()
{
	local name="$1" error="$2" regex="$3" said before after status=0

	before=$(everything "$5")$(rescues)
	log_mark
	said=$(arm "$4")
	log_since >/run/logged
	after=$(everything "$5")$(rescues)
	[ "$said" = "$error" ] && grep -Eq -e "$regex" /run/logged &&
		[ "$before" = "$after" ] || status=1
	point "$status" "$name" && return
	{
		printf 'said: %s\nwanted: %s\nbefore: %s\nafter: %s\n' "$said" "$error" "$before" "$after"
		printf 'logged, to match %s:\n' "$regex"
		cat /run/logged
	} | diag
}

# hex TEXT: and a NUL.
hex()
{
	printf '%s\0' "$1" | xxd -p
}

# renamed FILE NEW: makes /run/NEW.ko, the same module under another name, which must not be
# longer.
renamed()
{
	local old new

	old=${1##*/}
	old=$(hex "${old%.ko}")
	new=$(hex "$2")
	while [ ${#new} -lt ${#old} ]; do
		new=${new}00
	done
	xxd -p -c 1000000 "$1" | sed "s/$old/$new/g" | xxd -r -p >"/run/$2.ko"
}
