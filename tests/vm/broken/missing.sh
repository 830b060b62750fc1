#!/bin/sh
# An announced warning that does not come.
# splat 1: WARNING: .*trouble_init
# fails: listed 1 times, seen 0
. /lib.sh
plan 1
ok "all is well" true
done_testing
