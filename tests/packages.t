#!/bin/bash
# packages.t: make dist, make install and uninstall, make deb; and Debian's packages installed
# in a root of bookworm, where DKMS builds patcher.ko, and removed again.
#
# It is "make check-packages", and not part of make check: it compiles everything three times.
# The root is an overlay on that of tests/packages/root, which nothing changes. No module is
# loaded.
set -uo pipefail
# shellcheck source=tests/host.sh
. "$(dirname "$0")/host.sh"

number=0
log=

# result STATUS NAME: one result; with what $log has, if it failed.
result()
{
	number=$((number + 1))
	[ "$1" != 0 ] || { echo "ok $number - $2"; return 0; }
	echo "not ok $number - $2"
	quoted "$(tail -n 40 <<<"$log")"
}

# ok NAME COMMAND...
ok()
{
	local name=$1 status=0

	shift
	log=$("$@" 2>&1) || status=$?
	result "$status" "$name"
}

# is NAME GOT WANTED
is()
{
	local status=0

	[ "$2" = "$3" ] || status=1
	log="got:    $2"$'\n'"wanted: $3"
	result "$status" "$1"
}

# in_root COMMAND...: in the overlay. What is mounted there is gone when COMMAND has ended, and
# what it wrote is in $work/upper.
in_root()
{
	# shellcheck disable=SC2016 # it is for the inner shell
	as_root unshare --mount --propagation private sh -euc '
		lower=$1 work=$2
		shift 2
		mount -t overlay -o "lowerdir=$lower,upperdir=$work/upper,workdir=$work/work" \
			overlay "$work/root"
		mount --rbind /dev "$work/root/dev"
		mount -t proc proc "$work/root/proc"
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive \
			chroot "$work/root" "$@"
		' - "$root" "$work" "$@"
}

# files: all files of the root, but for logs, caches, apt's and dpkg's own data, the key that
# DKMS makes once, and the lists that depmod makes anew.
files()
{
	in_root find / -xdev '(' -path /proc -o -path /dev -o -path /tmp -o -path /packages \
		-o -path /var/log -o -path /var/cache -o -path /var/lib/apt -o -path /var/lib/dpkg ')' \
		-prune -o ! -path '/var/lib/dkms/mok.*' ! -path '*/lib/modules/*/modules.*' -print | sort
}

# missing FILE...: those that are not there, one a line.
missing()
{
	# shellcheck disable=SC2016 # it is for the inner shell
	in_root sh -c 'for file; do [ -s "$file" ] || echo "$file"; done' - "$@"
}

echo 1..23
need_packages debhelper dh-dkms lintian mmdebstrap scdoc libbpf-dev libcapstone-dev libelf-dev \
	libjson-c-dev libkmod-dev liblzma-dev libtraceevent-dev libtracefs-dev libzstd-dev pkg-config \
	zlib1g-dev >&2 || exit
root=$("$TOP/tests/packages/root" bookworm) || exit
kdir=$(<"$("$TOP/tests/kernels/get" 6.1)/kdir") || exit
need_packages "linux-headers-$(<"$CACHE/kernels/6.1/version")" >&2 || exit
work=$(mktemp -d "$CACHE/packages.XXXXXX")
trap 'remove "$work"' EXIT
mkdir "$work"/{upper,work,root,dist}
version=$(sed -n 's/^#define PATCHER_VERSION\t"\(.*\)"$/\1/p' "$TOP/patcher/version.h")

# The tarball is built from, by hand.
ok "make dist" make -s -C "$TOP" dist DIST="$work/dist"
ok "the tarball has one directory with the version" \
	tar -C "$work" -xf "$work/dist/patcher-$version.tar.xz" "patcher-$version/Makefile"
