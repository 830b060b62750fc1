# shellcheck shell=dash
# What a case can use. A case is a script for the guest that shows one behaviour:
#
#	#!/bin/sh
#	# What is shown, and why it matters.
#	# modules: brd
#	# splat 1: BUG: kernel NULL pointer dereference
#	. /lib.sh
#	plan 2
#	ok "brd loads" modprobe brd
#	is "it is in use by nobody" "$(state_of brd)" "live 0"
#	done_testing
#
# The head, read by the host; all but the text are optional:
#   # modules: NAME...	modules of the kernel package, for modprobe to find
#   # optional: NAME...	likewise, of those that the kernel package has: the case looks
#   # splat N: REGEX	exactly N reports in the kernel's log match REGEX (perl's);
#			N may be *, one or more. Any other report fails the case,
#			but for the "Oops:", "invalid opcode:" and "Call Trace:"
#			that belong to one that is listed. A case without this line
#			panics on any oops or warning. If a "Kernel panic" is listed, the guest
#			has to die of it, and the case need not come to its end.
#   # leaks: REGEX	on a kernel with kmemleak, what was allocated by functions whose
#			names match REGEX may be lost at the end: what a task that
#			died had in its hands. Any other leak fails the case.
#   # timeout: SECONDS	how long the guest may take on an idle host, 120 unless told; it
#			gets a multiple of that
#   # memory: SIZE	for QEMU: 1G, say
#   # smp: N		CPUs, 2 unless told
#   # thread: multi	its CPUs run at the same time, each on a host thread of its own;
#			otherwise they take turns
#   # compiler: yes	with_compiler works
#   # append: WORDS	more for the kernel's command line
#   # qemu: WORDS	more for QEMU's
# One with memory, smp, append, qemu or compiler is slower: it needs a guest that was booted like
# that.
#
# The guest has /patcher.ko, /stubs/*.ko (which modprobe finds as well),
# /targets/*.ko, and in /fixed/ the same without the defects; patcher and the stubs also
# compressed, as .ko.zst. insmod, rmmod, modprobe, lsmod and modinfo are Debian's; all else is
# busybox. What a case
# prints goes to the log of the run, not into the results. There is no skip.

COUNT=0
MARK=0
DEAD_LOAD=
read -r SLOW </slow

# The guest's shell prefers what busybox has of that name to kmod's.
for program in rmmod modprobe lsmod modinfo; do
	eval "$program() { /sbin/$program \"\$@\"; }"
done

# insmod FILE PARAMETER...: while a dead load may be in the kernel's table, loads FILE.zst, so
# that kmod takes init_module(2). One in 256 finit_module(2) would meet the dead one, and the
# guest would be lost, as users are told in docs/loader.md. When patcher comes, the dead go.
insmod()
{
	local file="$1${DEAD_LOAD:+.zst}"

	shift
	if [ -n "$DEAD_LOAD" ] && [ ! -e "$file" ]; then
		echo "nobody has compressed $file (tests/vm/image)" | diag
		exit 1
	fi
	/sbin/insmod "$file" "$@" || return
	[ "$file" != /patcher.ko.zst ] || DEAD_LOAD=
}

# diag: stdin as TAP diagnostics.
diag()
{
	sed 's/^/# /' >&3
}

# point STATUS NAME: one result.
point()
{
	COUNT=$((COUNT + 1))
	if [ "$1" = 0 ]; then
		echo "ok $COUNT - $2" >&3
	else
		echo "not ok $COUNT - $2" >&3
		return 1
	fi
}

# plan N: how many results there will be; comes first.
plan()
{
	PLAN=$1
	echo "1..$1" >&3
}

# unload MODULE...: all that are still loaded, for wait_for: rmmod of several may have unloaded
# one of them only, and would fail for ever after that.
unload()
{
	local module failed=0

	for module; do
		! loaded "$module" || rmmod "$module" || failed=1
	done
	return $failed
}

# unload_ours: patcher, the stubs and what the cases work with, but no target: its exit
# may be one that must not run.
unload_ours()
{
	local module

	unload patcher
	cat /proc/modules >/run/modules
	while read -r module _; do
		case $module in
		stub_* | t_stub_* | t_peek | t_loads | t_*_stub) rmmod "$module" ;;
		esac
	done </run/modules
}

