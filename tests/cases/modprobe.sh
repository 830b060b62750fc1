#!/bin/sh
# A stub that is not loaded is asked of modprobe, once, and then used.
. /lib.sh
plan 9

# The kernel's modprobe, with a list of what it was called for.
cat >/run/modprobe <<'END'
#!/bin/sh
for name; do :; done
echo "$name" >>/run/asked
exec /sbin/modprobe "$@"
END
chmod +x /run/modprobe
echo /run/modprobe >/proc/sys/kernel/modprobe

insmod /targets/t_noexit.ko
refused "one that modprobe does not know" "Package not installed" \
	"patcher: t_noexit: refused: stub nosuch is not loaded, and modprobe does not know it" \
	target=t_noexit stub=nosuch
is "it was asked once" "$(cat /run/asked)" nosuch
rm /run/asked

fails "another is not loaded" loaded stub_noop
ok "armed all the same" insmod /patcher.ko target=t_noexit stub=stub-noop
is "modprobe was asked once, by the module's name" "$(cat /run/asked)" stub_noop
is "has loaded it, and it is pinned" "$(state_of stub_noop)" "live 1"
ok "rmmod works" rmmod t_noexit
is "it is let go" "$(state_of stub_noop)" "live 0"
ok "all of it goes" rmmod patcher stub_noop
done_testing
