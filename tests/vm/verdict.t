#!/usr/bin/perl
# What verdict takes for a report: lines of each kind, as kernels from 5.10 to 7.3
# print them, each of which has to fail a run that does not list it; and lines that
# are none, though they look like it.
use strict;
use warnings;
use File::Basename;
use File::Temp 'tempdir';

my $dir = tempdir(CLEANUP => 1);

sub put
{
	my ($name, @lines) = @_;

	open(my $out, '>', "$dir/$name") or die "$dir/$name: $!";
	print $out map { "$_\n" } @lines;
	close($out) or die "$dir/$name: $!";
}

# verdict(HEAD, LINES): whether a run passes that was whole but for these lines.
sub passes
{
	my ($head, @lines) = @_;

	put('case', '#!/bin/sh', $head);
	put('console', map({ "[    5.000000] $_" } @lines, 'harness: end of log'));
	return system(dirname($0) . "/verdict $dir/case $dir >$dir/verdict") == 0;
}

put('tap', '1..1', 'ok 1 - all is well', '# end of case');
put('status', 0);

my (@reports, @others);
my $into = \@reports;
while (<DATA>) {
	chomp;
	if (/^$/) {
		$into = \@others;
	} else {
		push @$into, $_;
	}
}

my @oops = ('BUG: kernel NULL pointer dereference, address: 0000000000000000',
	'Oops: 0002 [#1] PREEMPT SMP NOPTI', 'Call Trace:', '---[ end trace 0000000000000000 ]---');
my $listed = '# splat 1: BUG: kernel NULL';
my $panic = 'Kernel panic - not syncing: Fatal exception in interrupt';
my @leak = ('harness: kmemleak scans', 'kmemleak: 1 new suspected memory leaks (see)',
	'harness: unreferenced object (size 64) comm "insmod", < kmalloc_trace < do_init_module');
my $kept = 'patcher: xxx: not freed, but kept as xxx_kept: its name is free';
my $freed = 'patcher: xxx_kept: nothing points into it any more, freed';
my @tests = (
	map({ [ "is a report: $_", !passes('', $_) ] } @reports),
	map({ [ "is none: $_", passes('', $_) ] } @others),
	[ 'one listed oops is one report', passes($listed, @oops) ],
	[ 'a second one is one too many', !passes($listed, @oops, @oops) ],
	[ 'a trace after its end is another', !passes($listed, @oops, 'Call Trace:') ],
	[ 'another report within it is seen', !passes($listed, @oops[0 .. 2], 'WARNING: CPU: 0') ],
	[ 'a * takes any number', passes('# splat *: BUG: kernel NULL', @oops, @oops) ],
	[ 'but not none', !passes('# splat *: BUG: kernel NULL') ],
	[ 'a module that is kept is a report', !passes('', $kept) ],
	[ 'if it is freed later, it is none', passes('', $kept, $freed) ],
	[ 'another one that is not, is', !passes('', $kept, $freed, $kept) ],
	[ 'a leak that may be is none', passes('# leaks: < do_init_module', @leak) ],
	[ 'but another one is', !passes('# leaks: < patcher_arm', @leak) ],
	[ 'and so is any where none may be', !passes('', @leak) ],
	[ 'and one found before the end', !passes('# leaks: < do_init_module', @leak[1, 2]) ],
	[ 'a scan that finds none is none', passes('', $leak[0]) ],
	[ 'a panic that is listed is the end', passes("# splat *: $panic\n$listed", @oops, $panic) ],
	[ 'one that is not, fails', !passes($listed, @oops, $panic) ],
	[ 'so does one that does not come', !passes("# splat *: $panic\n$listed", @oops) ],
	[ 'a head that cannot be read fails', !passes('# splat: BUG', 'BUG: x') ],
);

print '1..', scalar @tests, "\n";
for my $number (1 .. @tests) {
	my ($name, $right) = @{$tests[$number - 1]};
	$name =~ s/#/\\#/g;
	print $right ? '' : 'not ', "ok $number - $name\n";
}