# log_leaks: where the kernel has kmemleak, logs each object that was lost, as one line
# for the host to judge. It finds only what is five seconds old. What ACPI's interpreter
# loses when it gives up as the kernel boots, as that has no PCI, is no case's.
log_leaks()
{
	local file=/sys/kernel/debug/kmemleak

	[ -e "$file" ] || return 0
	unload_ours >/dev/null 2>&1 3>&-
	sleep 6
	echo "harness: kmemleak scans" >/dev/kmsg
	{ echo scan >$file && echo scan >$file && cat $file >/run/leaks; } ||
		echo "unreferenced objects cannot be looked for" >/run/leaks
	[ -s /run/leaks ] || return 0
	sed -e 's/^  *\[<[0-9a-fx]*>\] /    /' -e 's/^    \([a-zA-Z_][^ +]*\)+0x[^ ]*.*/ < \1/' /run/leaks |
		awk '/^unreferenced/ { if (line) print line; line = "harness: unreferenced object"; for (i = 4; i < NF; i++) line = line " " $i; line = line " " $NF; next }
			/^ *comm / { line = line " " $2 $3 $4 }
			/^ < / { line = line $0 }
			END { if (line) print line }' |
		grep -v ' < acpi_initialize_subsystem ' | cut -c1-900 >/run/lines
	while read -r line; do
		echo "$line" >/dev/kmsg
	done </run/lines
}

# done_testing: comes last. Without it the case counts as broken off.
done_testing()
{
	log_leaks
	[ "$COUNT" = "$PLAN" ] || echo "planned $PLAN tests, ran $COUNT" | diag
	echo "# end of case" >&3
	exit 0
}

# ok NAME COMMAND...: passes if COMMAND succeeds. It runs in this shell.
ok()
{
	local name="$1" status=0
	shift
	"$@" >/run/said 2>&1 3>&- || status=$?
	point "$status" "$name" && return
	{ echo "status $status of: $*"; cat /run/said; } | diag
}

# fails NAME COMMAND...: passes if COMMAND fails.
fails()
{
	local name="$1" status=1
	shift
	"$@" >/run/said 2>&1 3>&- || status=0
	point "$status" "$name" && return
	{ echo "no failure of: $*"; cat /run/said; } | diag
}

# said STATUS COMMAND...: whether it ends with that; what it prints is $SAID.
said()
{
	local wanted="$1" status=0

	shift
	SAID=$("$@" 2>&1 3>&-) || status=$?
	[ "$status" = "$wanted" ] && return
	echo "status $status: $SAID"
	return 1
}

# with_compiler: make builds modules for this kernel, in what has been mounted at /host; for a
# case with "# compiler: yes" and "# modules: 9p 9pnet_virtio virtio_pci".
with_compiler()
{
	local directory release

	release=$(uname -r)
	modprobe -a virtio_pci 9pnet_virtio 9p
	mkdir -p /host /usr
	mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=262144,cache=loose compiler /host
	for directory in proc sys dev tmp run; do
		mount --bind /$directory /host/$directory
	done
	cp -r /include /run/
	ln -s /host/usr/src /usr/src
	ln -s "/host/usr/src/linux-headers-$release" "/lib/modules/$release/build"
	# shellcheck disable=SC2016 # for the program
	printf '#!/bin/sh\nexec chroot /host make "$@"\n' >/bin/make
	chmod +x /bin/make
	[ -e "/lib/modules/$release/build/Makefile" ] && make --version
}

# load_died: an insmod has died in init.
load_died()
{
	! has_load_table || DEAD_LOAD=yes
}

# load_is_harmless: it has been removed, or it is known that nobody will meet it.
load_is_harmless()
{
	DEAD_LOAD=
}

# init_dies NAME FILE PARAMETER...: passes if insmod of FILE fails, as its init dies.
init_dies()
{
	local name="$1"

	shift
	fails "$name" insmod "$@"
	load_died
}

# is NAME GOT WANTED: passes if they are equal.
is()
{
	local status=0
	[ "$2" = "$3" ] || status=1
	point "$status" "$1" && return
	printf 'got:    %s\nwanted: %s\n' "$2" "$3" | diag
}

# like NAME TEXT REGEX: passes if a line of TEXT matches (grep -E).
like()
{
	local status=0
	grep -Eq -e "$3" <<-END || status=1
		$2
	END
	point "$status" "$1" && return
	printf 'regex: %s\nmatches nothing in: %s\n' "$3" "$2" | diag
}

