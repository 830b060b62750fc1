#!/bin/bash
# packages.t [SUITE]: make install, and the Debian packages, in a root of SUITE (bookworm or trixie):
# they are built, installed with apt, patcher.ko is built by DKMS for each kernel, loaded in a guest
# from where that has installed it, and all is removed again, with nothing left. Without SUITE, that
# of the machine.
#
# Two roots are kept in the cache: one that builds packages, and one that has what a machine has
# before: apt, openssl, with which DKMS signs, and the headers of its kernels. The packages go into a copy of it.
set -euo pipefail
# shellcheck source=tests/host.sh
. "$(dirname "$0")/host.sh"
# shellcheck source=tests/kernels/lib/suite.sh
. "$TOP/tests/kernels/lib/suite.sh"

# shellcheck source=/dev/null
suite=${1:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
# The kernel that is tested in a guest, of those of tests/kernels.
declare -A kernels=([bookworm]=6.1 [trixie]=6.12)
kernel=${kernels[$suite]-}
[ -n "$kernel" ] || die "no kernel is known for $suite"
# shellcheck disable=SC2034 # for suite.sh
SUITES="Debian $suite
Debian-Security $suite-security"

# make_suite PACKAGE...: a root of the suite, with these, and with apt's lists.
make_suite()
{
	local list

	list=$(sources)
	[ -n "$list" ] || die "apt knows no mirror for $suite"
	as_root mmdebstrap --quiet --variant=apt --skip=cleanup/apt/lists \
		--aptopt='Acquire::Languages "none"' --include="$(IFS=,; echo "$*")" \
		"$suite" "$PWD/root" - <<<"$list" >&2
}

# root_with NAME PACKAGE...: the root of that name in the cache; another one if the packages are.
root_with()
{
	local name=$1 dir

	shift
	dir=$CACHE/roots/$suite-$name-$(cksum <<<"$*" | cut -d' ' -f1)
	[ -e "$dir" ] || say "making a root of $suite: $name"
	make_once "$dir" make_suite "$@"
	echo "$dir/root"
}

# in_root ROOT COMMAND...: as root there; where this work is, is /work.
in_root()
{
	local root=$1

	shift
	# shellcheck disable=SC2016 # it is for the inner shell
	as_root unshare --mount --propagation private sh -euc '
		root=$1 work=$2
		shift 2
		mkdir -p "$root/work"
		mount --bind "$work" "$root/work"
		mount --rbind /dev "$root/dev"
		mount -t proc proc "$root/proc"
		cp -L /etc/resolv.conf "$root/etc/"
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive \
			chroot "$root" "$@"
		' - "$root" "$work" "$@"
}

number=0
# point STATUS NAME [TEXT]
point()
{
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		quoted "${3-}"
	fi
}

# ok NAME COMMAND...: what it prints is $SAID.
ok()
{
	local name=$1 status=0

	shift
	SAID=$("$@" 2>&1) || status=$?
	point "$status" "$name" "$SAID"
}

# fails NAME COMMAND...
fails()
{
	local name=$1 status=1

	shift
	SAID=$("$@" 2>&1) || status=0
	point "$status" "$name" "$SAID"
}

# is NAME GOT WANTED
is()
{
	local status=0

	[ "$2" = "$3" ] || status=1
	point "$status" "$1" "$(diff <(echo "$3") <(echo "$2"))"
}

# listing: everything in the root, but for what is written whenever packages come and go: logs,
# apt's and dpkg's own lists, caches; and the key that DKMS has made for the machine.
listing()
{
	in_root "$root" find / -xdev '(' -path /proc -o -path /dev -o -path /work -o -path /var/log \
		-o -path /var/cache -o -path /var/lib/apt -o -path /tmp ')' -prune -o -printf '%p %y %m %l ' \
		'(' -type f ! -path '/var/lib/dpkg/*' -printf '%s' -o -true ')' -printf '\n' |
		grep -v -e '^/var/lib/dkms/mok\.' -e '^/var/lib/dpkg/[^/]*-old ' | sort
}

need_packages mmdebstrap git xz-utils >&2
work=$(build_dir "packages-$suite")
remove "$work"
mkdir -p "$work"

# Built as it is now, whether committed or not; a file that git does not know is left out.
commit=$(git -C "$TOP" stash create)
make -s -C "$TOP" dist DIST="$work" COMMIT="${commit:-HEAD}" >&2
version=$(sed -n 's/^.define PATCHER_VERSION.*"\(.*\)"/\1/p' "$TOP/patcher/version.h")
tar -xJf "$work/patcher-$version.tar.xz" -C "$work"

echo 1..22
mapfile -t needed < <(sed -n '/^Build-Depends:/,/^[A-Z]/s/^\(Build-Depends:\)\? *\([a-z][^ ,]*\).*/\2/p' \
	"$TOP/debian/control" | sed 's/^debhelper-compat$/debhelper/; s/^dh-sequence-dkms$/dh-dkms/')
builder=$(root_with build build-essential lintian linux-headers-amd64 "${needed[@]}")
ok "they are built" in_root "$builder" sh -c "cd /work/patcher-$version && dpkg-buildpackage -us -uc"
ok "lintian finds no error" in_root "$builder" sh -c 'lintian --fail-on error /work/*.changes'

# What others have put there is not touched: the directories that are there before.
headers=$(cd "$builder/lib/modules" && echo *)
mkdir -p "$work"/dest/usr/local/{bin,include,share/man} "$work/dest/lib/modules/$headers"
find "$work/dest" | sort >"$work/before"
make=(make -s -C "/work/patcher-$version" "KDIR=/lib/modules/$headers/build" DESTDIR=/work/dest)
ok "make install" in_root "$builder" "${make[@]}" install
is "that is all that is installed" "$(cd "$work/dest" && find . -type f | sort)" \
	"$(sed "s/RELEASE/$headers/" "$TOP/tests/packages/installed")"
ok "make uninstall" in_root "$builder" "${make[@]}" uninstall
is "nothing is left" "$(find "$work/dest" | sort)" "$(<"$work/before")"

base=$(root_with machine openssl linux-headers-amd64 linux-headers-rt-amd64)
root=$work/root
as_root cp -a "$base" "$root"
in_root "$root" apt-get -q update >&2 || say "apt's lists could not be updated"
install=(apt-get -q -y --no-install-recommends install)
debs=("/work/patcher_${version}_amd64.deb" "/work/patcher-dkms_${version}_all.deb")
# What they depend on, which stays.
mapfile -t depends < <(in_root "$root" "${install[@]}" --simulate "${debs[@]}" |
	sed -n 's/^Inst \([^ ]*\) .*/\1/p' | grep -v '^patcher')
ok "what they depend on is installed" in_root "$root" "${install[@]}" "${depends[@]}"
mapfile -t releases < <(ls "$root/lib/modules")
# As the packages of the kernels themselves leave it.
for release in "${releases[@]}"; do
	in_root "$root" depmod "$release" 2>/dev/null
done
listing >"$work/before"
ok "they are installed by apt" in_root "$root" "${install[@]}" "${debs[@]}"

is "there are two kernels" "${#releases[@]}" 2
is "DKMS has built it for each" "$(in_root "$root" dkms status | cut -d: -f1 | sort)" \
	"$(printf "patcher/$version, %s, x86_64\n" "${releases[@]}")"
for release in "${releases[@]}"; do
	ko=$(echo "$root/lib/modules/$release/updates/dkms"/patcher.ko*)
	is "$release: its version" "$(modinfo -F version "$ko")" "$version"
	is "$release: its kernel" "$(modinfo -F vermagic "$ko" | cut -d' ' -f1)" "$release"
	is "$release: signed by DKMS" "$(modinfo -F signer "$ko")" "DKMS module signing key"
done
is "the command's version" "$(in_root "$root" patcher --version)" "patcher $version"
ok "the stubs build from where they are" in_root "$root" sh -ec "
	cp -r /usr/share/patcher/stubs /tmp/
	make -C /lib/modules/${releases[0]}/build M=/tmp/stubs modules
	ls /tmp/stubs/stub_chardev.ko
	rm -r /tmp/stubs"

export PATCHER_ROOT=$root PATCHER_BUILT=${PATCHER_BUILT-}
status=0
said=$("$TOP/tests/vm/run" -k "$kernel" "$TOP/tests/packages/installed.sh" 2>&1) || status=$?
point "$status" "a guest uses what is installed" "$said"

ok "they are removed" in_root "$root" apt-get -q -y purge patcher patcher-dkms
fails "no file belongs to them" in_root "$root" dpkg -S patcher
listing >"$work/after"
is "nothing is left" "$(<"$work/after")" "$(<"$work/before")"
remove "$root"
