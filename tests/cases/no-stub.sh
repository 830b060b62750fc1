#!/bin/sh
# Without a stub the target keeps its own exit: well for an init that died (2a) if that
# exit can cope, with a warning; refused for an exit that has died once (5b).
# splat 2: BUG: kernel NULL pointer dereference
# leaks: do_init_module
. /lib.sh
plan 14

init_dies "its init oopses" /targets/t_misc.ko
is "it is stuck" "$(state_of t_misc)" "coming 1"
rescue t_misc "" "situation 2a" "its own exit will run although its init died half way"
fails "its own exit has run" test -e /dev/t_misc

insmod /targets/t_exitoops.ko
fails "its exit oopses" rmmod t_exitoops
refused "that must not run again" "Operation not supported" \
	"patcher: t_exitoops: refused: its exit has died once and must not run again; give a stub with a cleanup \(-EOPNOTSUPP\)" \
	target=t_exitoops
insmod /targets/t_stub_release.ko
refused "nor with a stub that has no cleanup" "Operation not supported" \
	"patcher: t_exitoops: refused: its exit has died once" \
	target=t_exitoops stub=t_stub_release
is "its stub was let go" "$(state_of t_stub_release)" "live 0"
done_testing
