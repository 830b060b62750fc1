#!/bin/sh
# dry_run=1: patcher says what it would do, changes nothing, and stays, idle.
# kernels: 6.1 7.3
. /lib.sh
plan 16

ok "the target loads" insmod /targets/t_leak.ko leak=2
before=$(everything t_leak)
log_mark
ok "a dry run" insmod /patcher.ko target=t_leak dry_run=1
said=$(log_since)
like "the log has what was found" "$said" "patcher: t_leak: found LIVE, refcnt 2, "
like "and what would be changed" "$said" "patcher: t_leak: dry run: its refcnt would become 0"
like "and that it would work" "$said" "patcher: t_leak: dry run: it would be armed"
like "and that it was not" "$said" "patcher: t_leak: dry run: nothing was changed"
is "nothing was changed" "$(everything t_leak)" "$before"
fails "it has no directory" [ -e /sys/kernel/patcher/t_leak ]
ok "patcher is loaded, and idle" is_state patcher "live 0"
log_mark
ok "a dry run by the file arm" sh -c 'echo "t_leak dry_run" >/sys/kernel/patcher/arm'
like "says the same" "$(log_since)" "patcher: t_leak: dry run: it would be armed"
is "and changes nothing" "$(everything t_leak)" "$before"
fails "rmmod fails as before" rmmod t_leak
ok "armed in earnest" sh -c 'echo t_leak >/sys/kernel/patcher/arm'
ok "rmmod works" rmmod t_leak
ok "patcher goes" rmmod patcher
done_testing