tar -C "$work" -xf "$work/dist/patcher-$version.tar.xz"
tree=$work/patcher-$version
install=(make -s -C "$tree" KDIR="$kdir" DESTDIR="$work/destdir" prefix=/usr)
mkdir "$work/destdir"
ok "make install" "${install[@]}" install
release=$(<"$CACHE/kernels/6.1/version")
extra=lib/modules/$release/extra
# The command has not been built, and depmod's lists are the administrator's.
is "it installs the modules, the header and the stubs' sources" \
	"$(cd "$work/destdir" && find . ! -type d ! -name 'modules.*' | LC_ALL=C sort | tr '\n' ' ')" \
	"$(cd "$tree" && {
		printf "./$extra/%s.ko\n" patcher/patcher stubs/stub_{chardev,kthread,misc,netdev,noop,procfs}
		printf './usr/include/patcher/stub.h\n./usr/share/patcher/include/patcher\n'
		printf './usr/share/patcher/stubs/%s\n' Kbuild compat.h stub_{chardev,kthread,misc,netdev,noop,procfs}.c
	} | LC_ALL=C sort | tr '\n' ' ')"
ok "the link to the header leads there" test -s "$work/destdir/usr/share/patcher/include/patcher/stub.h"
ok "make uninstall" "${install[@]}" uninstall
is "it leaves nothing" "$(cd "$work/destdir" && find . ! -type d ! -name 'modules.*')" ""
is "nor a directory of its own" "$(cd "$work/destdir" && find . -type d -name '*patcher*')" ""

# The packages, from the unpacked tarball: no git there.
ok "make deb" make -s -C "$tree" deb DIST="$work/dist"
ok "lintian finds no error" lintian --allow-root --fail-on error "$work"/dist/*.deb
dkms=$work/dist/patcher-dkms_${version}_all.deb command=$work/dist/patcher_${version}_amd64.deb
mkdir "$work/upper/packages"
cp "$dkms" "$command" "$work/upper/packages/" || exit
rm -rf "$tree" "$work/destdir"

before=$(files)
is "the root has nothing of patcher" "$(grep patcher <<<"$before")" ""
kernel=$(in_root ls /lib/modules)
ok "apt installs both" in_root sh -c 'apt-get -q -y install --no-install-recommends /packages/*.deb'
is "DKMS has installed it for the kernel whose headers are there" \
	"$(in_root dkms status)" "patcher/$version, $kernel, x86_64: installed"
is "patcher.ko is built for that kernel" \
	"$(in_root modinfo -k "$kernel" -F vermagic patcher | cut -d ' ' -f 1)" "$kernel"
is "it is where DKMS puts modules" "$(in_root modinfo -k "$kernel" -n patcher)" \
	"/lib/modules/$kernel/updates/dkms/patcher.ko"
is "it is signed with DKMS's key" "$(in_root modinfo -k "$kernel" -F signer patcher)" \
	"DKMS module signing key"
is "the packages' files are where they should be" "$(missing /usr/bin/patcher \
	/usr/include/patcher/stub.h /usr/share/patcher/include/patcher/stub.h \
	/usr/share/patcher/stubs/{Kbuild,compat.h,stub_noop.c} /usr/share/man/man1/patcher.1.gz \
	/usr/share/bash-completion/completions/patcher "/usr/src/patcher-$version/dkms.conf" \
	/usr/share/doc/patcher{,-dkms}/copyright)" ""
is "the command runs, with the version" "$(in_root patcher --version)" "patcher $version"
is "dpkg knows whose the header is" "$(in_root dpkg -S /usr/include/patcher/stub.h)" \
	"patcher: /usr/include/patcher/stub.h"
# shellcheck disable=SC2016 # it is for the inner shell
ok "a stub builds from the sources in /usr/share" in_root sh -c \
	'cp -rL /usr/share/patcher /tmp/p && make -C "$1" M=/tmp/p/stubs modules && rm -r /tmp/p' - \
	"/lib/modules/$kernel/build"
ok "apt removes both" in_root apt-get -q -y purge patcher patcher-dkms
is "nothing is left" "$(diff <(echo "$before") <(files))" ""
is "depmod's list does not name it" "$(in_root grep -s patcher "/lib/modules/$kernel/modules.dep")" ""
