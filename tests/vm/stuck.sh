# shellcheck shell=dash
# What the cases stuck-* share, read after lib.sh: a task that is stuck inside t_stuck,
# and the scenes in which it is rescued. HOW is a way of tests/targets/t_stuck_ways.c, or
# "marked" for t_stuck_marked; WHERE is exit (rmmod is stuck), or init (insmod is).

# stuck_is TARGET COMM PID: the module, and the name and pid of who is stuck in it.
stuck_is()
{
	TARGET=$1
	COMM=$2
	STUCK=$3
}

# What patcher calls the place where it is stuck.
PLACE='t_stuck_[a-z_]*\+0x[0-9a-f]+/0x[0-9a-f]+ \[t_stuck[a-z_]*\]'

# no_watchdogs: no report of a CPU that never leaves the kernel, which is what the case
# is for.
no_watchdogs()
{
	[ ! -e /proc/sys/kernel/watchdog ] || echo 0 >/proc/sys/kernel/watchdog
	echo 1 >/sys/module/rcupdate/parameters/rcu_cpu_stall_suppress
}

# value PARAMETER [MODULE]: of the target.
value()
{
	cat "/sys/module/${2:-$TARGET}/parameters/$1"
}

# let_go [MODULE]: the test's own hand lets go what is stuck.
let_go()
{
	echo 1 >"/sys/module/${1:-$TARGET}/parameters/go"
}

# kernel_time PID: clock ticks that it has spent in the kernel.
kernel_time()
{
	local stat

	read -r stat <"/proc/$1/stat"
	# shellcheck disable=SC2086 # to count its words
	set -- ${stat##*) }
	echo "${13}"
}

# is_stuck HOW: is it where it is to get stuck? A stack is shown only of one that sleeps.
is_stuck()
{
	case $COMM in
	rmmod) is_state "$TARGET" "going -1" || return 1 ;;
	insmod) is_state "$TARGET" "coming 1" || return 1 ;;
	esac
	case $1 in
	spin*) [ "$(kernel_time "$STUCK")" -gt 50 ] ;;
	*) grep -q "t_stuck" "/proc/$STUCK/stack" ;;
	esac
}

# get_stuck HOW WHERE [PARAMETER...]: loads the target and gets a task stuck in it.
get_stuck()
{
	local target=t_stuck how="$1" where="$2" here=3 there=3

	shift 2
	# Whom it preempts where preemption is off stays so, and with PREEMPT_RT may hold a
	# lock that this shell needs: so they are on a CPU each.
	[ "$how" != spin_nopreempt ] || here=1 there=2
	taskset -p $here $$ >/dev/null
	if [ "$how" = marked ]; then
		target=t_stuck_marked
	else
		set -- how="$how" "$@"
	fi
	case $where in
	exit)
		insmod /targets/$target.ko "$@"
		bg taskset $there /sbin/rmmod $target
		stuck_is $target rmmod "$BG"
		;;
	init)
		bg taskset $there /sbin/insmod /targets/$target.ko where=init "$@"
		stuck_is $target insmod "$BG"
		;;
	esac
	wait_for 20 is_stuck "$how"
}

# stuck_start HOW WHERE [PARAMETER...]: likewise. One result.
stuck_start()
{
	local who=rmmod

	[ "$2" = exit ] || who=insmod
	ok "$1: its $who is stuck in $2" get_stuck "$@"
}

# stuck_ends NAME STATUS: passes if the process that was stuck ends, with STATUS. In this
# shell, as no other can wait for its children.
stuck_ends()
{
	local status=0

	if wait_for 20 ended "$STUCK"; then
		wait "$STUCK" || status=$?
	else
		status="not ended"
	fi
	is "$1" "$status" "$2"
}

# stub_of KIND: the stub for the target.
stub_of()
{
	echo "${TARGET}_$1"
}

# fixed_goes MODULE: the same module without the defect loads, works and unloads.
fixed_goes()
{
	insmod "/fixed/$1.ko" && grep -q "$1" /proc/devices &&
		{ [ "$1" != t_stuck ] || grep -q "t_stuck: ok" /proc/t_stuck; } &&
		rmmod "$1" && ! grep -q "$1" /proc/devices
}

