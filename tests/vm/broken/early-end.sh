#!/bin/sh
# The guest goes away in the middle.
# fails: ended before the end of the case
. /lib.sh
plan 2
ok "all is well" true
reboot -f
ok "never reached" true
done_testing
