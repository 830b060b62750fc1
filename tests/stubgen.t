#!/bin/bash
# The stub generator, on 6.1: the stubs of the tests' targets are those that were written by
# hand, a fixed sample of Debian's modules is proven, a wrong stub is found out, and bad input
# ends with one line and nothing written.
set -euo pipefail
TOP=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/stubgen/lib.sh
. "$TOP/tests/stubgen/lib.sh"

kernel=$("$TOP/tests/kernels/get" 6.1)
targets=$("$TOP/tests/kernels/build" 6.1)/tests/targets
out=$(build_dir stubgen)
mkdir -p "$out"
exec 9>"$out.lock"
flock 9
build_command "$out"
kernel_btf "$kernel" "$out/kernel.btf"
rm -rf "$out/work"
mkdir "$out/work"
cd "$out/work"

number=0
# point STATUS NAME [TEXT]
point()
{
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		quoted "${3-}"
	fi
}

stub()
{
	"$out/patcher" stub --btf "$out/kernel.btf" --build "$(headers_of "$kernel")" \
		--modules "$kernel/modules" "$@" 2>&1
}

# module NAME: its file in the kernel's package.
module()
{
	find "$kernel/modules/" -name "$1.ko*"
}

# proven NAME FILE OPTION...
proven()
{
	local name=$1 said

	shift
	if said=$(stub "$@" -o "$name") && grep -q '^proven: ' <<<"$said"; then
		point 0 "$name: built without a warning, and proven"
	else
		point 1 "$name: built without a warning, and proven" "$said"
	fi
}

