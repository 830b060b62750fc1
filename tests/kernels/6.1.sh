# shellcheck shell=bash
# Kernel 6.1: Debian 12's own linux-image-amd64, built against with the machine's
# own compiler and the headers that belong to it.
#
# A kernel is three functions:
# kernel_wanted	prints what the suite has now, one word; nothing if apt's lists do
#		not tell (as offline). Another answer than the cached one: made anew.
# kernel_make	fills the current directory: vmlinuz, vmlinux, version (uname -r),
#		kdir, and lib/modules/VERSION with depmod's data, also reachable as
#		"modules".
# kernel_build	DIR TREE MAKE-ARGUMENT...: runs make in TREE for the kernel in DIR.

kernel_wanted()
{
	apt-cache --no-all-versions show linux-image-amd64 2>/dev/null |
		sed -n 's/^Depends: \(linux-image-6\.1[^ ]*-amd64\) (= \(.*\))$/\1=\2/p'
}

# unpack_vmlinuz: the payload of a bzImage is where its header says, see "The
# Linux/x86 Boot Protocol": setup_sects, payload_offset, payload_length.
unpack_vmlinuz()
{
	local sectors offset length

	sectors=$(od -An -j 0x1f1 -N 1 -t u1 vmlinuz)
	offset=$(od -An -j 0x248 -N 4 -t u4 vmlinuz)
	length=$(od -An -j 0x24c -N 4 -t u4 vmlinuz)
	dd if=vmlinuz bs=1M iflag=skip_bytes,count_bytes status=none \
		skip=$(((sectors + 1) * 512 + offset)) count="$((length))" |
		xz -dc --single-stream >vmlinux
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
	unpack_vmlinuz
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
