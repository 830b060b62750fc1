#!/bin/sh
# The kernel panics.
# splat 1: Kernel panic
# fails: Kernel panic - not syncing: trouble was asked for
. /lib.sh
plan 1
ok "never comes back" insmod /broken/trouble.ko what=panic
done_testing
