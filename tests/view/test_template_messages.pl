#!/usr/bin/perl
# What tools/template-messages collects from templates and C.
use strict;
use warnings;
use File::Temp;
use Test::More;

my $tool = ($ENV{srcdir} // '.') . '/tools/template-messages';
my $dir  = File::Temp->newdir;

# Writes files (name, text, …), runs the tool on them in that order; returns its output without the header,
# its error and its status.
sub collect {
    my ($options, @files) = @_;
    my @names;
    while (my ($name, $text) = splice @files, 0, 2) {
        open my $out, '>', "$dir/$name" or die "$name: $!";
        print $out $text;
        close $out or die "$name: $!";
        push @names, $name;
    }
    my $path = $tool =~ m{^/} ? $tool : do { require Cwd; Cwd::getcwd() . "/$tool" };
    my $output = qx{cd "$dir" && "$^X" "$path" $options @names 2>err};
    my $status = $? >> 8;
    open my $in, '<', "$dir/err" or die $!;
    my $error = do { local $/; <$in> } // '';
    like($output, qr/\Amsgid ""\nmsgstr ""\n.*charset=UTF-8/s, 'a header comes first') if $status == 0;
    $output =~ s/\A.*?\n\n//s;
    return ($output, $error, $status);
}

sub collects {
    my ($name, $file, $text, $expected, $options) = @_;
    my ($output, $error) = collect($options // '', $file, $text);
    is($error,  '',        "$name: no error");
    is($output, $expected, $name);
}

collects('sentences of a template', 'a.mustache', <<'IN', <<'OUT');
<h1>{{#t}}Leads{{/t}}</h1>
{{! {{#t}} in a comment }}
<p>{{# t }}
   Hello {{name}},
   you have   {{n}} "new" leads\.
{{/ t }}</p>
{{#t}}Leads{{/t}} {{#t}} {{/t}}
IN
#: a.mustache:1 a.mustache:7
msgid "Leads"
msgstr ""

#: a.mustache:3
msgid "Hello {{name}}, you have   {{n}} \"new\" leads\\."
msgstr ""
OUT

collects('sentences in sentences', 'a.mustache', "{{#t}}Go to {{#t}}Leads{{/t}}{{/t}}\n", <<'OUT');
#: a.mustache:1
msgid "Leads"
msgstr ""

#: a.mustache:1
msgid "Go to {{#t}}Leads{{/t}}"
msgstr ""
OUT

collects('sentences of C', 'a.c', <<'IN', <<'OUT');
#define N_(text) text
#define _(text) messages_text(text)
/* _("in a comment") */ // _("in another")
const char *a = N_("Two "
                   "pieces\n");
const char *b = _("Quote \" and \\ and \t tab");
const char *c = "_(\"in a text\")", d = my_("not ours"), e = _(variable), f = '"';
puts(gettext("50 %s")); puts(_("né"));
messages_plural(past ? "x" : "y", "%ld z", n);
messages_plural("%ld day ago", "%ld days ago",
                (long)f(1, 2));
IN
#: a.c:4
msgid "Two pieces\n"
msgstr ""

#: a.c:6
msgid "Quote \" and \\ and \t tab"
msgstr ""

#: a.c:8
#, c-format
msgid "50 %s"
msgstr ""

#: a.c:8
msgid "né"
msgstr ""

#: a.c:10
#, c-format
msgid "%ld day ago"
msgid_plural "%ld days ago"
msgstr[0] ""
msgstr[1] ""
OUT

collects('other calls', 'a.h', <<'IN', <<'OUT', '--keyword=X:3 --keyword=Y:1,2');
#define ERR_TABLE(X)                   \
    X(OK, 200, "Done.")                \
    X(ERR_NOT_FOUND, 404, "Gone.")
Y("one", "many")
X("too few")
IN
#: a.h:2
msgid "Done."
msgstr ""

#: a.h:3
msgid "Gone."
msgstr ""

#: a.h:4
msgid "one"
msgid_plural "many"
msgstr[0] ""
msgstr[1] ""
OUT

my (undef, $error, $status) = collect('', 'a.mustache', "x\n{{#t}}open\n");
is($error, "a.mustache:2: {{#t}} is never closed\n", 'an open sentence is refused');
isnt($status, 0, 'and fails');
(undef, $error) = collect('', 'a.mustache', "{{/t}}\n");
is($error, "a.mustache:1: {{/t}} closes nothing\n", 'a close without an open, too');
(undef, $error, $status) = collect('--nonsense', 'a.c', '');
like($error, qr/^Usage: /, 'an unknown option is refused');
isnt($status, 0, 'and fails');

done_testing();
