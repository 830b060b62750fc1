#!/bin/sh
# A stub that is not loaded is asked of modprobe, once, and then used.
. /lib.sh
plan 6

insmod /targets/t_noexit.ko
fails "the stub is not loaded" loaded stub_noop
ok "armed all the same" insmod /patcher.ko target=t_noexit stub=stub-noop
is "modprobe has loaded it, and it is pinned" "$(state_of stub_noop)" "live 1"
ok "rmmod works" rmmod t_noexit
is "it is let go" "$(state_of stub_noop)" "live 0"
ok "all of it goes" rmmod patcher stub_noop
done_testing
