#!/usr/bin/perl
# layers.t [KERNEL]: in patcher/, arrows go down only, and never in a circle.
#
# There is an arrow from a file to each file that it includes, and to each file whose functions
# or data it uses: nm lists them as undefined in the one's object and as defined in the other's,
# in a build for KERNEL. A callback is not an arrow. For circles, X.c and X.h count as one file.
use strict;
use warnings;
use File::Basename;
use lib dirname(__FILE__);
use Built;

my %rules = (
	# layer      its files        may use
	'way-in' =>  [ qr{^(main|options|sysfs)$},
		'way-in arm watch act look rescue request judge kernel log version' ],
	'arm' =>     [ qr{^(arm|clear|dry_run|disarm)$},
		'arm watch act look rescue request judge kernel log' ],
	'watch' =>   [ qr{^watch/},   'watch act look rescue judge kernel log' ],
	'act' =>     [ qr{^act/},     'act look rescue judge kernel log' ],
	'look' =>    [ qr{^look/},    'look rescue judge kernel log' ],
	'rescue' =>  [ qr{^rescue$},  'judge kernel log' ],
	'request' => [ qr{^request$}, '' ],
	'judge' =>   [ qr{^judge$},   '' ],
	'kernel' =>  [ qr{^kernel/},  'kernel log' ],
	'log' =>     [ qr{^log$},     '' ],
	'version' => [ qr{^version$}, '' ],
);

# A header whose structure embeds others' may include the headers that declare those.
my %embeds = ('patcher/rescue.h' => 'look act');

# layer(FILE): its layer, or undef.
sub layer
{
	my $unit = unit(@_);

	return (grep { $unit =~ $rules{$_}[0] } keys %rules)[0];
}

sub may_use
{
	my ($low, $high) = @_;

	return grep { $_ eq $high } split ' ', $rules{$low}[1];
}

# embeds(ARROW, HIGH): is it a header that includes a header of layer HIGH, and may it?
sub embeds
{
	my ($arrow, $high) = @_;
	my ($from, $to) = split / -> /, $arrow;

	return $to =~ /\.h$/ && grep { $_ eq $high } split ' ', $embeds{$from} // '';
}

# plain(PATH): the same path without . and .. in it.
sub plain
{
	my ($path) = @_;

	1 while $path =~ s{(^|/)(\./|(?!\.\.)[^/]+/\.\./)}{$1};
	return $path;
}

