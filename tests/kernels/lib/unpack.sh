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
