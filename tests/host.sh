# shellcheck shell=bash
# What the scripts on the host share: where things are, and how to get packages.
#
# Nothing is written into the tree: what is fetched, built or logged goes to the
# cache, $PATCHER_CACHE or ~/.cache/patcher.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${PATCHER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/patcher}
export TOP CACHE
mkdir -p "$CACHE"

# Of every guest. If the host is busy while it boots, QEMU's TSC and timer are better than the
# kernel thinks: it may panic for want of the latter. String instructions that go by bytes
# (erms) are slow in QEMU, a step for each; and it takes a sixth of a fork to account for
# memory and pressure, which no case asks about. After cmpxchg16b the flags are not what they
# should be until they are set anew (QEMU before 8.0, target/i386/tcg/translate.c, which does not
# store cc_op before it calls the helper): an interrupt just then returns with them, and the
# guest dies of a double fault; once in some thousand cases. Kernels do without (cx16).
export GUEST_CPU=max,-erms,-cx16
export GUEST_APPEND="tsc=reliable no_timer_check psi=0 cgroup_disable=memory"

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

# say TEXT: progress, kept off stdout, which may be TAP.
say()
{
	echo "${0##*/}: $*" >&2
}

as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "neither root nor sudo here; run as root: $*"
	fi
}

# remove DIR...: also when it holds what root has made, and never what is mounted there.
remove()
{
	rm -rf --one-file-system -- "$@" 2>/dev/null ||
		as_root rm -rf --one-file-system -- "$@"
}

# installed PACKAGE[=VERSION]
installed()
{
	local status version

	read -r status version < <(dpkg-query -W \
		-f '${db:Status-Status} ${Version}\n' "${1%%=*}" 2>/dev/null) || return 1
	[ "$status" = installed ] || return 1
	[ "${1%%=*}" = "$1" ] || [ "$version" = "${1#*=}" ]
}

# Lists that are out of date name packages that the mirror no longer has. Without
# a network they cannot be renewed, and what is cached has to do.
update_lists()
{
	say "updating apt's lists"
	as_root apt-get -q update >&2 || say "apt's lists could not be updated"
}

# need_packages PACKAGE[=VERSION]...: installs those that are missing.
need_packages()
{
	local package missing=()

	for package; do
		installed "$package" || missing+=("$package")
	done
	[ "${#missing[@]}" != 0 ] || return 0

	# One at a time: apt-get does not wait for the lists that another one updates.
	(
		flock 7
		say "installing with apt-get: ${missing[*]}"
		update_lists
		as_root env DEBIAN_FRONTEND=noninteractive \
			apt-get -q -y -o DPkg::Lock::Timeout=600 \
			install --no-install-recommends "${missing[@]}" </dev/null >&2
	) 7>"$CACHE/apt.lock"
}

# fetch_package PACKAGE[=VERSION] DIR: downloads it to DIR, without installing,
# from the mirror that apt is configured for.
fetch_package()
{
	local get=(apt-get -q -o APT::Sandbox::User=root download "$1")

	say "downloading $1"
	(cd "$2" && "${get[@]}" >&2) && return
	update_lists
	(cd "$2" && "${get[@]}" >&2)
}

# make_once DIR COMMAND...: makes DIR by running COMMAND in an empty directory
# beside it, unless it is there; so that an interrupted set-up leaves no DIR.
# Not to be called in a condition: bash would go on after an error in COMMAND.
make_once()
(
	dir=$1
	shift
	mkdir -p "${dir%/*}"
	exec 9>"$dir.lock"
	flock 9
	[ ! -e "$dir" ] || exit 0

	temp=$dir.tmp
	remove "$temp"
	mkdir "$temp"
	(cd "$temp" && "$@")
	mv "$temp" "$dir"
)

# static_kmod: where tests/tools leaves the kmod that it compiles.
static_kmod()
{
	# shellcheck disable=SC2016 # it is for dpkg-query
	echo "$CACHE/tools/kmod-zstd-$(dpkg-query -W -f '${Version}' kmod)"
}

# quoted TEXT: as TAP diagnostics.
quoted()
{
	[ -z "$1" ] || printf '# | %s\n' "${1//$'\n'/$'\n# | '}"
}

# build_dir NAME: where this checkout is built for NAME, a kernel or "unit".
build_dir()
{
	echo "$CACHE/build/${TOP##*/}-$(cksum <<<"$TOP" | cut -d' ' -f1)/$1"
}

# header KEY CASE: the values of "# KEY: VALUE" in a case's head, one a line.
header()
{
	sed -n "s/^# $1: *//p" "$2"
}
