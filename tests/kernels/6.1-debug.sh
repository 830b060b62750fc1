# shellcheck shell=bash
# Kernel 6.1-debug: built from Debian 12's sources with what the kernel has to find
# mistakes: KASAN, lockdep, kmemleak, debugobjects and so on, as 6.1-debug.config says.
# It is a small one, of tinyconfig and what the cases need, and takes about eight times as
# much CPU time as Debian's for the same case.

# shellcheck source=tests/kernels/lib/unpack.sh
. "$TOP/tests/kernels/lib/unpack.sh"

FRAGMENT=$TOP/tests/kernels/6.1-debug.config

# What watches is not watched itself: with KASAN in it, most of what the guest does is to
# check what kmemleak reads, lockdep notes and the unwinder looks up. KASAN's own files and
# SLUB are left out by the kernel itself, lockdep.c by later ones.
read -r -a UNWATCHED < <(sed -n 's/^# Without KASAN: //p' "$FRAGMENT")
UNWATCHED=("${UNWATCHED[@]/#/KASAN_SANITIZE_}")

# KASAN keeps who has used an object (U), and finds what is written to a free one (P); to do
# it twice takes a quarter of the CPU time of a case. A is for the case
# fault-injection: what may fail then, and that is not what looks after all the rest.
# shellcheck disable=SC2034
kernel_append='slub_debug=FZA;FZ,kmemleak_object,kmemleak_scan_area,debug_objects_cache'

# What describes memory is scanned by kmemleak as well.
# shellcheck disable=SC2034
kernel_memory=256M

# The factor for the time that a case may take, read by tests/vm/boot.
# shellcheck disable=SC2034
kernel_slow=5

kernel_wanted()
{
	apt-cache --no-all-versions show linux-source-6.1 2>/dev/null |
		sed -n "s|^Version: \(.*\)|linux-source-6.1=\1/$(cksum <"$FRAGMENT" | cut -d' ' -f1)|p"
}

# check_config FILE: each line of the fragment is in .config; kconfig drops silently
# what misses something.
check_config()
{
	local missing

	missing=$(grep -E '^(CONFIG_|# CONFIG_.* is not set$)' "$FRAGMENT" | grep -vxF -f "$1") || return 0
	die "not in the final .config: ${missing//$'\n'/, }"
}

kernel_make()
{
	local version

	need_packages flex bison bc libelf-dev
	fetch_package "${1%/*}" .
	dpkg-deb --fsys-tarfile linux-source-*.deb |
		tar -xO ./usr/src/linux-source-6.1.tar.xz | tar -xJ
	rm linux-source-*.deb
	mv linux-source-6.1 kdir.src
	{
		make -s -C kdir.src tinyconfig
		(cd kdir.src && scripts/kconfig/merge_config.sh -m .config "$FRAGMENT")
		make -s -C kdir.src olddefconfig
	} >&2
	check_config kdir.src/.config
	say "building the debug kernel"
	# More than there are CPUs: other kernels' cases run beside it, but it takes longest.
	make -s -C kdir.src -j"$((2 * $(nproc)))" "${UNWATCHED[@]/%/=n}" bzImage modules >&2
	version=$(make -s -C kdir.src kernelrelease)
	make -s -C kdir.src INSTALL_MOD_PATH="$PWD" modules_install >&2
	rm -f "lib/modules/$version"/{build,source}
	cp kdir.src/arch/x86/boot/bzImage vmlinuz
	finish_modules "$version"
	# What modules are built with stays.
	find kdir.src -name '*.o' ! -path '*/scripts/*' ! -path '*/tools/*' -delete
	find kdir.src -name '*.[cS]' ! -path '*/scripts/*' ! -path '*/tools/*' -delete
	rm -rf kdir.src/vmlinux* kdir.src/Documentation kdir.src/arch/[!x]*
}

kernel_build()
{
	local dir=$1 tree=$2

	shift 2
	make_in / "$tree" KDIR="$dir/kdir.src" "$@"
}
