#!/usr/bin/perl
# What tools/sqlgen makes of statements, and what it refuses.
use strict;
use warnings;
use File::Temp;
use Test::More;

my $sqlgen = ($ENV{srcdir} // '.') . '/tools/sqlgen';
my $dir    = File::Temp->newdir;

# Runs sqlgen on these texts, as a.sql, b.sql, …; returns its status, output and error.
sub generate {
    my @texts = @_;
    my @paths;
    my $letter = 'a';
    for my $text (@texts) {
        my $path = "$dir/" . $letter++ . '.sql';
        open my $out, '>', $path or die "$path: $!";
        print $out $text;
        close $out or die "$path: $!";
        push @paths, $path;
    }
    my $output = qx{"$^X" "$sqlgen" @paths 2>"$dir/err"};
    my $status = $? >> 8;
    open my $in, '<', "$dir/err" or die $!;
    my $error = do { local $/; <$in> } // '';
    return ($status, $output, $error);
}

sub makes {
    my ($text, $expected, $name) = @_;
    my ($status, $output, $error) = generate($text);
    $output =~ s{\A/\*.*?\*/\n}{};
    is($error, '', "$name: no error");
    is($output, $expected, $name);
}

sub refuses {
    my ($text, $place, $why) = @_;
    my ($status, undef, $error) = generate(ref $text ? @$text : $text);
    $error =~ s{\Q$dir\E/}{}g;
    isnt($status, 0, "status: $why");
    like($error, qr/^\Q$place\E: .*\Q$why\E/, $why);
}

makes('', '', 'nothing from nothing');
makes("-- only a comment\n\n/* and\nanother */\n", '', 'nothing from comments');

makes(<<'SQL', <<'C', 'a plain block');
-- name: lead_get one
-- doc: one lead
SELECT "a", 'it''s \n' FROM leads   -- a note
  /* a longer
     note */
 WHERE id = :id::uuid;

SQL
QUERY(lead_get, QUERY_ONE,
      "SELECT \"a\", 'it''s \\n' FROM leads\n"
      " WHERE id = :id::uuid"
      , NULL, 0)
C

makes(<<'SQL', <<'C', 'sorts and conditions');
-- name: lead_list many
-- sort: newest l.created_at desc timestamptz | name lower(l.name) asc
-- sort: value app.value(amount) || '' DESC numeric(14,2) | plain created_at asc double precision
SELECT {sort_key} FROM leads l
 WHERE stage = :stage        --?   stage
   AND {keyset} --? after_key
 ORDER BY {order}
SQL
QUERY(lead_list, QUERY_MANY,
      "SELECT {sort_key} FROM leads l\n"
      " WHERE stage = :stage --\? stage\n"
      "   AND {keyset} --\? after_key\n"
      " ORDER BY {order}"
      , SORTS({"newest", "l.created_at", true, "timestamptz", "l.id"},
          {"name", "lower(l.name)", false, "", "l.id"},
          {"value", "app.value(amount) || ''", true, "numeric(14,2)", "id"},
          {"plain", "created_at", false, "double precision", "id"}), 4)
C

makes("-- name: a none\nSELECT '\n  -- not a note \n\n', \$\$ :x -- nor this\n\$\$, \"\t?\"\n",
    <<'C', 'literals over several lines are kept as they are');
QUERY(a, QUERY_NONE,
      "SELECT '\n"
      "  -- not a note \n"
      "\n"
      "', $$ :x -- nor this\n"
      "$$, \"\t\?\""
      , NULL, 0)
C

makes("-- name: a one\nSELECT '\n-- name: b one\n'\n-- name: c one\nSELECT 2\n",
    <<'C', 'a directive within a literal is text');
QUERY(a, QUERY_ONE,
      "SELECT '\n"
      "-- name: b one\n"
      "'"
      , NULL, 0)
QUERY(c, QUERY_ONE,
      "SELECT 2"
      , NULL, 0)
C

refuses(["-- name: a one\nSELECT 1\n", "\n-- name: a one\nSELECT 1\n"],
    'b.sql:2', 'a is at a.sql:1 already');
refuses("-- name: a two\nSELECT 1\n",      'a.sql:1', 'rows "two" are not one, many or none');
refuses("-- name: a\nSELECT 1\n",          'a.sql:1', 'write: -- name: the_name one|many|none');
refuses("-- name: a one x\nSELECT 1\n",    'a.sql:1', 'write: -- name: the_name one|many|none');
refuses("-- name: leadGet one\nSELECT 1\n", 'a.sql:1', '"leadGet" is not a name');
refuses("-- name: 2nd one\nSELECT 1\n",    'a.sql:1', '"2nd" is not a name');
refuses("-- x\nSELECT 1\n-- name: a one\n", 'a.sql:2', 'belongs to no block');
refuses("-- sort: a a asc\n",              'a.sql:1', 'stands before the first "-- name:"');
refuses("-- name: a one\n",                'a.sql:1', 'a has no SQL');
refuses("-- name: a one\n-- name: b one\nSELECT 1\n", 'a.sql:1', 'a has no SQL');
refuses("-- name: a one\nSELECT 1\n-- sort: x y asc\n", 'a.sql:3', 'stands before the SQL');
refuses("-- name: a one\nSELECT 1;\nSELECT 2\n", 'a.sql:3', 'one statement');
refuses("-- name: a one\nSELECT 1; SELECT 2\n",  'a.sql:2', 'one statement');
refuses("-- name: a one\nSELECT \$1\n",    'a.sql:2', 'write :name');
refuses("-- name: a one\nSELECT :Id\n",    'a.sql:2', ':Id must be lower case');
refuses("-- name: a one\nSELECT {sort}\n", 'a.sql:2', '{sort} is not known');
refuses("-- name: a one\nSELECT 'x\n-- name: b one\n", 'a.sql:2', 'is not closed');
refuses("-- name: a one\nSELECT \$x\$ \$y\$\n", 'a.sql:2', 'is not closed');
refuses("-- name: a one\n\nSELECT 1 /* x\n", 'a.sql:3', 'is not closed');

refuses("-- name: a many\nSELECT 1\nORDER BY {order}\n", 'a.sql:1', 'has no sort');
refuses("-- name: a many\nSELECT 1 WHERE {keyset} --? after_key\n", 'a.sql:1', 'has no sort');
refuses("-- name: a many\n-- sort: x y asc\nSELECT 1\n", 'a.sql:1', 'uses neither');
refuses("-- name: a many\n-- sort: x y\nSELECT {order}\n", 'a.sql:2', 'is not: key expression');
refuses("-- name: a many\n-- sort: x y up\nSELECT {order}\n", 'a.sql:2', 'is not: key expression');
refuses("-- name: a many\n-- sort: X y asc\nSELECT {order}\n", 'a.sql:2', 'is not: key expression');
refuses("-- name: a many\n-- sort: x y asc | x z asc\nSELECT {order}\n", 'a.sql:2',
    'is there twice');
refuses("-- name: a many\n-- sort: x y asc, z desc\nSELECT {order}\n", 'a.sql:2', 'one expression');

refuses("-- name: a one\nSELECT 1\nWHERE x = :y --? z\n", 'a.sql:3', 'there is no :z on this line');
refuses("-- name: a one\nWHERE x = ':z' --? z\n", 'a.sql:2', 'there is no :z on this line');
refuses("-- name: a one\nWHERE x = :y --?\n",     'a.sql:2', 'needs the name of one parameter');
refuses("-- name: a one\nWHERE x = :y --? y z\n", 'a.sql:2', 'needs the name of one parameter');
refuses("-- name: a one\nWHERE x = :y -- ? y\n",  'a.sql:2', 'write the condition as "--? name"');
refuses("-- name: a one\nSELECT 'x\n' = :y --? y\n", 'a.sql:3', 'can\'t begin inside a literal');
refuses("-- name: a one\nSELECT 'x' = :y || ' --? y\n'\n-- name: b one\nSELECT {x\n", 'a.sql:5',
    '{x} is not known');

my $params = join ', ', map { ":p$_" } 0 .. 64;
refuses("-- name: a one\nSELECT $params\n", 'a.sql:1', 'more than 64 parameters');
my $conditions = join '', map { "AND :p$_ --? p$_\n" } 0 .. 32;
refuses("-- name: a one\n$conditions", 'a.sql:1', 'more than 32 conditions');
my $long = 'a' x 50;
refuses("-- name: $long many\n-- sort: abcdefghijk y asc\nSELECT {order}\n", 'a.sql:1',
    'needs 64 of 63 bytes');
my ($status) = generate("-- name: $long many\n-- sort: abcdefghij y asc\nSELECT {order}\n");
is($status, 0, 'the longest name is taken');

($status) = generate();
is($status, 0, 'no files, no statements');
like(qx{"$^X" "$sqlgen" "$dir/missing.sql" 2>&1}, qr/missing\.sql: No such file/, 'a missing file');

# ---- parts ----
{
    my ($status, $output, $error) = generate(
        "-- part: filters\n-- doc: of both\n AND b = :b --? b\n\n-- name: first many\nSELECT 1\n {filters}\n",
        "-- name: second many\nSELECT '\n{filters}\n'\n{filters}\n");
    is($error, '', 'a part: no error');
    my @lines = grep { /AND b/ } split /\n/, $output;
    is(scalar @lines, 2, 'a part stands in both files, and not where it is a text');
    like($output, qr/SELECT '\\n"\n *"\{filters\}/, 'a text stays as it is');
}
refuses("-- part: a\n AND b\n-- part: a\n AND c\n", 'a.sql:3', 'there is a part a already');
refuses("-- part: order\n", 'a.sql:1', 'is no name for a part');
refuses("-- name: a none\nSELECT 1\n{filters}\n", 'a.sql:3', 'is not known');

done_testing();
