#!/bin/sh
# Nothing is wrong here: an announced warning, and all results there.
# splat 1: WARNING: .*trouble_init
. /lib.sh
plan 2
fails "the warning was asked for" insmod /broken/trouble.ko what=warn
ok "all is well" true
done_testing
