#!/bin/sh
# A test fails.
# fails: not ok 1 - two is three
. /lib.sh
plan 1
is "two is three" 2 3
done_testing
