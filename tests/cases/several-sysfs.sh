#!/bin/sh
# /sys/kernel/patcher: what it shows, that a line written to arm does what the parameters do,
# each way to refuse one, and that it is root's alone.
. /lib.sh
. /several.sh
plan 51

invalid="Invalid argument"
busy="Device or resource busy"
long=$(head -c 250 /dev/zero | tr '\0' x)
# So that nobody can be anything at all here.
echo "nobody:x:65534:65534::/:/bin/sh" >/etc/passwd
chmod 755 /

# not_root COMMAND: as nobody.
not_root()
{
	start-stop-daemon -S -c 65534 -n nonesuch -a /bin/sh -- -c "$1"
}

ok "patcher loads idle" insmod /patcher.ko
is "nothing is armed" "$(ls /sys/kernel/patcher)" arm
is "arm is root's, and write only" "$(stat -c '%a %u' /sys/kernel/patcher/arm)" "200 0"
is "it counts as used by nobody" "$(state_of patcher)" "live 0"

insmod /targets/t_symbols.ko
for stub in none missing ambiguous size; do
	insmod "/targets/t_stub_$stub.ko"
done
insmod /targets/t_leak.ko leak=2
insmod /targets/t_exitoops.ko
insmod /targets/t_noexit.ko
insmod /targets/t_provider.ko
insmod /targets/t_user.ko
insmod /stubs/stub_noop.ko

grammar='write TARGET \[STUB\] \[force\] \[quarantine\] \[dry_run\] \[leaked=N\] \[timeout_ms=N\] \(-EINVAL\)'
arm_refused "empty" "$invalid" "patcher: refused: the line is empty; $grammar" "" t_leak
arm_refused "blanks" "$invalid" "patcher: refused: the line is empty; $grammar" "   " t_leak
arm_refused "too long" "$invalid" "patcher: refused: the line is too long; $grammar" "t_leak $long" t_leak
arm_refused "a name that is too long, logged cut" "$invalid" \
	'patcher: "x{64}": refused: .*longer than any module' "$long" t_leak
arm_refused "a control character" "$invalid" \
	"patcher: refused: the line has a byte that is not a printable character; $grammar" \
	"t_leak$(printf '\t')force" t_leak
arm_refused "two lines" "$invalid" "patcher: refused: the line has a byte that is not" \
	"$(printf 't_leak\nforce')" t_leak
log_mark
fails "a NUL" sh -c "printf 't_leak\\0' >/sys/kernel/patcher/arm"
like "the log says so" "$(log_since)" "patcher: refused: the line has a byte that is not"
arm_refused "an unknown word" "$invalid" \
	"patcher: refused: word 3 of the line is not known; $grammar" "t_leak stub_noop now" t_leak
arm_refused "a value where there is none" "$invalid" \
	"patcher: refused: word 2 of the line is not known; $grammar" "t_leak force=1" t_leak
arm_refused "a word twice" "$invalid" \
	"patcher: refused: word 4 of the line is there twice; $grammar" \
	"t_leak force timeout_ms=1 force" t_leak
arm_refused "a path" "$invalid" 'patcher: "\.\./x": refused: .*\(-EINVAL\)' ../x t_leak
arm_refused "a format" "$invalid" 'patcher: "%s%n": refused: .*\(-EINVAL\)' %s%n t_leak
arm_refused "no number" "$invalid" 'patcher: t_leak: refused: timeout_ms="soon" is no number' \
	"t_leak timeout_ms=soon" t_leak
arm_refused "patcher itself" "$invalid" 'patcher: patcher: refused: .*itself.*\(-EINVAL\)' \
	patcher patcher
arm_refused "EINVAL: built in" "$invalid" 'patcher: printk: refused: it is built into' printk t_leak
arm_refused "ENODEV" "No such device" 'patcher: nosuch: refused: it is not loaded.*\(-ENODEV\)' \
	nosuch t_leak
