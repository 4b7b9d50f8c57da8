#!/usr/bin/perl
# Every topic that the database speaks of (app.live()) or that a template listens to stands in src/jobs/live_rules.c, which
# says who may hear of it: what doesn't is heard by nobody.
use strict;
use warnings;
use File::Find;
use Test::More;

chdir($ENV{srcdir} // '.') or die $!;

sub text_of {
    my ($file) = @_;
    open my $in, '<', $file or die "$file: $!";
    return do { local $/; <$in> };
}

my %known = map { $_ => 1 } text_of('src/jobs/live_rules.c') =~ /^\s*\{"([a-z_-]+)",\s*"[a-z:]*"\},/mg;
$known{$_} = 1 for text_of('src/jobs/live_rules.h') =~ /#define LIVE_(?:SIGN_OUT|REFRESH)\s+"([a-z-]+)"/g;
cmp_ok(scalar keys %known, '>', 5, 'the table was found');

my %said;
find({ no_chdir => 1, wanted => sub {
    return unless /\.sql$/;
    my $text = text_of($_);
    $text =~ s/--.*//g;
    while ($text =~ /app\.live\((?!p_scope)[^;]*?,\s*'([^']+)'/g) { $said{$1}{$_} = 1 }
} }, 'sql');
ok($said{leads} && $said{'sign-out'}, 'what the database says was found');
ok($known{$_}, "\"$_\", of which " . join(', ', sort keys %{ $said{$_} }) . ' speaks') for sort keys %said;

my %heard;
find({ no_chdir => 1, wanted => sub {
    return unless /\.mustache$/;
    my $text = text_of($_);
    for my $topics ($text =~ /\bdata-live="([^"{]+)"/g, $text =~ /\{\{\$[a-z-]+-live\}\}([a-z_ -]+)\{\{\//g) {
        $heard{$_} = 1 for split ' ', $topics;
    }
} }, 'templates');
ok($heard{leads}, 'what templates listen to was found');
ok($known{$_}, "\"$_\", to which a template listens") for sort keys %heard;
done_testing();
