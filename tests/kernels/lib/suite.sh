# shellcheck shell=bash
# A kernel of another Debian suite than the machine's own, built against in a root
# of that suite, with its compiler and C library. A recipe sets
#	SUITES	pairs of Debian's label for an archive, and a suite in it
#	BASE	how the version of the kernel begins
#
# The mirror is the one that the machine's apt uses for the archive of that label. Its
# lists for these suites are in the cache, apart from the machine's. There is no sparse
# in the root: what it has to say, it says for the machine's own kernel.

# shellcheck source=tests/kernels/lib/unpack.sh
. "$TOP/tests/kernels/lib/unpack.sh"

KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# sources: sources.list for SUITES; a label that the machine has no mirror for is left
# out.
sources()
{
	local label suite mirror

	while read -r label suite; do
		# shellcheck disable=SC2016 # it is for apt
		mirror=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' \
			'Created-By: Packages' 'Origin: Debian' "Label: $label" |
			sed -n "1s/^$label //p")
		[ -z "$mirror" ] || echo "deb [signed-by=$KEYRING] $mirror $suite main"
	done <<<"$SUITES"
}

# suite_apt apt-get|apt-cache ARGUMENT...: with the lists of SUITES, and no other's.
suite_apt()
{
	local command=$1 lists

	shift
	lists=$CACHE/lists/$(cksum <<<"$SUITES" | cut -d' ' -f1)
	mkdir -p "$lists/lists/partial"
	"$command" -q -o Dir::Etc::SourceList="$lists/sources.list" \
		-o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
		-o Dir::State="$lists" -o Dir::State::status=/dev/null \
		-o Dir::Cache="$lists" -o Dir::Cache::pkgcache="" \
		-o Acquire::Languages=none -o APT::Sandbox::User=root "$@"
}

# renew_lists: once a day. Without a network, those of before have to do.
renew_lists()
{
	local lists

	lists=$CACHE/lists/$(cksum <<<"$SUITES" | cut -d' ' -f1)
	[ -z "$(find "$lists/renewed" -mtime -1 2>/dev/null)" ] || return 0
	mkdir -p "$lists"
	sources >"$lists/sources.list"
	[ -s "$lists/sources.list" ] || return 0
	say "updating the lists of ${SUITES//$'\n'/, }"
	if suite_apt apt-get update -o APT::Update::Error-Mode=any >&2; then
		touch "$lists/renewed"
	else
		say "the lists could not be updated"
	fi
}

# The newest of all versions: that of backports has a lower priority.
kernel_wanted()
{
	renew_lists
	suite_apt apt-cache show linux-image-amd64 2>/dev/null |
		sed -n "s/^Depends: .*\(linux-image-${BASE//./\\.}\.[^ ]*\) (= \([^)]*\)).*/\1=\2/p" |
		sort -V | tail -n 1
}

# make_root DIR PACKAGE...: a root of SUITES, with what a module's build needs; W=1 runs
# the kernel's kernel-doc, which is perl up to 6.15 and Python from then on.
make_root()
{
	local dir=$1 suite
	local packages="make gcc libc6-dev kmod perl python3"

	shift
	suite=$(sed -n '1s/^.* //p' <<<"$SUITES")
	say "making a root of $suite"
	as_root mmdebstrap --quiet --variant=apt --include="${packages// /,}" \
		--aptopt='Acquire::Languages "none"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--include="$(IFS=,; echo "$*")" \
		"$suite" "$PWD/$dir" - < <(sources) >&2
}

kernel_make()
{
	local image=$1 version headers package

	version=${image%%=*}
	version=${version#linux-image-}
	need_packages mmdebstrap
	for package in "$image" linux-{base,binary,modules}-"$version"; do
		[ -z "$(suite_apt apt-cache show "$package" 2>/dev/null)" ] ||
			suite_apt apt-get download "$package" >&2
	done
	take_packages "$version" ./*.deb
	headers=${image/image/headers}
	make_root root "$headers"
	echo "/usr/src/linux-headers-$version" >kdir
}

kernel_build()
{
	local dir=$1 tree=$2

	shift 2
	make_in "$dir/root" "$tree" KDIR="$(<"$dir/kdir")" "$@"
}
