# shellcheck shell=bash
# A kernel of the machine's own suite, built against with the machine's own compiler
# and the headers that belong to it. A recipe sets
#	META	the package that depends on the suite's present kernel
#	BASE	how the version of that kernel begins

# shellcheck source=tests/kernels/lib/unpack.sh
. "$TOP/tests/kernels/lib/unpack.sh"

kernel_wanted()
{
	apt-cache --no-all-versions show "$META" 2>/dev/null |
		sed -n "s/^Depends: \(linux-image-${BASE//./\\.}\.[^ ]*\) (= \(.*\))\$/\1=\2/p"
}

kernel_make()
{
	local version=${1%%=*}

	version=${version#linux-image-}
	fetch_package "$1" .
	take_packages "$version" ./*.deb
	echo "/lib/modules/$version/build" >kdir
}

kernel_build()
{
	local dir=$1 tree=$2 image

	shift 2
	image=$(<"$dir/wanted")
	need_packages "${image/image/headers}"
	make_in / "$tree" KDIR="$(<"$dir/kdir")" C=1 CF=-Wsparse-error "$@"
}
