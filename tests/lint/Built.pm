# Built.pm: helpers for the lints that read patcher's object files. They work on a tree: a directory
# with patcher/ in it, sources and objects; either a real build or one made up for a control.
package Built;
use strict;
use warnings;
use Cwd 'abs_path';
use Exporter 'import';
use File::Basename;
use File::Find;
use File::Path 'make_path';
use File::Temp 'tempdir';

our @EXPORT = qw(tree files unit text symbols made_up report);

# tree(KERNEL): the directory where this checkout is built for KERNEL (default: the first of
# $KERNELS, else 6.1). tests/kernels/build has copied the sources there, so that objects and
# sources always match. tests/check has built already; otherwise it is built now.
sub tree
{
	my $kernel = shift // (split ' ', $ENV{KERNELS} // '')[0] // '6.1';
	my $tests = dirname(dirname(abs_path(__FILE__)));
	my @command = $ENV{PATCHER_BUILT} ?
		('bash', '-c', '. "$0/host.sh"; build_dir "$1"', $tests, $kernel) :
		("$tests/kernels/build", $kernel);

	open(my $in, '-|', @command) or die "$command[0]: $!\n";
	chomp(my $tree = <$in> // '');
	close($in) && -e "$tree/.built" or die "there is no build for $kernel\n";
	return $tree;
}

# files(TREE): patcher's sources and headers, as paths that begin with patcher/.
sub files
{
	my ($tree) = @_;
	my @files;

	find({ no_chdir => 1, wanted => sub {
		push @files, substr($_, length("$tree/")) if /\.[chS]$/ && !/\.mod\.c$/;
	} }, "$tree/patcher");
	return sort @files;
}

# unit(FILE): X for both patcher/X.c and patcher/X.h.
sub unit
{
	return $_[0] =~ s{^patcher/(.*)\.\w+$}{$1}r;
}

sub text
{
	my ($file) = @_;

	open(my $in, '<', $file) or die "$file: $!\n";
	local $/;
	return <$in> // '';
}

# symbols(TREE, FILE): the symbols that nm lists for FILE's object, as [TYPE, NAME]; none if there
# is no object. nm is slow, so each object is read only once.
my %symbols;

sub symbols
{
	my ($tree, $file) = @_;

	return () unless $file =~ s/\.[cS]$/.o/ && -e "$tree/$file";
	return @{$symbols{"$tree/$file"} ||= nm("$tree/$file")};
}

sub nm
{
	my ($object) = @_;

	open(my $in, '-|', 'nm', $object) or die "nm: $!\n";
	my @symbols = map { /(\w) (\S+)$/ ? [ $1, $2 ] : () } <$in>;
	close($in) or die "nm fails for $object\n";
	return \@symbols;
}

# made_up(BASE, FILES): a new tree for a control: a copy of the tree BASE, unless that is '', with
# FILES (name => text) written into its patcher/ and compiled.
sub made_up
{
	my ($base, %text) = @_;
	my $tree = tempdir(CLEANUP => 1);

	!$base || system('cp', '-a', "$base/patcher", $tree) == 0 or die "$base cannot be copied\n";
	for my $file (map { "$tree/patcher/$_" } keys %text) {
		make_path(dirname($file));
		open(my $out, '>', $file) or die "$file: $!\n";
		print $out $text{substr($file, length("$tree/patcher/"))};
		close($out) or die "$file: $!\n";
	}
	for my $file (map { "$tree/patcher/$_" } grep { /\.c$/ } keys %text) {
		system('gcc', '-O2', "-I$tree/patcher", '-c', $file,
			'-o', $file =~ s/c$/o/r) == 0 or die "$file does not compile\n";
	}
	return $tree;
}

# report(TESTS): prints TAP. A test is [NAME, PASSED, LINES]; LINES are printed if it failed.
sub report
{
	my (@tests) = @_;
	my $number = 0;

	print '1..', scalar @tests, "\n";
	for (@tests) {
		my ($name, $passed, @found) = @$_;

		printf "%s %d - %s\n", $passed ? 'ok' : 'not ok', ++$number, $name;
		print map { "# | $_\n" } @found unless $passed;
	}
}

1;
