#!/bin/sh
# Nothing is wrong here: one announced BUG(), all of whose lines belong to it.
# splat 1: kernel BUG at .*trouble
. /lib.sh
plan 1
fails "insmod dies" insmod /broken/trouble.ko what=bug
done_testing
