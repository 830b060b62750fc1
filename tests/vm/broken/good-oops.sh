#!/bin/sh
# Nothing is wrong here: one announced oops, all of whose lines belong to it.
# splat 1: BUG: kernel NULL pointer dereference
. /lib.sh
plan 1
fails "insmod dies" insmod /broken/trouble.ko what=oops
done_testing
