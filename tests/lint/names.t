#!/usr/bin/perl
# names.t [KERNEL]: an oops names only functions, so the name of a function in patcher.ko has to say
# where that is: it is used in one file only, and has at least two words.
#
# Functions are taken from nm, in a build for KERNEL, and from the text as well: the compiler
# inlines half of them, and which ones differs from kernel to kernel.
use strict;
use warnings;
use File::Basename;
use lib dirname(__FILE__);
use Built;

# built(TREE, FILE): the functions in FILE's object. The compiler's names for parts and copies of a
# function (x.cold, x.isra.0) count as x; __pfx_x is padding before it.
sub built
{
	return map { my ($type, $name) = @$_;
		$type =~ /[tTW]/ && $name !~ /^__(pfx|cfi)_/ ? $name =~ s/\..*//r : () } symbols(@_);
}

# written(TREE, FILE): the functions that FILE's text defines, if written in the kernel's style: the
# return type in the first column, the opening brace on its own line.
sub written
{
	my ($tree, $file) = @_;
	my $text = text("$tree/$file");

	$text =~ s{/\*.*?\*/}{}gs;
	return grep { !/^__/ } $text =~ /^(?=[a-z_])[^;{}#]*?\b(\w+)\([^;{}]*\)\n\{/mg;
}

# functions(TREE): each function with its files, as text. X.c and X.h count as one file, because a
# header may define an empty function for when X.c is not built. What is for another
# architecture has no object, and is left out.
sub functions
{
	my ($tree) = @_;
	my %files;

	for my $file (files($tree)) {
		my $other = $file =~ m{^patcher/kernel/arch/} && !symbols($tree, $file);

		$files{$_}{unit($file)} = $file
			for built($tree, $file), $other ? () : written($tree, $file);
	}
	return map { ($_ => join(', ', sort values %{$files{$_}})) } keys %files;
}

sub same
{
	my (%files) = @_;

	return map { "$_: $files{$_}" } grep { $files{$_} =~ /,/ } sort keys %files;
}

sub one_word
{
	my (%files) = @_;

	return map { "$_: $files{$_}" } grep { !/[a-z0-9]_[a-z0-9]/i } sort keys %files;
}

# Controls. A function made by a macro is only in the object, an inlined one only in the text.
my $macro = "#define MAKE(name) static __attribute__((noinline, used)) int name(void) { return 1; }\n";
my $inlined = "static inline int look_again(int i)\n{\n\treturn i;\n}\n";
my $copy = $macro . "static int look_here(void) __asm__(\"look_here.isra.0\");\nMAKE(look_here)\n";

# control(NAME, FILES, WANTED): whether just WANTED is found in FILES.
sub control
{
	my ($name, $files, @wanted) = @_;
	my %functions = functions(made_up('', %$files));
	my @found = (same(%functions), one_word(%functions));

	return [ "control: $name", keys %functions && "@found" eq "@wanted", @found ];
}

my %functions = functions(tree(@ARGV));
my @same = same(%functions);
my @one_word = one_word(%functions);

report(
	[ 'each is in one file only', !@same, @same ],
	[ 'each has at least two words', !@one_word, @one_word ],
	[ 'it has read ' . keys(%functions) . ' functions', keys(%functions) > 200 ],
	control('nothing wrong',
		{ 'a.c' => "${copy}MAKE(look_at_a)\n", 'b.c' => "${macro}MAKE(look_at_b)\n" }),
	control('two of a name, in the objects',
		{ 'a.c' => "${macro}MAKE(look_again)\n", 'act/b.c' => "${macro}MAKE(look_again)\n" },
		'look_again: patcher/a.c, patcher/act/b.c'),
	control('two of a name, inlined', { 'a.c' => $inlined, 'act/b.c' => $inlined },
		'look_again: patcher/a.c, patcher/act/b.c'),
	control('two of a name, one a copy', { 'a.c' => $copy, 'b.c' => "${macro}MAKE(look_here)\n" },
		'look_here: patcher/a.c, patcher/b.c'),
	control('one word',
		{ 'a.c' => "${macro}MAKE(look)\nMAKE(look_at)\n", 'b.c' => "int\n_hit(void)\n{\n\treturn 1;\n}\n" },
		'_hit: patcher/b.c', 'look: patcher/a.c'),
);
