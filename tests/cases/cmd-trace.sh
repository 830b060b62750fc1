#!/bin/sh
# patcher trace names the path by which references were lost, and leaves tracefs as it was.
# kernels: 6.1
. /lib.sh
plan 20

# of_tracefs: what somebody else would notice. Without buffer_size_kb: with the first event of any
# instance since the boot the kernel enlarges that of the main buffer (tracing_update_buffers()).
of_tracefs()
{
	ls /sys/kernel/tracing/instances
	cd /sys/kernel/tracing &&
		cat trace_options tracing_on events/enable events/module/*/filter trace
}

tracefs=$(of_tracefs)
ok "not loaded: 4" said 4 patcher trace t_leak
like "it says so" "$SAID" "t_leak is not loaded"
ok "built in: 4" said 4 patcher trace printk
like "it says so" "$SAID" "printk is built into the kernel"

insmod /targets/t_leak.ko
ok "reading its file: 0, all are given back" said 0 patcher trace t_leak -- cat /proc/t_leak
like "the command has run" "$SAID" "^t_leak: ok$"
like "the refcount is told" "$SAID" "the refcount is 0 now"
ok "losing three: 3" \
	said 3 patcher trace t_leak -- sh -c 'cat /proc/t_leak; echo 3 >/sys/module/t_leak/parameters/leak'
like "how many" "$SAID" "^t_leak: [0-9]+ references taken, [0-9]+ given back; the refcount is 3 now"
like "by whom" "$SAID" "^3 of 3 not given back, the last one taken by sh-[0-9]+:"
like "where" "$SAID" "^    t_leak_(set|take)\+0x[0-9a-f]+/0x[0-9a-f]+ \[t_leak\]"
like "the way there" "$SAID" "^    param_attr_store\+"
unlike "nothing of the tracer" "$SAID" "trace_event|__module_get"
ok "as JSON: 3" \
	said 3 patcher trace t_leak --json -- sh -c 'echo 1 >/sys/module/t_leak/parameters/leak'
like "an object" "$(echo "$SAID" | tr -d ' \n')" \
	'^\{"module":"t_leak","taken":[0-9]+,"given_back":[0-9]+,"taken_before":0,"paths":\[\{"taken":1,"missing":1,"task":"sh-[0-9]+","calls":\["t_leak_'

ok "COMMAND fails: it is told" said 0 patcher trace t_leak -- sh -c 'exit 7'
like "with its status" "$SAID" "sh ended with status 7"
bg patcher trace t_leak
ok "without COMMAND it waits" wait_for 20 grep -q "recording who uses t_leak" "/run/bg.$BG"
kill -INT "$BG"
ok "and Ctrl-C ends it" wait_for 20 grep -q "references taken" "/run/bg.$BG"
wait "$BG"
is "tracefs is as it was" "$(of_tracefs)" "$tracefs"
done_testing