# has NAME LINE...: the cleanup's body is these lines.
has()
{
	local name=$1 body

	body=$(sed -n '/^static void .*_cleanup(void)$/,/^}$/p' "$name"/*_stub.c | sed '1,2d;$d;s/^\t*//')
	shift
	if [ "$body" = "$(printf '%s\n' "$@")" ]; then
		point 0 "$name: as it was written by hand"
	else
		point 1 "$name: as it was written by hand" "$body"
	fi
}

# refused NAME REGEX FILE OPTION...: one line, status 1, nothing written.
refused()
{
	local name=$1 regex=$2 said status=0

	shift 2
	said=$(stub "$@" -o refused) || status=$?
	if [ "$status" = 1 ] && [ "$(wc -l <<<"$said")" = 1 ] && [[ $said =~ $regex ]] && [ ! -e refused ]; then
		point 0 "$name: one line, and nothing written"
	else
		point 1 "$name: one line, and nothing written" "$status: $said"
	fi
	rm -rf refused
}

# status COMMAND...: its exit status.
status()
{
	local status=0

	"$@" >/dev/null 2>&1 || status=$?
	echo "$((status != 0))"
}

# same DIR DIR NAME: the same stub.
same()
{
	point "$(status cmp "$1"/*_stub.c "$2"/*_stub.c)" "$3"
}

echo 1..39
proven misc "$targets/t_misc.ko"
has misc 'if (t_misc_device->list.next && t_misc_device->list.next != LIST_POISON1 &&' \
	'    !list_empty(&t_misc_device->list))' 'misc_deregister(t_misc_device);' \
	'kfree(*t_misc_buffer);' '*t_misc_buffer = NULL;'
proven chardev "$targets/t_chardev.ko"
has chardev 'if (!IS_ERR_OR_NULL(*t_chardev_class))' \
	'device_destroy(*t_chardev_class, *t_chardev_devt);' \
	'if (t_chardev_cdev->count && kref_read(&t_chardev_cdev->kobj.kref))' 'cdev_del(t_chardev_cdev);' \
	'if (!IS_ERR_OR_NULL(*t_chardev_class))' 'class_destroy(*t_chardev_class);' \
	'*t_chardev_class = NULL;' 'if (*t_chardev_devt)' 'unregister_chrdev_region(*t_chardev_devt, 1);' \
	'*t_chardev_devt = 0;'
proven netdev "$targets/t_netdev.ko"

# Where it died: behind the call of device_destroy(); the call itself is done or not.
died=$(objdump -dr "$targets/t_chardev.ko" | perl -ne '
	$start = hex $1 if /^([0-9a-f]+) <(t_chardev_exit|cleanup_module)>:/;
	if (defined $start && /device_destroy/) { $found = 1 }
	elsif ($found && /^\s*([0-9a-f]+):\t/) { printf "0x%x\n", hex($1) - $start; exit }')
proven died "$targets/t_chardev.ko" --died-at "t_chardev_exit+$died/0x5e"
has died '/* done before it died: device_destroy() */' 'cdev_del(t_chardev_cdev);' \
	'class_destroy(*t_chardev_class);' '*t_chardev_class = NULL;' \
	'unregister_chrdev_region(*t_chardev_devt, 1);' '*t_chardev_devt = 0;'
proven died-in "$targets/t_chardev.ko" --died-at device_destroy+0x12/0x50 --died-at "t_chardev_exit+$died/0x5e"
has died-in '/* it died in this call, which is neither done nor redone: device_destroy() */' \
	'cdev_del(t_chardev_cdev);' 'class_destroy(*t_chardev_class);' '*t_chardev_class = NULL;' \
	'unregister_chrdev_region(*t_chardev_devt, 1);' '*t_chardev_devt = 0;'
cat >log <<EOF
[  12.1] BUG: kernel NULL pointer dereference, address: 0000000000000000
[  12.1] RIP: 0010:device_destroy+0x12/0x50
[  12.1] Call Trace:
[  12.1]  <TASK>
[  12.1]  ? __die_body+0x1a/0x60
[  12.1]  t_chardev_exit+$died/0x5e [t_chardev]
[  12.1]  __do_sys_delete_module+0x1bc/0x330
[  12.1]  </TASK>
EOF
proven died-log "$targets/t_chardev.ko" --log log
same died-log died-in "the log says the same as --died-at"
refused "a place that is none" 'it cannot have died at t_chardev_exit\+0x3:' "$targets/t_chardev.ko" \
	--died-at t_chardev_exit+0x3

# What a BUG() has cost the exit the stub has to say, and must not compile.
said=$(stub "$targets/t_kthread.ko" -o bug) || true
point "$(status grep '^#error "a BUG():' bug/t_kthread_stub.c)" "kthread: the BUG() is an #error" "$said"
point "$((! $(status make -C "$(headers_of "$kernel")" M="$PWD/bug" modules)))" \
	"kthread: and so it does not compile"
proven kthread-init "$targets/t_kthread.ko" --from-init
has kthread-init 'if (t_kthread_work->work.func)' 'cancel_delayed_work_sync(t_kthread_work);' \
	'if (t_kthread_timer->function)' 'timer_delete_sync(t_kthread_timer);' \
	'if (!IS_ERR_OR_NULL(*t_kthread_task))' 'kthread_stop(*t_kthread_task);'
proven procfs-init "$targets/t_procfs.ko" --from-init
has procfs-init 'debugfs_lookup_and_remove("t_procfs", NULL);' 'remove_proc_subtree("t_procfs", NULL);'
refused "a module without an exit" 'has no exit' "$targets/t_procfs.ko"

# A fixed sample: kinds of drivers, branches, loops, locals, own functions.
for name in loop null_blk minix dummy lp jfs dell-smbios 8021q; do
	proven "$name" "$(module "$name")"
done

# wrong NAME DIR SED FILE REGEX: the proof finds out what is wrong.
wrong()
{
	local name=$1 said status=0

	rm -rf wrong
	cp -r "$2" wrong
	sed -i "$3" wrong/*_stub.c
	make -C "$(headers_of "$kernel")" M="$PWD/wrong" CONFIG_DEBUG_INFO_BTF_MODULES= modules \
		>wrong.log 2>&1 || true
	said=$(stub "$4" --built wrong/*_stub.o) || status=$?
	[ "$status" = 1 ] && [[ $said =~ $5 ]] || status=0
	point "$((status != 1))" "$name: found out" "$said"
}
wrong "a call that is missing" minix 's/^\trcu_barrier();$//' "$(module minix)" \
	'does not do as the target does: rcu_barrier'
wrong "another variable" chardev 's/cdev_del(t_chardev_cdev)/cdev_del((void *)t_chardev_devt)/' \
	"$targets/t_chardev.ko" 'does not do as the target does: cdev_del'
wrong "the next element" jfs 's/jfsCommitThread + /jfsCommitThread + 8 + /' "$(module jfs)" \
	'does not do as the target does: kthread_stop'
wrong "the opposite condition" null_blk 's/if (tag_set->ops)/if (!tag_set->ops)/' "$(module null_blk)" \
	'does not do as the target does: blk_mq_free_tag_set'

# Bad input.
cp "$targets/t_misc.ko" t_misc.ko
echo "no module" >text.ko
head -c 3000 t_misc.ko >short.ko
cp t_misc.ko other.ko
printf '\xb7' | dd of=other.ko bs=1 seek=18 conv=notrunc status=none
strip -s -o stripped.ko t_misc.ko
xz -c t_misc.ko | head -c 400 >broken.ko.xz
refused "a text" 'is no ELF file' text.ko
refused "a file that is cut off" 'truncated' short.ko
refused "another architecture" 'another architecture' other.ko
refused "a stripped module" 'stripped' stripped.ko
refused "a file that is not there" 'cannot be read' ./missing.ko
refused "a name that is none" 'neither a file nor the name' 'no;such'
refused "a compressed file that is cut off" 'cannot be unpacked' broken.ko.xz
xz -k t_misc.ko
gzip -k t_misc.ko
zstd -q t_misc.ko
for suffix in xz gz zst; do
	said=$(stub "t_misc.ko.$suffix" --no-build -o "packed-$suffix") || true
	same "packed-$suffix" misc "a module packed as .$suffix"
done
