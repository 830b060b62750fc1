#!/bin/sh
# A case that hangs.
# timeout: 20
# fails: timed out
. /lib.sh
plan 1
ok "all is well" true
while :; do sleep 1; done
