#!/bin/sh
# An oops beside an announced warning.
# splat 1: WARNING: .*trouble_init
# fails: not listed: .*BUG: kernel NULL pointer dereference
. /lib.sh
plan 2
fails "the warning was asked for" insmod /broken/trouble.ko what=warn
fails "the oops was asked for" insmod /broken/trouble.ko what=oops
done_testing
