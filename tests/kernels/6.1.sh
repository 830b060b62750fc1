# shellcheck shell=bash
# Kernel 6.1: Debian 12's own linux-image-amd64, built against with the machine's
# own compiler and the headers that belong to it.
#
# A kernel is three functions:
# kernel_wanted	prints what the suite has now, one word; nothing if apt's lists do
#		not tell (as offline). Another answer than the cached one: made anew.
# kernel_make	fills the current directory: vmlinuz, version (uname -r), kdir, and
#		lib/modules/VERSION with depmod's data, also reachable as "modules".
# kernel_build	DIR TREE MAKE-ARGUMENT...: runs make in TREE for the kernel in DIR.

kernel_wanted()
{
	apt-cache --no-all-versions show linux-image-amd64 2>/dev/null |
		sed -n 's/^Depends: \(linux-image-6\.1[^ ]*-amd64\) (= \(.*\))$/\1=\2/p'
}

kernel_make()
{
	local image=$1 version

	version=${image%%=*}
	version=${version#linux-image-}
	fetch_package "$image" .
	dpkg-deb --fsys-tarfile linux-image-*.deb |
		tar -x "./boot/vmlinuz-$version" "./lib/modules/$version"
	rm linux-image-*.deb
	mv "boot/vmlinuz-$version" vmlinuz
	rmdir boot
	ln -s "lib/modules/$version" modules
	depmod -b . "$version"
	echo "$version" >version
	echo "/lib/modules/$version/build" >kdir
}

kernel_build()
{
	local dir=$1 tree=$2 image

	shift 2
	image=$(<"$dir/wanted")
	need_packages "${image/image/headers}"
	make -C "$tree" KDIR="$(<"$dir/kdir")" "$@"
}
