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

# write NAME FILE OPTION...: writes a stub, to be built with all others.
names=()
declare -A given
write()
{
	local name=$1

	shift
	names+=("$name")
	given[$name]=$*
	stub "$@" --no-build -o "$name" >"$name.said" || echo "exit status $?" >>"$name.said"
}

# wrong NAME STUB SED: the same stub with a mistake in it, to be built as well.
wrong()
{
	cp -r "$2" "$1"
	sed -i "$3" "$1"/*_stub.c
	! cmp -s "$1"/*_stub.c "$2"/*_stub.c || die "$1: $3 changes nothing in $2"
	names+=("$1")
}

# build_all: all of them in one run of kbuild, as kbuild itself takes longer than a stub does.
# Objects only: several stubs are of one target, and so have one name.
build_all()
{
	local name objects=()

	printf 'obj-m += %s/\n' "${names[@]}" >Kbuild
	for name in "${names[@]}"; do
		objects+=("$(echo "$name"/*_stub.c | sed 's/c$/o/')")
	done
	make -C "$(headers_of "$kernel")" M="$PWD" -j"$(nproc)" -k \
		KCFLAGS="-DSTUB_WAS_READ -g0 -Werror" "${objects[@]}" >build.log 2>&1 || tail -n 20 build.log >&2
}

# proven NAME: of those that were written.
proven()
{
	local said object

	object=$(echo "$1"/*_stub.o)
	# shellcheck disable=SC2086 # it is words
	if said=$(stub ${given[$1]} --built "$object") && grep -q '^proven: ' <<<"$said"; then
		point 0 "$1: built without a warning, and proven"
	else
		point 1 "$1: built without a warning, and proven" "$(cat "$1.said")"$'\n'"$said"
	fi
}

# found_out NAME FILE REGEX OPTION...: what is wrong with a stub is an error that says which call.
found_out()
{
	local name=$1 file=$2 regex=$3 said status=0

	shift 3
	said=$(stub "$file" "$@" --built "$name"/*_stub.o) || status=$?
	[ "$status" = 1 ] && [[ $said =~ does\ not\ do\ as\ the\ target\ does:\ $regex ]] || status=0
	point "$((status != 1))" "$name: found out" "$said"
}

# has NAME LINE...: the cleanup's body is these lines.
has()
{
	local name=$1 body

	body=$(sed -n '/^static void .*_\(cleanup\|release\)(void)$/,/^}$/p' "$name"/*_stub.c |
		sed '1,2d;$d;s/^\t*//;/^#ifndef STUB_WAS_READ$/,/^#endif$/d')
	shift
	if [ "$body" = "$(printf '%s\n' "$@")" ]; then
		point 0 "$name: as it was written by hand"
	else
		point 1 "$name: as it was written by hand" "$body"
	fi
}

# behind FUNCTION CALLEE: where in t_stuck the call returns to, as a stack has it; without CALLEE:
# where it spins.
behind()
{
	objdump -dr "$targets/t_stuck.ko" | perl -e '
		my ($function, $callee) = @ARGV;
		while (<STDIN>) {
			($start, $in) = (hex $1, $2 eq $function) if /^([0-9a-f]+) <(\w+)>:/;
			next unless $in;
			my $at = /^\s*([0-9a-f]+):\t/ ? hex $1 : undef;
			$behind //= $at - $start if defined $at && ($called || (!$callee && /\bpause\b/));
			$called = 1 if $callee && /R_X86_64_\w+\s+\Q$callee\E-/;
		}
		printf("%s+0x%x\n", $function, $behind)' "$@"
}

