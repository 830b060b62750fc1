# shellcheck shell=bash
# What the tests of the stub generator share.

# shellcheck source=tests/host.sh
. "$TOP/tests/host.sh"

# build_command DIR: builds the command patcher in DIR, with CFLAGS and LDFLAGS if set.
build_command()
{
	"$TOP/tests/tools" stubgen
	make -s -C "$TOP/tools" OUT="$1" >&2
}

# kernel_btf KERNEL-DIR FILE: takes the BTF out of the kernel's image.
kernel_btf()
{
	local image=$1/vmlinuz setup offset length work

	[ ! -e "$2" ] || return 0
	work=$(mktemp -d)
	setup=$(od -An -tu1 -j$((0x1f1)) -N1 "$image")
	offset=$(od -An -tu4 -j$((0x248)) -N4 "$image")
	length=$(od -An -tu4 -j$((0x24c)) -N4 "$image")
	tail -c "+$(((setup + 1) * 512 + offset + 1))" "$image" | head -c "$((length))" >"$work/packed" || true
	# Behind what is packed is its size, which neither program likes.
	xz -dc <"$work/packed" >"$work/vmlinux" 2>/dev/null ||
		zstd -dcq <"$work/packed" >"$work/vmlinux" 2>/dev/null || true
	objcopy --dump-section .BTF="$2" "$work/vmlinux" /dev/null
	rm -r "$work"
}

# headers_of KERNEL-DIR: the kernel's build directory, with a root of its own if it has one.
headers_of()
{
	local root=""

	[ ! -d "$1/root" ] || root=$1/root
	echo "$root$(<"$1/kdir")"
}