# includes(TREE, FILE): arrows for the #include lines in FILE, as [FROM, TO, WHY]. TO is '' if there
# is no such file, but <...> is then a header of the kernel's.
sub includes
{
	my ($tree, $file) = @_;
	my @arrows;

	for (text("$tree/$file") =~ /^\s*#\s*include\s*(["<][^">]+)/mg) {
		my ($quote, $name) = /(.)(.*)/;
		my @beside = $quote eq '"' ? plain(dirname($file) . "/$name") : ();
		my ($to) = grep { -e "$tree/$_" } @beside, plain("patcher/$name");

		push @arrows, [ $file, $to // '', "#include $name" ] if $to || $quote eq '"';
	}
	return @arrows;
}

# uses(TREE, FILES): arrows for the symbols that an object needs from another one.
sub uses
{
	my ($tree, @files) = @_;
	my (%lacks, %defines);

	for my $file (@files) {
		for (symbols($tree, $file)) {
			my ($type, $name) = @$_;

			$lacks{$file}{$name} = 1 if $type =~ /[Uvw]/;
			$defines{$name} = $file if $type =~ /[A-TV-Z]/;
		}
	}
	return map { my $file = $_;
		map { [ $file, $defines{$_}, $_ ] } grep { $defines{$_} } sort keys %{$lacks{$file}}
	} sort keys %lacks;
}

# circle(UNIT, ARROWS): the shortest way from UNIT back to UNIT, if there is one. ARROWS is a hash of
# hashes: {FROM}{TO}, both units.
sub circle
{
	my ($start, $arrows) = @_;
	my @ways = [ $start ];
	my %seen;

	while (my $way = shift @ways) {
		for my $next (sort keys %{$arrows->{$way->[-1]}}) {
			return (@$way, $start) if $next eq $start;
			push @ways, [ @$way, $next ] unless $seen{$next}++;
		}
	}
	return ();
}

# circles(ARROWS): a line for each circle; each unit that is in one is in a line.
sub circles
{
	my ($arrows) = @_;
	my (@found, %told);

	for my $unit (sort keys %$arrows) {
		my @way = $told{$unit} ? () : circle($unit, $arrows);

		next unless @way;
		$told{$_} = 1 for @way;
		push @found, 'a circle: ' . join(', ', map {
			sprintf '%s -> %s (%s)', @{$arrows->{$way[$_ - 1]}{$way[$_]}} } 1 .. $#way);
	}
	return @found;
}

# complaints(TREE): a line for everything that is wrong in it.
sub complaints
{
	my ($tree) = @_;
	my @files = files($tree);
	my (@found, %why, %arrows);

	for (@files) {
		push @found, "$_: in no layer" unless layer($_);
		# What is for another architecture is not built.
		push @found, "$_: no object of it in the build"
			unless /\.h$/ || m{^patcher/kernel/arch/} || symbols($tree, $_);
	}
	for (map({ includes($tree, $_) } @files), uses($tree, @files)) {
		my ($from, $to, $why) = @$_;

		push @found, "$from: $why: no such file" unless $to;
		next unless $to =~ m{^patcher/} && unit($from) ne unit($to);
		push @{$why{"$from -> $to"}}, $why;
		$arrows{unit($from)}{unit($to)} ||= $_;
	}
	for my $arrow (sort keys %why) {
		my ($low, $high) = map { layer($_) } split / -> /, $arrow;

		push @found, "$arrow (" . join(', ', @{$why{$arrow}}) . "): $low may not use $high"
			unless !$low || !$high || may_use($low, $high) || embeds($arrow, $high);
	}
	return (@found, circles(\%arrows));
}

# Controls. This tree is in order; each control changes or adds some files.
my $clean = made_up('',
	'main.c' => "#include \"arm.h\"\nint main_init(void) { return arm_target(); }\n",
	'arm.h' => "int arm_target(void);\n",
	'arm.c' => "#include \"act/evict.h\"\n#include \"arm.h\"\n" .
		"int arm_target(void) { return act_evict(); }\n",
	'act/evict.h' => "#include \"rescue.h\"\nint act_evict(void);\n",
	'act/evict.c' => "#include \"evict.h\"\n#include \"../look/waits.h\"\n" .
		"int act_evict(void) { return look_waits(0); }\n",
	'look/waits.h' => "int look_waits(int (*tell)(void));\n",
	'look/waits.c' => "#include <log.h>\n#include <stdlib.h>\n#include \"look/waits.h\"\n" .
		"int look_openers(void);\n" .
		"int look_waits(int (*tell)(void)) { return tell ? tell() : look_openers(); }\n",
	'look/openers.c' => "int look_openers(void) { return 1; }\n",
	'judge.c' => "int judge_it(void) { return 1; }\n",
	'rescue.h' => "struct rescue;\n",
	'log.h' => "\n",
);

# control(NAME, CHANGES, WANTED): whether just WANTED is complained of, after CHANGES.
sub control
{
	my ($name, $changes, @wanted) = @_;
	my @found = complaints(made_up($clean, %$changes));

	return [ "control: $name", "@found" eq "@wanted", @found ];
}

my $unbuilt = made_up($clean);
unlink("$unbuilt/patcher/judge.o") or die "judge.o: $!\n";

my $tree = tree(@ARGV);
my @files = files($tree);
my ($includes, $uses) = map { scalar grep { $_->[1] =~ /^patcher/ } @$_ }
	[ map { includes($tree, $_) } @files ], [ uses($tree, @files) ];
my @found = complaints($tree);

report(
	[ 'arrows go down, and not in a circle', !@found, @found ],
	[ 'it has read ' . @files . " files, $includes #includes and $uses uses",
		@files > 30 && $includes > 60 && $uses > 60 ],
	control('a tree in order', {}),
	control('up by #include', { 'look/stub.h' => "#include \"act/evict.h\"\n" },
		'patcher/look/stub.h -> patcher/act/evict.h (#include act/evict.h): look may not use act'),
	control('up by a call', { 'look/openers.c' => "int act_evict(void);\n" .
			"int look_openers(void) { return 1; }\nint look_more(void) { return act_evict(); }\n" },
		'patcher/look/openers.c -> patcher/act/evict.c (act_evict): look may not use act',
		'a circle: patcher/act/evict.c -> patcher/look/waits.h (#include ../look/waits.h), ' .
		'patcher/look/waits.c -> patcher/look/openers.c (look_openers), ' .
		'patcher/look/openers.c -> patcher/act/evict.c (act_evict)'),
	control('judge uses something',
		{ 'judge.c' => "#include \"log.h\"\nint judge_it(void) { return 1; }\n" },
		'patcher/judge.c -> patcher/log.h (#include log.h): judge may not use log'),
	control('a circle of calls', { 'look/openers.c' => "int look_waits(int (*tell)(void));\n" .
			"int look_openers(void) { return look_waits(0); }\n" },
		'a circle: patcher/look/openers.c -> patcher/look/waits.c (look_waits), ' .
		'patcher/look/waits.c -> patcher/look/openers.c (look_openers)'),
	control('a circle of #includes',
		{ 'kernel/a.h' => "#include \"b.h\"\n", 'kernel/b.h' => "#include \"a.h\"\n" },
		'a circle: patcher/kernel/a.h -> patcher/kernel/b.h (#include b.h), ' .
		'patcher/kernel/b.h -> patcher/kernel/a.h (#include a.h)'),
	control('in no layer', { 'more.h' => '' }, 'patcher/more.h: in no layer'),
	control('not to be found', { 'rescue.h' => "#if 0\n#include \"gone.h\"\n#endif\n" },
		'patcher/rescue.h: #include gone.h: no such file'),
	[ 'control: not built',
		join('', complaints($unbuilt)) eq 'patcher/judge.c: no object of it in the build' ],
);