arm_refused "ENOPKG" "Package not installed" 'patcher: t_leak: refused: stub nosuch .*\(-ENOPKG\)' \
	"t_leak nosuch" t_leak
arm_refused "EINVAL: no stub" "$invalid" 'patcher: t_symbols: refused: module t_stub_none is not' \
	"t_symbols t_stub_none" t_symbols
arm_refused "ENOENT" "No such file or directory" \
	'patcher: t_symbols: refused: it has no symbol .*\(-ENOENT\)' "t_symbols t_stub_missing" t_symbols
arm_refused "ENOTUNIQ" "Name not unique on network" \
	'patcher: t_symbols: refused: it has 2 symbols .*\(-ENOTUNIQ\)' "t_symbols t_stub_ambiguous" t_symbols
arm_refused "EOPNOTSUPP" "Operation not supported" \
	'patcher: t_noexit: refused: it has no exit.*\(-EOPNOTSUPP\)' t_noexit t_noexit
arm_refused "EBUSY" "$busy" 'patcher: t_provider: refused: in use by t_user; .*\(-EBUSY\)' \
	"t_provider force" t_provider
is "nothing is armed" "$(ls /sys/kernel/patcher)" arm
fails "nothing of it counts as a forced unload" taint_forced_rmmod

# Armed, and shown.
ok "without a stub" arm t_leak
ok "with a stub, which has dashes" arm "t-exitoops stub-noop timeout_ms=100"
ok "with all words, and blanks" arm "  t_noexit  stub_noop timeout_ms=0x10 quarantine  force "
is "each has a directory" "$(rescues)" "t_exitoops t_leak t_noexit"
is "leaked" "$(shown t_leak)" "(none) (none) 4 (references leaked) armed"
is "by ftrace" "$(shown t_exitoops)" \
	"stub_noop ftrace 5a (exit to be replaced before it runs) armed"
is "by slot" "$(shown t_noexit)" "stub_noop slot 3 (it has no exit) armed"
arm_refused "EBUSY: once more" "$busy" \
	'patcher: t_leak: refused: there is a rescue of it already.*/sys/kernel/patcher/t_leak/disarm' \
	t_leak t_leak
is "all is root's" "$(stat -c '%n %a %u' /sys/kernel/patcher/t_leak/*)" "$(printf '%s\n' \
	"/sys/kernel/patcher/t_leak/disarm 200 0" "/sys/kernel/patcher/t_leak/method 400 0" "/sys/kernel/patcher/t_leak/situation 400 0" \
	"/sys/kernel/patcher/t_leak/status 400 0" "/sys/kernel/patcher/t_leak/stub 400 0")"

# Not root.
before=$(everything t_leak)$(rescues)
is "nobody is not root" "$(not_root "id -u")" 65534
fails "not root: arm" not_root "echo t_symbols >/sys/kernel/patcher/arm"
fails "not root: disarm" not_root "echo 1 >/sys/kernel/patcher/t_leak/disarm"
fails "not root: read" not_root "cat /sys/kernel/patcher/t_leak/status"
exec 4>/sys/kernel/patcher/arm 5>/sys/kernel/patcher/t_leak/disarm
like "not root: arm, opened by root" "$(not_root "echo t_symbols >&4" 2>&1)" "Operation not permitted"
like "not root: disarm, opened by root" "$(not_root "echo 1 >&5" 2>&1)" "Operation not permitted"
exec 4>&- 5>&-
is "nothing has changed" "$(everything t_leak)$(rescues)" "$before"
fails "not root: a parameter, and nobody can change one" \
	sh -c "echo 1 >/sys/module/patcher/parameters/force"

# The name that is taken.
renamed /targets/t_leak.ko arm
insmod /run/arm.ko leak=1
ok "a target named arm" arm arm
is "has a directory" "$(cat /sys/kernel/patcher/arm-/status)" armed
ok "rmmod works for all" rmmod t_leak t_exitoops t_noexit arm
is "nothing is armed" "$(ls /sys/kernel/patcher)" arm
ok "all of it goes" rmmod patcher stub_noop
done_testing
