#!/usr/bin/perl
# Each link of the documents to something in this tree leads to a file, and to a heading of it if
# it names one; and docs/README.md has all documents.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Basename;
use File::Temp 'tempdir';

chdir(dirname(abs_path($0)) . '/../..') or die "links.t: $!\n";

# text(FILE): without what is quoted, where brackets are no links.
sub text
{
	my ($file) = @_;

	open(my $in, '<', $file) or die "$file: $!\n";
	my $text = do { local $/; <$in> };
	$text =~ s/^```.*?^```$//msg;
	$text =~ s/^(    |\t).*$//mg;
	return $text;
}

# links(FILE): what it links to in this tree, as it is written there.
sub links
{
	my $text = text(@_);

	$text =~ s/`[^`]*`//g;
	return grep { !/^\w+:/ } $text =~ /\]\(([^()\s]+)\)/g;
}

# place(LINK, FILE): the path that it leads to, from the top of the tree.
sub place
{
	my ($link, $file) = @_;
	my ($path) = $link =~ /^([^#]*)/;

	return $file if $path eq '';
	$path = dirname($file) . "/$path";
	1 while $path =~ s{(^|/)\./}{$1} || $path =~ s{(?!\.\.)[^/]+/\.\./}{};
	return $path;
}

# headings(FILE): as a link names them, which is how the usual forges do it.
sub headings
{
	my $text = text(@_);

	return map {
		my $name = lc;
		$name =~ s/[^\w\- ]//g;
		$name =~ tr/ /-/;
		$name
	} $text =~ /^#+ (.*)$/mg;
}

# broken(FILE...): the links in them that lead nowhere.
sub broken
{
	my @broken;

	for my $file (@_) {
		for my $link (links($file)) {
			my $path = place($link, $file);
			my ($heading) = $link =~ /#(.*)/;

			push @broken, "$file: $link" if !-e $path ||
				(defined $heading && !grep { $_ eq $heading } headings($path));
		}
	}
	return @broken;
}

# unlisted(INDEX, FILE...): the files that INDEX does not link to.
sub unlisted
{
	my ($index, @files) = @_;
	my %linked = map { place($_, $index) => 1 } links($index);

	return grep { $_ ne $index && !$linked{$_} } @files;
}

my $number = 0;

# same(NAME, FOUND, WANTED): passes if both lists are the same.
sub same
{
	my ($name, $found, $wanted) = @_;
	my $good = "@$found" eq "@$wanted";

	$number++;
	print $good ? '' : 'not ', "ok $number - $name\n";
	print "# $_\n" for $good ? () : @$found;
}

my @documents = sort glob('*.md docs/*.md docs/*/*.md');
my $count = map { links($_) } @documents;

print "1..5\n";
same("$count links in " . @documents . ' documents lead somewhere', [ broken(@documents) ], []);
same('docs/README.md has all of docs/', [ unlisted('docs/README.md', glob('docs/*.md docs/*/*.md')) ], []);
same('there are some', [ $count > 50 && @documents > 10 ? 'yes' : "$count, " . @documents ], [ 'yes' ]);

# Controls.
my $dir = tempdir(CLEANUP => 1);

chdir($dir) or die "$dir: $!\n";
mkdir('docs') or die "docs: $!\n";
open(my $out, '>', 'docs/made-up.md') or die "made-up.md: $!\n";
print $out <<'END';
# What it *is*, and `why`

[there](made-up.md) [above](#what-it-is-and-why) [out](https://example.org/none) `[code](none)`
[up](../docs/made-up.md#what-it-is-and-why)

    [quoted](none)

[no file](none.md), [no heading](#none) and
[no heading there](made-up.md#none), ![no picture](none/none.svg)
END
close($out) or die "made-up.md: $!\n";
same('control: those that lead nowhere are found', [ broken('docs/made-up.md') ],
	[ map { "docs/made-up.md: $_" } 'none.md', '#none', 'made-up.md#none', 'none/none.svg' ]);
same('control: so is a document that is not in the index',
	[ unlisted('docs/made-up.md', 'docs/made-up.md', 'docs/other.md') ], [ 'docs/other.md' ]);