# unlike NAME TEXT REGEX: passes if no line of TEXT matches.
unlike()
{
	local status=0
	! grep -Eq -e "$3" <<-END || status=1
		$2
	END
	point "$status" "$1" && return
	printf 'regex: %s\nmatches: %s\n' "$3" "$2" | diag
}

# A program takes its time in a guest, so that what is called often starts none.

# now: sets NOW to the centiseconds since boot.
now()
{
	local up
	read -r up _ </proc/uptime
	NOW=$((${up%.*} * 100 + 1${up#*.} - 100))
}

# wait_for SECONDS COMMAND...: tries COMMAND each 0.1 s, after two seconds each 0.5 s,
# until it succeeds; fails when a multiple of SECONDS has passed, as the host may be busy and
# the kernel slow. Its output is dropped.
wait_for()
{
	local end soon pause=0.1
	now
	end=$((NOW + $1 * 100 * SLOW)) soon=$((NOW + 200))
	shift
	until "$@" >/dev/null 2>&1 3>&-; do
		now
		[ "$NOW" -lt "$end" ] || return 1
		[ "$NOW" -lt "$soon" ] || pause=0.5
		# As sleep, but no process: nobody ever writes there.
		# shellcheck disable=SC3045 # ash has it
		read -r -t "$pause" _ <>/run/never || :
	done
}

# bg COMMAND...: runs it in the background; its pid is $BG, what it prints goes to
# /run/bg.$BG.
bg()
{
	local program="$1"

	shift
	[ ! -e "/sbin/$program" ] || program=/sbin/$program
	sh -c 'exec >/run/bg.$$ 2>&1 3>&- "$@"' - "$program" "$@" &
	# shellcheck disable=SC2034 # for the case
	BG=$!
}

# log_mark: log_since shows what the kernel logs from here on.
log_mark()
{
	MARK=$((MARK + 1))
	echo "harness: mark $MARK" >/dev/kmsg
}

# log_since: the kernel's log since the last log_mark, without its time stamps.
log_since()
{
	dmesg | sed -e "1,/harness: mark $MARK\$/d" -e 's/^\[ *[0-9.]*\] //'
}

# logged TEXT: succeeds if the kernel has logged TEXT, for grep, since the last log_mark.
logged()
{
	log_since | grep -q "$1"
}

# taint_forced_rmmod: succeeds if TAINT_FORCED_RMMOD (R) is set.
taint_forced_rmmod()
{
	[ $(($(cat /proc/sys/kernel/tainted) & 8)) != 0 ]
}

# loaded MODULE: succeeds if MODULE is there, in whatever state.
loaded()
{
	[ -e "/sys/module/$1/initstate" ]
}

# state_of MODULE: its state and reference count ("live 0", "coming 1",
# "going -1"), or "absent".
state_of()
{
	read_state "$1"
	echo "$STATE"
}

# is_state MODULE STATE: succeeds if it is in that one, "live 0" say.
is_state()
{
	read_state "$1"
	[ "$STATE" = "$2" ]
}

# read_state MODULE: sets STATE to what state_of prints.
read_state()
{
	local state count

	STATE=absent
	if loaded "$1"; then
		read -r state <"/sys/module/$1/initstate"
		read -r count <"/sys/module/$1/refcnt"
		STATE="$state $count"
	fi
}

# insmod_says FILE PARAMETER...: loads FILE; prints the error that insmod prints,
# "Device or resource busy" say, and nothing if it went well.
insmod_says()
{
	local status=0 line
	insmod "$@" >/run/insmod 2>&1 3>&- || status=$?
	while read -r line; do
		echo "${line#"insmod: ERROR: could not insert module $1"*": "}"
	done </run/insmod
	return "$status"
}

# refused NAME ERROR REGEX PARAMETER...: passes if insmod /patcher.ko PARAMETER...
# fails with ERROR, a line logged meanwhile matches REGEX, patcher is gone, and the
# target, the taint and what ftrace lists are as they were.
refused()
{
	local name="$1" error="$2" regex="$3" target="" said before after word status=0
	shift 3
	for word; do
		case $word in target=*) target=${word#target=} ;; esac
	done
	before=$(everything "$target")
	log_mark
	said=$(insmod_says /patcher.ko "$@")
	log_since >/run/logged
	after=$(everything "$target")
	[ "$said" = "$error" ] && grep -Eq -e "$regex" /run/logged &&
		! loaded patcher && [ "$before" = "$after" ] || status=1
	point "$status" "$name" && return
	{
		printf 'insmod said: %s\nwanted:      %s\n' "$said" "$error"
		printf 'before: %s\nafter:  %s\n' "$before" "$after"
		printf 'patcher is:  %s\nlogged, to match %s:\n' "$(state_of patcher)" "$regex"
		cat /run/logged
	} | diag
}

# interrupted TARGET PID [SIGNAL]: a signal ends an insmod of patcher that waits, with
# nothing changed. Two results.
interrupted()
{
	kill "-${3:-TERM}" "$2"
	ok "a signal ends the wait" wait_for 20 ended "$2"
	like "and the log says so" "$(log_since)" "patcher: $1: refused: interrupted \(-EINTR\)"
}

# everything TARGET: what a refusal must not change. That patcher has free_module() lead to it
# stays, once it is so: it is no change of the target.
everything()
{
	peek "$1" /proc/sys/kernel/tainted /sys/kernel/tracing/enabled_functions 2>/dev/null |
		grep -v '^free_module .*\[patcher\]'
}

# ended PID: succeeds if the process is gone, or a zombie.
ended()
{
	local line=""
	{ read -r line <"/proc/$1/stat"; } 2>/dev/null
	case ${line##*) } in
	'' | Z*) return 0 ;;
	*) return 1 ;;
	esac
}

# sleeps_in PID FUNCTION: is FUNCTION, for grep, on the stack of a process that sleeps?
sleeps_in()
{
	grep -q "$2" "/proc/$1/stack"
}

# has_load_table: does this kernel keep a table of the loads in progress (from 6.5 on)?
has_load_table()
{
	local release minor

	read -r release </proc/sys/kernel/osrelease
	minor=${release#*.}
	[ $((${release%%.*} * 1000 + ${minor%%[!0-9]*})) -ge 6005 ]
}

# slab: kilobytes in use for good by the kernel's own objects; without those that are kept
# back for a while, by SLUB or KASAN, when they are free.
slab()
{
	local cache

	for cache in /sys/kernel/slab/*/shrink; do
		echo 1 >"$cache"
	done
	awk '/^SUnreclaim:/ { print $2 }' /proc/meminfo
}

# peek MODULE [FILE...]: its state, count, exit and the exit's first bytes, as t_peek reads
# them without patcher; and what is in the files.
peek()
{
	loaded t_peek || insmod /targets/t_peek.ko
	echo "$1" >/sys/module/t_peek/parameters/target
	shift
	cat /sys/module/t_peek/parameters/report "$@"
}

# wedged MODULE: two results, the control of every rescue: rmmod cannot unload it, with
# and without -f.
wedged()
{
	fails "rmmod $1 fails" rmmod "$1"
	fails "rmmod -f $1 fails" rmmod -f "$1"
}

# rescue MODULE STUB SITUATION HOW: the commands of a rescue, as a user types them. STUB
# is one of /stubs, a file, or "" for none; SITUATION and HOW have to be in the log.
# Nine results, seven without a stub.
rescue()
{
	local file="$2" stub="" said
	case $2 in
	"" | /*) ;;
	*) file=/stubs/$2.ko ;;
	esac
	stub=${file##*/}
	stub=${stub%.ko}

	log_mark
	[ -z "$stub" ] || ok "$stub loads" insmod "$file"
	ok "$1 is armed" insmod /patcher.ko target="$1" ${stub:+stub="$stub"}
	said=$(log_since)
	like "the log says: $3" "$said" "patcher: $1: found .*: $3"
	like "the log says: $4" "$said" "patcher: $1: .*$4"
	ok "it taints the kernel" taint_forced_rmmod
	[ -z "$stub" ] || fails "$stub is pinned" rmmod "$stub"
	ok "rmmod $1 works" rmmod "$1"
	# It may be kept for as long as an object of somebody else's has an old pointer in it.
	wait_for 30 is_state "$1_kept" absent || :
	is "$1 is gone, and not kept" "$(state_of "$1") $(state_of "$1_kept")" "absent absent"
	# shellcheck disable=SC2086
	ok "patcher${stub:+ and $stub} unload at once" rmmod patcher $stub
}