# says NAME TEXT: the stub of that name has a line with TEXT.
says()
{
	point "$(status grep -F "$2" "$1"/*_stub.c)" "$1: $2" "$(cat "$1.said" "$1"/*_stub.c)"
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

# Where it died: behind the call of device_destroy(); the call itself is done or not.
died=$(objdump -dr "$targets/t_chardev.ko" | perl -ne '
	$start = hex $1 if /^([0-9a-f]+) <(t_chardev_exit|cleanup_module)>:/;
	if (defined $start && /device_destroy/) { $found = 1 }
	elsif ($found && /^\s*([0-9a-f]+):\t/) { $behind //= hex($1) - $start }
	END { printf "0x%x\n", $behind }')
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

write misc "$targets/t_misc.ko"
write chardev "$targets/t_chardev.ko"
write netdev "$targets/t_netdev.ko"
write died "$targets/t_chardev.ko" --died-at "t_chardev_exit+$died/0x5e"
write died-in "$targets/t_chardev.ko" --died-at device_destroy+0x12/0x50 --died-at "t_chardev_exit+$died/0x5e"
write died-log "$targets/t_chardev.ko" --log log
write kthread-init "$targets/t_kthread.ko" --from-init
write procfs-init "$targets/t_procfs.ko" --from-init
# A fixed sample: kinds of drivers, branches, loops, locals, own functions.
sample=(loop null_blk minix dummy lp jfs dell-smbios 8021q)
for name in "${sample[@]}"; do
	write "$name" "$(module "$name")"
done
write driver "$(module e1000)"

# A hung task: what it waits for.
hangs()
{
	local name=$1 function=$2 callee=${3-}

	write "$name" "$targets/t_stuck.ko" --release ${callee:+--died-at schedule+0x5e/0xb0} \
		--died-at "$(behind "$function" "$callee")"
}
hangs hung-completion t_stuck_completion wait_for_completion
hangs hung-object t_stuck_kmalloc wait_for_completion
hangs hung-field t_stuck_timeout wait_for_completion_timeout
hangs hung-event t_stuck_wait_event schedule
hangs hung-down t_stuck_down down
hangs hung-poll t_stuck_msleep msleep
hangs hung-spin t_stuck_spin
hangs hung-work t_stuck_flush_work flush_work
printf '[<0>] %s\n' "wait_for_completion+0x8d/0xf0" "$(behind t_stuck_completion wait_for_completion)/0x30 [t_stuck]" \
	"__do_sys_delete_module+0x1bc/0x330" >stack
write hung-stack "$targets/t_stuck.ko" --release --log stack

wrong missing-call minix 's/^\trcu_barrier();$//'
wrong another-variable chardev 's/cdev_del(t_chardev_cdev)/cdev_del((void *)t_chardev_devt)/'
wrong next-element jfs 's/jfsCommitThread + /jfsCommitThread + 8 + /'
wrong opposite-condition null_blk 's/if (tag_set->ops)/if (!tag_set->ops)/'
wrong other-object hung-work 's/"t_stuck_work_done"/"t_stuck_done"/'
build_all

# Those that cannot be complete, and so are not built.
stub "$targets/t_stuck.ko" --release --died-at "$(behind t_stuck_mutex_lock mutex_lock)" --no-build \
	-o hung-mutex >hung-mutex.said || true
for name in mpt3sas qla1280 sg; do
	stub "$(module "$name")" --from-init --no-build -o "$name" >"$name.said" || true
done

echo 1..72
proven misc
has misc 'if (t_misc_device->list.next && t_misc_device->list.next != LIST_POISON1 &&' \
	'    !list_empty(&t_misc_device->list))' 'misc_deregister(t_misc_device);' \
	'kfree(*t_misc_buffer);' '*t_misc_buffer = NULL;'
proven chardev
has chardev 'if (!IS_ERR_OR_NULL(*t_chardev_class))' \
	'device_destroy(*t_chardev_class, *t_chardev_devt);' \
	'if (t_chardev_cdev->count && kref_read(&t_chardev_cdev->kobj.kref))' 'cdev_del(t_chardev_cdev);' \
	'if (!IS_ERR_OR_NULL(*t_chardev_class))' 'class_destroy(*t_chardev_class);' \
	'*t_chardev_class = NULL;' 'if (*t_chardev_devt)' 'unregister_chrdev_region(*t_chardev_devt, 1);' \
	'*t_chardev_devt = 0;'
proven netdev
proven died
has died '/* done before it died: device_destroy() */' 'cdev_del(t_chardev_cdev);' \
	'class_destroy(*t_chardev_class);' '*t_chardev_class = NULL;' \
	'unregister_chrdev_region(*t_chardev_devt, 1);' '*t_chardev_devt = 0;'
proven died-in
has died-in '/* it died in this call, which is neither done nor redone: device_destroy() */' \
	'cdev_del(t_chardev_cdev);' 'class_destroy(*t_chardev_class);' '*t_chardev_class = NULL;' \
	'unregister_chrdev_region(*t_chardev_devt, 1);' '*t_chardev_devt = 0;'
proven died-log
same died-log died-in "the log says the same as --died-at"
refused "a place that is none" 'it cannot have died at t_chardev_exit\+0x3:' "$targets/t_chardev.ko" \
	--died-at t_chardev_exit+0x3

# What a BUG() has cost the exit the stub has to say, and must not compile.
said=$(stub "$targets/t_kthread.ko" -o bug) || true
point "$(status grep '^#error "a BUG():' bug/t_kthread_stub.c)" "kthread: the BUG() is an #error" "$said"
point "$((! $(status make -C "$(headers_of "$kernel")" M="$PWD/bug" modules)))" \
	"kthread: and so it does not compile"
proven kthread-init
has kthread-init 'if (t_kthread_work->work.func)' 'cancel_delayed_work_sync(t_kthread_work);' \
	'if (t_kthread_timer->function)' 'timer_delete_sync(t_kthread_timer);' \
	'if (!IS_ERR_OR_NULL(*t_kthread_task))' 'kthread_stop(*t_kthread_task);'
proven procfs-init
has procfs-init 'debugfs_lookup_and_remove("t_procfs", NULL);' 'remove_proc_subtree("t_procfs", NULL);'
refused "a module without an exit" 'has no exit' "$targets/t_procfs.ko"

for name in "${sample[@]}"; do
	proven "$name"
done
# What its user does: written, built and compared by one command.
said=$(stub "$(module minix)" -o whole) || true
point "$(status grep '^proven: ' <<<"$said")" "minix: written, built and proven by one command" "$said"
same whole minix "it is the same stub"
# What it does not know of init it says.
says mpt3sas '#error "not understood: exit calls dma_free_attrs(), and it is not known what for'
says qla1280 '#error "not understood: exit calls release_firmware(), and it is not known what for'
says sg '#error "not understood: exit calls unregister_sysctl_table(), and it is not known what for'
proven driver
says driver "/* runs the target's own .remove(), which can die where it died */"
# A name: the file is the one that modinfo knows, of this kernel's modules.
mkdir bin
printf '#!/bin/sh\nexec %s -b %s -k %s "$@"\n' "$(PATH=$PATH:/sbin command -v modinfo)" "$kernel" \
	"$(<"$kernel/version")" >bin/modinfo
chmod +x bin/modinfo
PATH=$PWD/bin:$PATH stub minix --no-build -o named >named.said || true
same named minix "a module's name leads to its file"

proven hung-completion
has hung-completion 'complete_all(t_stuck_done);'
proven hung-object
has hung-object 'complete_all(*t_stuck_object);'
proven hung-field
has hung-field 'complete_all((void *)(*t_stuck_polled + 2048));'
proven hung-event
has hung-event '*t_stuck_flag = 1;' '__wake_up(t_stuck_wait, 3, 0, NULL);'
proven hung-down
has hung-down 'up(t_stuck_semaphore);'
proven hung-poll
has hung-poll '*t_stuck_flag = 1;'
proven hung-spin
has hung-spin '*t_stuck_flag = 1;'
proven hung-work
has hung-work 'complete_all(t_stuck_work_done);'
proven hung-stack
has hung-stack 'complete_all(t_stuck_done);'
says hung-mutex '#error "not understood: it waits in mutex_lock(): who holds it has to be let go'
refused "a hang without a place" 'needs the place where it hangs' "$targets/t_stuck.ko" --release
refused "a hang at no place" 'it cannot hang at t_stuck_completion\+0x3:' "$targets/t_stuck.ko" --release \
	--died-at t_stuck_completion+0x3

found_out missing-call "$(module minix)" rcu_barrier
found_out another-variable "$targets/t_chardev.ko" cdev_del
found_out next-element "$(module jfs)" kthread_stop
found_out opposite-condition "$(module null_blk)" blk_mq_free_tag_set
found_out other-object "$targets/t_stuck.ko" complete_all --release --died-at schedule+0x5e/0xb0 \
	--died-at "$(behind t_stuck_flush_work flush_work)"

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

# Mutated modules, for a build with ASan and UBSan.
said=$("$TOP/tests/stubgen/fuzz" 100 42 2>&1) || true
point "$(status grep '^100 of 100 mutants: 300 of 300 runs ' <<<"$said")" "100 mutated modules: no crash, no hang, no report" "$said"