# churns: what a hundred loads, unloads and forks later would be reported, is. One result.
churns()
{
	ok "a hundred modules and processes come and go" churn 100 /fixed/t_exitbug.ko t_exitbug
}

# still_stuck HOW: one result. Who polls is awake now and then.
still_stuck()
{
	ok "$1: it is stuck as before" wait_for 20 is_stuck "$1"
}

# stuck_control HOW WHERE: no rescue; nothing but "go" helps. Six results, with WHERE init
# eight.
stuck_control()
{
	stuck_start "$1" "$2"
	fails "$1: rmmod fails" rmmod "$TARGET"
	fails "$1: rmmod -f fails" rmmod -f "$TARGET"
	kill -9 "$STUCK"
	still_stuck "$1"
	let_go
	if [ "$2" = init ]; then
		ok "$1: let go, insmod ends" wait_for 20 ended "$STUCK"
		is "$1: the module works" "$(state_of "$TARGET")" "live 0"
		unlike "$1: what ran after was counted" "$(value after)" '^0$'
		ok "$1: and goes" rmmod "$TARGET"
		return
	fi
	ok "$1: let go, rmmod ends, and the module is gone" \
		wait_for 20 eval "ended $STUCK && ! loaded $TARGET"
	ok "$1: all that it had registered is free" fixed_goes "$TARGET"
}

# scene_let HOW WHERE: a stub that only lets go; exit or init goes on by itself. Eight
# results.
scene_let()
{
	local stub

	stuck_start "$1" "$2"
	stub=$(stub_of let)
	insmod "/targets/$stub.ko"
	log_mark
	ok "$1, let go: patcher succeeds" insmod /patcher.ko target="$TARGET" stub="$stub"
	stuck_ends "$1, let go: its $COMM succeeds" 0
	if [ "$2" = exit ]; then
		like "$1, let go: the log says so" "$(log_since)" \
			"patcher: $TARGET: unloaded by its own rmmod"
		is "$1, let go: it is gone" "$(state_of "$TARGET")" absent
	else
		is "$1, let go: it is loaded" "$(state_of "$TARGET")" "live 0"
		ok "$1, let go: plain rmmod works" rmmod "$TARGET"
	fi
	unlike "$1, let go: nobody was evicted" "$(log_since)" "patcher: .*evicted"
	ok "$1, let go: patcher and stub unload at once" rmmod patcher "$stub"
	ok "$1, let go: all that it had registered is free" fixed_goes "$TARGET"
}

# device_node: makes /dev/t_stuck.
device_node()
{
	local major

	major=$(sed -n 's/^ *\([0-9]*\) t_stuck$/\1/p' /proc/devices)
	rm -f /dev/t_stuck
	mknod /dev/t_stuck c "$major" 0
}

# rescued HOW KIND [PARAMETER...]: what follows after stuck_start in the scenes that evict,
# with that stub, which gets the parameters. Ten results.
rescued()
{
	local stub name="$1, $2" timeout_ms=5000

	# A spinner has to be met in the target's own text.
	case $1 in spin*) timeout_ms=60000 ;; esac
	stub=$(stub_of "$2")
	shift 2
	insmod "/targets/$stub.ko" "$@"
	log_mark
	ok "$name: patcher succeeds" insmod /patcher.ko target="$TARGET" stub="$stub" \
		timeout_ms=$timeout_ms
	is "$name: nothing more of the target has run" "$(value after)" 0
	like "$name: the log says who was evicted, and where" "$(log_since)" \
		"patcher: $TARGET: evicted $COMM\[$STUCK\] at $PLACE"
	stuck_ends "$name: its $COMM was killed" 137
	is "$name: the target can be unloaded" "$(state_of "$TARGET")" "live 0"
	fails "$name: the stub is pinned" rmmod "$stub"
	ok "$name: rmmod works" rmmod "$TARGET"
	is "$name: the target is gone" "$(state_of "$TARGET")" absent
	ok "$name: patcher and stub unload at once" rmmod patcher "$stub"
	ok "$name: all that it had registered is free" fixed_goes "$TARGET"
}

