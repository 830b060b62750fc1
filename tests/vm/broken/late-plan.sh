#!/bin/sh
# The plan is not the first thing said.
# fails: the plan does not come first
. /lib.sh
ok "all is well" true
plan 1
done_testing
