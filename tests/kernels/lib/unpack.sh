# shellcheck shell=bash
# What all kernels have in common: the layout that tests/vm expects.

# take_packages VERSION FILE.deb...: takes vmlinuz and the modules of kernel VERSION
# out of packages, which it removes. They are in /boot and /lib, or,
# since Debian split the package for 7.3, all in /usr/lib/modules.
take_packages()
{
	local version=$1 package

	shift
	for package; do
		dpkg-deb -x "$package" unpacked
		rm "$package"
	done
	mkdir -p lib/modules
	mv "unpacked/lib/modules/$version" lib/modules/ 2>/dev/null ||
		mv "unpacked/usr/lib/modules/$version" lib/modules/
	mv "unpacked/boot/vmlinuz-$version" vmlinuz 2>/dev/null ||
		mv "lib/modules/$version/vmlinuz" vmlinuz
	rm -r unpacked
	finish_modules "$version"
}

# finish_modules VERSION: makes lib/modules/VERSION usable by modprobe, and known.
finish_modules()
{
	ln -s "lib/modules/$1" modules
	depmod -b . "$1"
	echo "$1" >version
}

# What a tree is called where it is built: the same for all, so that what make has noted in
# it holds for a copy of the tree as well.
export BUILT_AT=/run/patcher

# make_in ROOT TREE MAKE-ARGUMENT...: runs make in TREE, in ROOT. The mounts are seen in here
# only, and gone when this has ended, in whatever way. /proc is for 7.3's objtool.
make_in()
{
	local root=$1 tree=$2

	shift 2
	# shellcheck disable=SC2016 # it is for the inner shell
	as_root unshare --mount --propagation private sh -euc '
		root=$1 tree=$2 at=$3 user=$4
		shift 4
		mkdir -p "$root$at"
		mount --bind "$tree" "$root$at"
		[ "$root" = / ] || {
			mount --rbind /dev "$root/dev"
			mount -t proc proc "$root/proc"
		}
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
			chroot --userspec="$user" "$root" "$@"
		' - "$root" "$tree" "$BUILT_AT" "$(id -u):$(id -g)" \
		make -C "$BUILT_AT" "$@"
}
