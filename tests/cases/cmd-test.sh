#!/bin/sh
# patcher test loads a module, uses it and unloads it, and says whether its exit cleans up: clean,
# held and by whom or where the reference was lost, residue by name, or reported by the kernel.
# kernels: 6.1
# splat 1: WARNING: .*t_warn_exit
# splat 2: not freed, but kept as
# timeout: 300
. /lib.sh
plan 58

# tested STATUS ARGUMENT...: by a user with a patcher.ko that is not installed.
tested()
{
	local wanted="$1"

	shift
	said "$wanted" patcher test --patcher /patcher.ko "$@"
}

# as_json: what was said, without blanks.
as_json()
{
	echo "$SAID" | tr -d ' \n'
}

tracefs=$(ls /sys/kernel/tracing/instances)
ok "no file: 1" tested 1
ok "no such file: 1" tested 1 /none.ko
ok "no number: 1" tested 1 --times x /fixed/t_chardev.ko
ok "a patcher.ko without guard: 1" said 1 patcher test --patcher /stubs/stub_noop.ko /fixed/t_chardev.ko
like "it says so" "$SAID" "/stubs/stub_noop.ko knows no guard=1"

ok "clean: 0" tested 0 /fixed/t_chardev.ko --times 3 -- cat /dev/t_chardev
like "it says so" "$SAID" "^t_chardev: clean, loaded and unloaded 3 times: nothing is left of it$"
is "the command has run each time" "$(echo "$SAID" | grep -c '^t_chardev: ok$')" 3
unlike "no colour, as this is no terminal" "$SAID" "$(printf '\033')"
is "it is gone" "$(state_of t_chardev)" absent
fails "patcher is not loaded" loaded patcher
ok "a command that fails: 1" tested 1 /fixed/t_chardev.ko -- sh -c 'exit 7'
like "it is told" "$SAID" "^patcher: sh ended with status 7$"
is "the module is gone all the same" "$(state_of t_chardev)" absent
ok "no such command: 1" tested 1 /fixed/t_chardev.ko -- /none
ok "as JSON: 0" sh -c 'patcher test --patcher /patcher.ko --json /fixed/t_chardev.ko -- cat /dev/t_chardev 2>/run/err >/run/json'
is "an object" "$(tr -d ' \n' </run/json)" \
	'{"module":"t_chardev","verdict":"clean","times":1,"clean_rounds":1,"command_status":0,"held":null,"paths":[],"residue":[],"kept_as":null,"reports":[]}'
is "what the command prints is not in it" "$(cat /run/err)" "t_chardev: ok"

ok "references lost: 3" \
	tested 3 --times 5 /targets/t_leak.ko -- sh -c 'echo 3 >/sys/module/t_leak/parameters/leak'
like "held, in the first round" "$SAID" "^t_leak: held, in round 1 of 5$"
like "how many" "$SAID" "^  lost: 3 that nobody was found to have$"
like "the path" "$SAID" "^3 of 3 not given back, the last one taken by sh-[0-9]+:$"
like "where" "$SAID" "^    t_leak_(set|take)\+0x[0-9a-f]+/0x[0-9a-f]+ \[t_leak\]$"
like "what helps" "$SAID" "^it stays loaded; what helps: patcher rescue t_leak$"
is "it stays loaded" "$(state_of t_leak)" "live 3"
fails "patcher is not loaded" loaded patcher
ok "again: 1" tested 1 /targets/t_leak.ko
like "as it is loaded" "$SAID" "t_leak is loaded already, or built in; rmmod t_leak first"
ok "it is rescued" said 0 patcher rescue --patcher /patcher.ko t_leak
ok "lost while it was loaded: 3" tested 3 --json /targets/t_leak.ko leak=2
like "the loader's own reference is not taken for one of these" "$(as_json)" \
	'"paths":\[\{"taken":2,"missing":2,"task":"patcher-[0-9]+","calls":\["t_leak_'
ok "it is rescued" said 0 patcher rescue --patcher /patcher.ko t_leak

# shellcheck disable=SC2016 # for the other shell
ok "held by a process: 3" \
	tested 3 /fixed/t_chardev.ko -- sh -c 'exec 5</dev/t_chardev; sleep 1000 >/dev/null 2>&1 & echo $! >/run/holder'
read -r holder </run/holder
like "by whom" "$SAID" "^  held by: [a-z]+\[$holder\] fd 5 \(/dev/t_chardev\)$"
like "by which path" "$SAID" "^    chrdev_open\+"
like "what helps" "$SAID" "^it stays loaded; what helps: kill $holder$"
kill "$holder"
ok "so it does" wait_for 20 rmmod t_chardev

ok "a forgotten timer: 5" tested 5 /targets/t_forget.ko how=timer
like "residue" "$SAID" "^t_forget: residue, in round 1 of 1$"
like "by name" "$SAID" "^    .* -> t_forget_(timer|tick)"
like "it is kept" "$SAID" "^its memory is kept, as t_forget_kept: patcher status, patcher sweep t_forget$"
ok "patcher stays for it" loaded patcher
is "its name is free" "$(state_of t_forget)" absent
unload patcher
ok "a forgotten device, as JSON: 5" tested 5 --json /targets/t_forget.ko how=misc
like "the verdict" "$(as_json)" '"module":"t_forget","verdict":"residue",'
like "by name" "$(as_json)" '"residue":\["[^"]*->t_forget_misc'
like "kept under the next name" "$(as_json)" '"kept_as":"t_forget_kept2"'
unload patcher
ok "nothing forgotten: 0" tested 0 /targets/t_forget.ko how=timer undo=1
unlike "nor kept" "$SAID" "kept"

ok "no warning: 0" tested 0 /targets/t_warn.ko
ok "a warning: 6" tested 6 --times 2 /targets/t_warn.ko warn=1
like "reported" "$SAID" "^t_warn: reported, in round 1 of 2$"
like "its words" "$SAID" "^    WARNING: .* t_warn_exit\+0x"
is "it is gone" "$(state_of t_warn)" absent
ok "as JSON, clean again: 0" tested 0 --json /targets/t_warn.ko
like "nothing of the one before" "$(as_json)" '"reports":\[\]'
fails "patcher is not loaded" loaded patcher
is "tracefs is as it was" "$(ls /sys/kernel/tracing/instances)" "$tracefs"
done_testing
