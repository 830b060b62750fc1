#!/bin/sh
# 1: other modules depend on the target: refused, naming them; force does not help. When
# they are gone, it goes.
. /lib.sh
plan 13

insmod /stubs/stub_noop.ko
ok "the target loads" insmod /targets/t_provider.ko
ok "one depends on it" insmod /targets/t_user.ko
ok "and another" insmod /targets/t_user2.ko
fails "plain rmmod fails" rmmod t_provider
for with in "" stub=stub_noop force=1; do
	# shellcheck disable=SC2086
	refused "refused, naming both${with:+, also with }$with" "Device or resource busy" \
		'patcher: t_provider: refused: in use by t_user2?, t_user2?; rmmod or rescue that first \(-EBUSY\)' \
		target=t_provider $with
done
fails "nothing of it counts as a forced unload" taint_forced_rmmod
ok "they go" rmmod t_user t_user2
ok "control: without them it is armed" insmod /patcher.ko target=t_provider
ok "and goes" rmmod t_provider
ok "all of it goes" rmmod patcher stub_noop
fails "nothing was changed, so nothing is noted" taint_forced_rmmod
done_testing
