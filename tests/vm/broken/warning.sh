#!/bin/sh
# A warning that no line announces.
# fails: not listed: .*WARNING: 
. /lib.sh
plan 1
fails "the warning was asked for" insmod /broken/trouble.ko what=warn
done_testing
