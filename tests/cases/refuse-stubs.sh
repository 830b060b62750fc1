#!/bin/sh
# Stubs that do not fit: not there, no stub, or a symbol that is missing, ambiguous, of
# another size or kind. Each error names the symbol. Control: a stub that fits.
. /lib.sh
plan 40

unused()
{
	[ "$(cat "/sys/module/$1/refcnt")" = 0 ]
}

ok "the target loads" insmod /targets/t_symbols.ko

refused "not loaded, and modprobe does not know it" "Package not installed" \
	'patcher: t_symbols: refused: stub nosuch is not loaded.*could not load it; insmod it first \(-ENOPKG\)' \
	target=t_symbols stub=nosuch

for stub in none empty missing ambiguous size notfunc rodata late percpu old release linked good; do
	insmod "/targets/t_stub_$stub.ko"
done
refused "dependents: a stub that links against the target" "Device or resource busy" \
	'patcher: t_symbols: refused: in use by t_stub_linked; a stub must not link.*PATCHER_SYMBOL.*\(-EBUSY\)' \
	target=t_symbols stub=t_stub_linked
rmmod t_stub_linked

refused "no descriptor" "Invalid parameters" \
	'patcher: t_symbols: refused: module t_stub_none is not a stub.*\(-EINVAL\)' \
	target=t_symbols stub=t_stub_none
refused "an empty descriptor" "Invalid parameters" \
	'patcher: t_symbols: refused: stub t_stub_empty: it has neither .cleanup nor .release \(-EINVAL\)' \
	target=t_symbols stub=t_stub_empty
refused "a missing symbol" "Unknown symbol in module" \
	'patcher: t_symbols: refused: it has no symbol t_symbols_nowhere .*\(-ENOENT\)' \
	target=t_symbols stub=t_stub_missing
refused "an ambiguous symbol" "Name not unique on network" \
	'patcher: t_symbols: refused: it has 2 symbols named t_symbols_twin.*\(-ENOTUNIQ\)' \
	target=t_symbols stub=t_stub_ambiguous
refused "a symbol of another size" "Invalid parameters" \
	'patcher: t_symbols: refused: symbol t_symbols_value has 4 bytes, the stub expects 8.*\(-EINVAL\)' \
	target=t_symbols stub=t_stub_size
refused "a variable as a function" "Invalid parameters" \
	'patcher: t_symbols: refused: symbol t_symbols_value is not a function.*\(-EINVAL\)' \
	target=t_symbols stub=t_stub_notfunc
refused "a variable in .rodata, to be written" "Invalid parameters" \
	'patcher: t_symbols: refused: symbol t_symbols_users is in read-only memory, and the stub.s pointer to it is not const.*\(-EINVAL\)' \
	target=t_symbols stub=t_stub_rodata
refused "a variable that is read-only after init, to be written" "Invalid parameters" \
	'patcher: t_symbols: refused: symbol t_symbols_late is in read-only memory.*\(-EINVAL\)' \
	target=t_symbols stub=t_stub_late
refused "a per-CPU variable" "Invalid parameters" \
	'patcher: t_symbols: refused: symbol t_symbols_percpu is not in its memory.*\(-EINVAL\)' \
	target=t_symbols stub=t_stub_percpu
refused "a stub of another version" "Invalid parameters" \
	'patcher: t_symbols: refused: stub t_stub_old: it was built for another version of patcher.*\(-EINVAL\)' \
	target=t_symbols stub=t_stub_old
for stub in none missing ambiguous size notfunc rodata late percpu old; do
	ok "t_stub_$stub was let go" unused "t_stub_$stub"
	ok "and unloads" rmmod "t_stub_$stub"
done

ok "a stub with .release only leaves a healthy target its own exit" \
	insmod /patcher.ko target=t_symbols stub=t_stub_release
ok "patcher goes" rmmod patcher

log_mark
ok "control: a stub that fits" insmod /patcher.ko target=t_symbols stub=t_stub_good
fails "it is pinned" rmmod t_stub_good
ok "rmmod works" rmmod t_symbols
like "its cleanup ran, with the variable" "$(log_since)" "t_stub_good: value=42"
like "what is read-only can be read" "$(log_since)" "t_stub_good: users=1 late=2"
like "and the function" "$(log_since)" "t_stub_good: twice=42"
ok "all of it goes at once" rmmod patcher t_stub_good t_stub_release
done_testing
