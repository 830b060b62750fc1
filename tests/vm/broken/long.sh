#!/bin/sh
# More tests than planned.
# fails: planned 1, ran 2
. /lib.sh
plan 1
ok "all is well" true
ok "one too many" true
done_testing