# scene_evict HOW WHERE [KIND]: a stub that also cleans up; who is stuck is evicted. KIND
# is both, unless told. Eleven results.
scene_evict()
{
	stuck_start "$1" "$2"
	rescued "$1" "${3:-both}"
}

# scene_refuse HOW WHERE: a stub that lets nothing go is refused, and the next one works.
# Thirteen results.
scene_refuse()
{
	local stub

	stuck_start "$1" "$2"
	stub=$(stub_of idle)
	insmod "/targets/$stub.ko"
	refused "$1, idle: refused, naming it" "Device or resource busy" \
		"patcher: $TARGET: refused: .*$COMM\[$STUCK\] .*t_stuck_" \
		target="$TARGET" stub="$stub" timeout_ms=1000
	still_stuck "$1, idle"
	rmmod "$stub"
	rescued "$1" both
}

# waited_for HOW: patcher has called the release of t_stuck_idle, which does nothing, and
# waits for who is stuck; its insmod is $ARMER. One result.
waited_for()
{
	insmod /targets/t_stuck_idle.ko
	log_mark
	bg insmod /patcher.ko target=t_stuck stub=t_stuck_idle timeout_ms=60000
	# shellcheck disable=SC2034 # for the case
	ARMER=$BG
	ok "$1: insmod patcher waits" wait_for 20 logged "t_stuck_idle: release ran"
}

# put_aside NAME HOW WHERE: patcher quarantines the target, with t_stuck_idle. Three results.
put_aside()
{
	stuck_start "$2" "$3"
	insmod "/targets/$(stub_of idle).ko"
	log_mark
	ok "$1: patcher succeeds" insmod /patcher.ko target="$TARGET" stub="$(stub_of idle)" \
		quarantine=1 timeout_ms=500
	like "$1: the log says so" "$(log_since)" \
		"patcher: $TARGET: quarantined as ${TARGET}_quarantine"
}

# taken_back NAME: what ends both scenes with a quarantine. Four results.
taken_back()
{
	ok "$1: rmmod ${TARGET}_quarantine works" wait_for 20 rmmod "${TARGET}_quarantine"
	unlike "$1: its memory is free" "$(cat /proc/modules)" "^$TARGET(_quarantine)? "
	ok "$1: patcher and stub unload" wait_for 20 unload patcher "$(stub_of idle)"
	ok "$1: a fixed build loads and goes" fixed_goes "$TARGET"
}

# scene_quarantine HOW WHERE: as nobody lets it go, the target is put aside, and its name
# is free. Sixteen results.
scene_quarantine()
{
	local aside name="$1, quarantine"

	put_aside "$name" "$1" "$2"
	aside=${TARGET}_quarantine
	like "$name: lsmod shows it" "$(lsmod)" "^$aside "
	unlike "$name: and not its old name" "$(lsmod)" "^$TARGET "
	fails "$name: its $COMM is still there" ended "$STUCK"
	ok "$name: a fixed build loads and goes" fixed_goes "$TARGET"
	fails "$name: patcher is pinned" rmmod patcher
	fails "$name: so is the stub" rmmod "$(stub_of idle)"
	log_mark
	let_go "$aside"
	ok "$name: let go, its $COMM ends" wait_for 20 ended "$STUCK"
	like "$name: the log says where it was evicted" "$(log_since)" \
		"patcher: ($TARGET|$aside): evicted $COMM\[$STUCK\] at $PLACE"
	is "$name: nothing more of the target has run" "$(value after "$aside")" 0
	taken_back "$name"
}

# scene_aside HOW: the cleanup itself, which stops the target's threads and works, lets exit
# go: it is evicted then, and the quarantine is over at once. Nine results.
scene_aside()
{
	local name="$1, aside"

	put_aside "$name" "$1" exit
	ok "$name: a fixed build loads and goes" fixed_goes "$TARGET"
	stuck_ends "$name: its rmmod was killed" 137
	taken_back "$name"
}
