#!/bin/sh
# patcher status shows what /sys/kernel/patcher has, on the terminal and as JSON; patcher disarm
# restores one module, and says why not.
# kernels: 6.1
. /lib.sh
plan 22

ok "without patcher.ko: 4" said 4 patcher status
like "it is not loaded" "$SAID" "patcher.ko is not loaded: no module is being rescued"
ok "disarm: 4 as well" said 4 patcher disarm t_leak

insmod /targets/t_leak.ko leak=3
insmod /patcher.ko
ok "without a rescue: 0" said 0 patcher status
is "there is none" "$SAID" "patcher is loaded, and has no rescue"
ok "as JSON: 0" said 0 patcher status --json
is "an empty array" "$(echo "$SAID" | tr -d ' \n')" "[]"

peek t_leak >/tmp/before
ok "it is armed" sh -c 'echo t_leak >/sys/kernel/patcher/arm'
ok "with one: 0" said 0 patcher status
like "a line has it all" "$SAID" "^t_leak +armed +- +- +4 \(references leaked\)$"
unlike "no colour, as this is no terminal" "$SAID" "$(printf '\033')"
ok "as JSON: 0" said 0 patcher status --json
is "an object" "$(echo "$SAID" | tr -d ' \n')" \
	'[{"target":"t_leak","status":"armed","situation":"4(referencesleaked)","stub":null,"method":null,"residue":null}]'
ok "an unknown option: 1" said 1 patcher status --jsno

ok "no such rescue: 4" said 4 patcher disarm t_misc
like "status shows which" "$SAID" "t_misc: is not being rescued; patcher status shows what is"
ok "no such name: 1" said 1 patcher disarm ../patcher
like "it cannot be one" "$SAID" "'../patcher' cannot be the name of a module"
ok "disarm: 0" said 0 patcher disarm t-leak
is "it says so" "$SAID" "t_leak: restored as it was found"
is "so it is" "$(peek t_leak)" "$(cat /tmp/before)"
fails "and the rescue has ended" test -e /sys/kernel/patcher/t_leak
rmmod patcher
done_testing
