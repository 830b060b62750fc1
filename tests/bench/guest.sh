#!/bin/sh
# What patcher costs: for tests/bench/run, which reads what this prints, a line each:
#	time|wait SERIES STEP MEDIAN FIRST-QUARTILE THIRD-QUARTILE LONGEST	(microseconds)
#	value NAME NUMBER
# timeout: 1200
# thread: multi
# modules: tun
. /lib.sh
plan 4

FAILED=""

# A module of Debian's that is nearly as large as patcher.
TUN=/run/tun.ko
file=$(modinfo -n tun)
case $file in
*.xz) xzcat "$file" >$TUN ;;
*) cp "$file" $TUN ;;
esac

# bench_ok NAME KIND ARGUMENT...: one result; prints what was measured.
bench_ok()
{
	local name="$1" kind="$2" status=0
	shift 2
	bench "$kind" "$@" >/run/bench || status=$?
	sed "s/^/$kind /" /run/bench
	[ "$status" = 0 ] || FAILED="$FAILED $name"
}

# passed NAME: a result for all that bench_ok has done since the last one.
passed()
{
	is "$1" "$FAILED" ""
	FAILED=""
}

value()
{
	echo "value $1 $2"
}

# rescues KIND ROUNDS: and the floor of each.
rescues()
{
	bench_ok rescues "$1" "$2" \
		floor-slot +/fixed/t_exitbug.ko +/patcher.ko -t_exitbug -patcher -- \
		slot +/targets/t_exitbug.ko "+/patcher.ko target=t_exitbug stub=stub_noop" \
			-t_exitbug -patcher -- \
		floor-ftrace +/fixed/t_exitoops.ko +/patcher.ko -t_exitoops -patcher -- \
		ftrace +/targets/t_exitoops.ko "+/patcher.ko target=t_exitoops stub=stub_noop" \
			-t_exitoops -patcher
}

# others KIND ROUNDS: what else is compared, but for the livepatch, which takes seconds.
others()
{
	bench_ok others "$1" "$2" \
		idle .20 -- \
		plain +/fixed/t_exitbug.ko -t_exitbug -- \
		debian +$TUN -tun -- \
		watched +/patcher.ko .30 +/fixed/t_exitbug.ko -t_exitbug .30 -patcher -- \
		stub +/stubs/stub_chardev.ko -stub_chardev -- \
		leak "+/targets/t_leak.ko leak=3" "+/patcher.ko target=t_leak" -t_leak -patcher -- \
		forced "+/targets/t_leak.ko leak=3" !t_leak
}

# Enabled, its exit replaced, and as it was before.
livepatch()
{
	bench_ok livepatch "$1" "$2" livepatch \
		+/targets/t_exitoops.ko +/targets/t_klp.ko \
		"?/sys/kernel/livepatch/t_klp/transition 0" -t_exitoops \
		"=/sys/kernel/livepatch/t_klp/enabled 0" %/sys/kernel/livepatch/t_klp -t_klp
}

# arming SERIES: patcher is loaded, arms by slot, puts that back, the same with a target
# whose references have leaked, and once more the first.
arming()
{
	local kind dir=/sys/kernel/patcher

	for kind in time wait; do
		bench_ok "$kind $1" "$kind" 5 "idle-$1" .20 -- \
			"plain-$1" +/fixed/t_exitoops.ko -t_exitoops -- \
			"debian-$1" +$TUN -tun -- \
			"arm-$1" +/patcher.ko \
			"=$dir/arm t_exitbug stub_noop" \
			"=$dir/t_exitbug/disarm 1" "%$dir/t_exitbug" \
			"=$dir/arm t_leak" "=$dir/t_leak/disarm 1" "%$dir/t_leak" \
			"=$dir/arm t_exitbug stub_noop" \
			"=$dir/t_exitbug/disarm 1" "%$dir/t_exitbug" \
			-patcher
	done
}

# with_tasks N
with_tasks()
{
	bg bench tasks "$1"
	wait_for 120 grep -q held "/run/bg.$BG" || FAILED="$FAILED $1 tasks"
	value "tasks-$1" "$(tasks)"
	arming "tasks-$1"
	kill -9 "$BG"
	wait_for 120 ended "$BG" || FAILED="$FAILED end of $1 tasks"
}

# How many there are.
tasks()
{
	sed 's|.*/\([0-9]*\) .*|\1|' /proc/loadavg
}

# with_modules N
with_modules()
{
	bench copies "$1" /fixed/t_exitbug.ko t_exitbug || FAILED="$FAILED $1 modules"
	value "modules-$1" "$(grep -c . /proc/modules)"
	arming "modules-$1"
}

insmod /stubs/stub_noop.ko
# To send a line of the log over the serial port takes a millisecond, with interrupts off.
read -r level _ </proc/sys/kernel/printk
echo 1 >/proc/sys/kernel/printk
rescues time 41
others time 15
livepatch time 3
passed "how long the ways to get rid of a module take"
rescues wait 9
others wait 9
livepatch wait 1
passed "how long they keep a CPU"

insmod /patcher.ko
value memory "$(cat /sys/module/patcher/coresize)"
rmmod patcher
value boot "$(dmesg | sed -n 's/^\[ *\([0-9]*\)\.\([0-9]*\)\] Run \/init .*/\1\2/p')"

echo 100000 >/proc/sys/kernel/threads-max
echo 100000 >/proc/sys/kernel/pid_max
insmod /targets/t_exitbug.ko
insmod /targets/t_leak.ko leak=3
for number in 10 100 1000 5000 10000; do
	with_tasks "$number"
done
passed "arming with 10 to 10000 tasks"
for number in 10 100 1000; do
	with_modules "$number"
done
passed "arming with 10 to 1000 modules"
echo "$level" >/proc/sys/kernel/printk
done_testing
