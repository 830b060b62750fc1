#!/bin/sh
# 100,000 malformed lines to arm and disarm, and 60 loads with malformed parameters, as
# those cannot be written: each is refused, nothing is armed or disarmed by it, memory stays
# as it is, and the log does not fill. The seeds are fixed. The least that could be lost each
# time, an object of 8 bytes, would be seen: 700 kB in all.
# timeout: 300
. /lib.sh
. /several.sh
plan 18

# flooded: the lines that patcher, or the kernel for it, has logged.
flooded()
{
	log_since | grep -cE "patcher:|callbacks suppressed"
}

insmod /stubs/stub_noop.ko
insmod /targets/t_leak.ko leak=2
insmod /targets/t_exitoops.ko
insmod /patcher.ko
ok "one is armed" arm "t_exitoops stub_noop"
before=$(everything t_leak)$(everything t_exitoops)$(rescues)

fails "no parameter can be written" sh -c 'echo x >/sys/module/patcher/parameters/target'
# What is taken once and kept has been taken then.
ok "10,000 lines to begin with" fuzz arm /sys/kernel/patcher/arm 10000 1
log_mark
start=$(slab)
ok "80,000 malformed lines are refused" fuzz arm /sys/kernel/patcher/arm 80000 2
like "most of them as such" "$(cat /run/said)" "^EINVAL 7[0-9]{4} "
ok "10,000 times what is not 1 is refused" fuzz disarm /sys/kernel/patcher/t_exitoops/disarm 10000 3
end=$(slab)
echo "SUnreclaim: $start kB, then $end kB; logged $(flooded) lines"
ok "memory stays as it is" [ $((end - start)) -lt 256 ]
mkdir /run/many
(cd /run/many && seq 1000 | xargs touch)
ok "control: a thousand files are seen" [ $(($(slab) - end)) -ge 256 ]
ok "the log has some of it" [ "$(flooded)" -ge 10 ]
ok "and not a tenth" [ "$(flooded)" -lt 9000 ]
fails "nothing of it raw" eval 'log_since | tr -d "\n\t -~" | grep -q .'
is "nothing is armed by it, or disarmed" "$(everything t_leak)$(everything t_exitoops)$(rescues)" "$before"
ok "control: a right line is armed" arm t_leak
ok "all of it goes" rmmod t_leak t_exitoops patcher

insmod /targets/t_leak.ko leak=2
before=$(everything t_leak)
fuzz load /patcher.ko 20 4
start=$(slab)
ok "60 loads with malformed parameters are refused" fuzz load /patcher.ko 60 5
end=$(slab)
echo "SUnreclaim: $start kB, then $end kB"
ok "memory stays as it is" [ $((end - start)) -lt 1024 ]
is "nothing is armed by it" "$(everything t_leak)" "$before"
ok "control: with a right one it is" insmod /patcher.ko target=t_leak
done_testing