__DATA__
BUG: kernel NULL pointer dereference, address: 0000000000000000
BUG: unable to handle page fault for address: ffffffffc0000000
Unable to handle kernel paging request at virtual address dead000000000100
Oops: 0000 [#1] PREEMPT SMP NOPTI
Oops: Oops: 0000 [#1] SMP NOPTI
Oops: general protection fault, probably for non-canonical address 0xdead: 0000 [#1] SMP
general protection fault, probably for non-canonical address 0xdead: 0000 [#1] PREEMPT SMP
invalid opcode: 0000 [#1] PREEMPT SMP NOPTI
divide error: 0000 [#1] PREEMPT SMP
int3: 0000 [#1] SMP
kernel BUG at lib/list_debug.c:45!
Kernel panic - not syncing: Fatal exception
WARNING: CPU: 0 PID: 1 at kernel/module/main.c:900 module_put+0x20/0x30
WARNING: kernel/module/main.c:900 at module_put+0x20/0x30, CPU#1: rmmod/85
Call Trace:
BUG: KASAN: use-after-free in exit_to_user_mode+0x1/0x2
BUG: KFENCE: use-after-free read in f+0x1/0x2
UBSAN: array-index-out-of-bounds in f.c:1:1
kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)
unreferenced object 0xffff888004a3c000 (size 64):
BUG: sleeping function called from invalid context at kernel/locking/mutex.c:580
BUG: scheduling while atomic: rmmod/85/0x00000002
WARNING: possible circular locking dependency detected
WARNING: suspicious RCU usage
WARNING: inconsistent lock state
INFO: trying to register non-static key.
BUG: held lock freed!
WARNING: rmmod/85 still has locks held!
INFO: task rmmod:85 blocked for more than 120 seconds.
INFO: task rmmod:85 is blocked on a mutex likely owned by task insmod:80.
rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
rcu: INFO: rcu_preempt self-detected stall on CPU
watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [rmmod:85]
Watchdog detected hard LOCKUP on cpu 1
BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 31s!
list_del corruption. next->prev should be ffff, but was 0000
list_add corruption. prev->next should be next
refcount_t: underflow; use-after-free.
ODEBUG: free active (active state 0) object type: timer_list hint: tick+0x0/0x10
BUG kmalloc-64 (Tainted: G    B      O     ): Redzone overwritten
BUG: Bad page state in process rmmod  pfn:04a3c
kmem_cache_destroy xxx: Slab cache still has objects when called from f+0x1/0x2
sysfs: cannot create duplicate filename '/module/xxx'
kobject_add_internal failed for xxx with -EEXIST, don't try to register things with the same name
kobject: 'xxx' (0000000012345678): tried to init an initialized object, something is seriously wrong.
proc_dir_entry 'xxx/y' already registered
debugfs: Directory 'xxx' with parent '/' already present!
remove_proc_entry: removing non-empty directory 'xxx', leaking at least 'y'
insmod: page allocation failure: order:4, mode:0xcc0(GFP_KERNEL), nodemask=(null)
insmod: vmalloc error: size 217088, vm_struct allocation failed, mode:0xcc0(GFP_KERNEL), nodemask=(null)
unregister_netdevice: waiting for dummy0 to become free. Usage count = 2
Fixing recursive fault but reboot is needed!
DEBUG_LOCKS_WARN_ON(1)
stack segment: 0000 [#1] SMP

patcher: xxx: refused: 2 references leaked (-EBUSY)
xxx: loading out-of-tree module taints kernel.
xxx: module verification failed: signature and/or required key missing - tainting kernel
Disabling lock debugging due to kernel taint
Kernel command line: console=ttyS0 oops=panic panic_on_warn=1
note: rmmod[85] exited with irqs disabled
install: the installed stalls are installed
Modules linked in: xxx(O+) [last unloaded: trouble(O)]
clocksource: timekeeping watchdog on CPU1: Marking clocksource 'tsc' as unstable
hrtimer: interrupt took 5000000 ns
