#!/bin/sh
# What a user sees on a terminal of 80 columns: no line is broken by it, colours for what matters, a
# question before a stub is used, and Ctrl-C; without colour in a pipe, or if NO_COLOR is set.
# modules: 9p 9pnet_virtio virtio_pci
# compiler: yes
# kernels: 6.1
# splat 1: BUG: kernel NULL pointer dereference
# timeout: 600
. /lib.sh
plan 26

ESC=$(printf '\033')

# multiplexer ARGUMENT...: tmux, that of the root that was mounted.
multiplexer()
{
	chroot /host env LC_ALL=C.UTF-8 TERM=xterm tmux -f /dev/null -S /run/tmux "$@"
}

# terminal COMMAND: runs it on a terminal of its own, which stays until end_terminal; it can have
# ended when that is there in /run/status.
terminal()
{
	rm -f /run/status
	multiplexer new-session -d -x 80 -y 200 \
		"cd /run/bin; PATH=/run/bin:\$PATH; $1; echo \$? >/run/new; mv /run/new /run/status; sleep 1000"
}

end_terminal()
{
	multiplexer kill-server
	wait_for 10 eval '! multiplexer list-sessions'
}

# types KEY...: at that terminal.
types()
{
	multiplexer send-keys "$@"
}

# seen REGEX: whether that is on the terminal now; all that is, with its colours, is $SAID.
seen()
{
	SAID=$(multiplexer capture-pane -p -e -J)
	echo "$SAID" | plain | grep -Eq -e "$1"
}

# plain: stdin without colours.
plain()
{
	sed "s/$ESC\\[[0-9;]*m//g"
}

# too_long: lines of more than 80 columns, which the terminal has broken.
too_long()
{
	echo "$SAID" | plain | grep -E '^.{81}'
}

ok "there is tmux" with_compiler
mkdir -p /run/bin /dev/pts
cp /sbin/patcher /patcher.ko /targets/t_chardev.ko /run/bin/
mount -t devpts devpts /dev/pts
mount --bind /dev/pts /host/dev/pts

insmod /targets/t_chardev.ko
fails "an exit dies" rmmod t_chardev
before=$(peek t_chardev)

ok "why on a terminal" terminal "patcher why --patcher patcher.ko t_chardev"
ok "it ends" wait_for 60 test -e /run/status
is "with 2" "$(cat /run/status)" 2
ok "it is there" wait_for 20 seen "^t_chardev cannot be unloaded: its exit died half way"
is "no line is broken" "$(too_long)" ""
like "the sentence is red" "$SAID" "$ESC\\[31m.*t_chardev cannot be unloaded"
like "what helps is bold" "$SAID" "$ESC\\[1m.*patcher rescue t_chardev"
end_terminal

ok "NO_COLOR" terminal "NO_COLOR=1 patcher why --patcher patcher.ko t_chardev"
ok "it is there" wait_for 60 seen "^t_chardev cannot be unloaded: its exit died half way"
unlike "without colour" "$SAID" "$ESC"
end_terminal

ok "in a pipe" terminal "patcher why --patcher patcher.ko t_chardev | cat"
ok "it is there" wait_for 60 seen "^t_chardev cannot be unloaded: its exit died half way"
unlike "without colour" "$SAID" "$ESC"
end_terminal

ok "rescue" terminal "patcher rescue --patcher patcher.ko t_chardev --file t_chardev.ko"
ok "it shows the stub, and asks" wait_for 300 seen "^Does this clean up what the module has done\? \[y/N\]"
like "that is the stub" "$(echo "$SAID" | plain)" "^static void t_chardev_cleanup\(void\)$"
types n Enter
ok "no: it ends" wait_for 60 test -e /run/status
is "with 1" "$(cat /run/status)" 1
ok "it says how the machine is" wait_for 20 seen "s  now: t_chardev is as it was found$"
is "so it is" "$(peek t_chardev)" "$before"
end_terminal

ok "rescue" terminal "patcher rescue --patcher patcher.ko t_chardev --file t_chardev.ko"
ok "it asks" wait_for 300 seen "^Does this clean up what the module has done\? \[y/N\]"
types C-c
ok "Ctrl-C: it says how the machine is" wait_for 60 seen "s  now: t_chardev is as it was found$"
is "so it is" "$(peek t_chardev)" "$before"
end_terminal
done_testing
