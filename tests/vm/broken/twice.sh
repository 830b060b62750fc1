#!/bin/sh
# A warning that comes once more than announced.
# splat 1: WARNING: .*trouble_init
# fails: listed 1 times, seen 2
. /lib.sh
plan 2
fails "the warning was asked for" insmod /broken/trouble.ko what=warn
fails "and once more" insmod /broken/trouble.ko what=warn
done_testing
