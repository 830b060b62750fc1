# shellcheck shell=bash
# What all kernels have in common: the payload of a bzImage, and the layout that
# tests/vm expects.

# unpack_vmlinuz: makes vmlinux of vmlinuz. The payload of a bzImage is where its
# header says, see "The Linux/x86 Boot Protocol": setup_sects, payload_offset,
# payload_length. Behind the compressed data are four bytes with its size.
unpack_vmlinuz()
{
	local sectors offset length decompress

	sectors=$(od -An -j 0x1f1 -N 1 -t u1 vmlinuz)
	offset=$(od -An -j 0x248 -N 4 -t u4 vmlinuz)
	length=$(od -An -j 0x24c -N 4 -t u4 vmlinuz)
	offset=$(((sectors + 1) * 512 + offset))
	case $(od -An -j "$offset" -N 4 -t x1 vmlinuz) in
	" fd 37 7a 58") decompress=(xz -dc --single-stream) ;;
	" 28 b5 2f fd") decompress=(zstd -dcq) ;;
	" 1f 8b "*) decompress=(gzip -dc) ;;
	*) die "the kernel is compressed in an unknown way" ;;
	esac
	dd if=vmlinuz bs=1M iflag=skip_bytes,count_bytes status=none \
		skip="$offset" count="$((length - 4))" | "${decompress[@]}" >vmlinux
}

# take_packages VERSION FILE.deb...: takes vmlinuz, vmlinux and the modules of
# kernel VERSION out of packages, which it removes. They are in /boot and /lib, or,
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
	unpack_vmlinuz
	finish_modules "$version"
}

# finish_modules VERSION: makes lib/modules/VERSION usable by modprobe, and known.
finish_modules()
{
	ln -s "lib/modules/$1" modules
	depmod -b . "$1"
	echo "$1" >version
}
