# qwacmectl by people in a hurry, and by those who mean it no good: what is given twice,
# is no text, is too much, or names nobody; and what it prints. On a bed of its own.
use strict; use warnings FATAL => 'all';
use QW; use QW::Bed; use Test::More;

my $home = QW::Bed->new('command', 18000);
$home->start;
my $ext = QW->new_external('command.test');
my $c = QW->registered(external => $ext);
$c->issue('www.command.test');
my $id = $c->{kid} =~ s{.*/}{}r;

# What it says to people: its end, and all of its words.
sub says {
    my @words = map { s/'/'\\''/gr } split(' ', $ENV{QW_CTL_ENV} || ''), $ENV{QW_CTL}, '--config', "$home->{dir}/qwacme.conf", @_;
    my $text = `@{[ join ' ', map { "'$_'" } @words ]} 2>&1`;
    return ($? >> 8, $text);
}
sub refused {
    my ($pattern, $name, @args) = @_;
    my ($exit, $text) = says(@args);
    cmp_ok($exit, '>', 0, $name) or diag $text;
    like($text, $pattern, "$name: it says why");
    cmp_ok(length $text, '<', 1500, "$name: in few words");
}
sub quiet { unlike($_[0], qr/[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80\xae/, $_[1]) }
sub count { $home->value("SELECT count(*) FROM $_[0]") }

# ---- what is given twice -----------------------------------------------------------------
my $events = count('qw_event');
refused(qr/--account is given twice: '\Q$ext\E' and 'exemple'/, 'two accounts of which one would be forgotten', qw(certificate bulk-revoke --account), $ext, '--account', 'exemple');
refused(qr/--reason is given twice/, 'two reasons', qw(account suspend), $ext, '--reason', 'a', '--reason=b');
refused(qr/--authority is given twice/, 'two authorities', qw(--authority test account show), $ext, qw(--authority other));
is((says(qw(account show), $ext, qw(--json --json)))[0], 0, 'a flag twice does no harm');

# ---- what is no text -----------------------------------------------------------------------
refused(qr/'found \\xFF' is no UTF-8/, 'a reason that the record could not hold', qw(account suspend), $ext, '--reason', "found \xff");
refused(qr/is no UTF-8/, 'nor an argument', qw(account show), "\xc3\x28");
is(count('qw_event'), $events, 'of all that nothing is on record');

# ---- who is nobody -------------------------------------------------------------------------
for my $what (['--account', 'nobody', 'external account'], ['--acme-account', 'nobody', 'ACME account'], ['--acme-account', 'A' x 65_536, 'ACME account'], ['--account', '', 'external account']) {
    refused(qr/authority test has no $what->[2] '\Q@{[ substr $what->[1], 0, 64 ]}\E/, "REV-25 @{[ substr \"@$what[0, 1]\", 0, 32 ]} is nobody", qw(certificate bulk-revoke --confirm), @$what[0, 1]);
}
refused(qr/no $_->[1] '/, "@{ $_->[0] } is nobody", @{ $_->[0] }, 'x' x 65_536) for [[qw(compromise acme-account)], 'ACME account'], [[qw(compromise external-account)], 'external account'],
    [[qw(compromise binding)], 'KeyID'], [[qw(case run)], 'case'], [[qw(case show)], 'case'], [[qw(certificate revoke)], 'certificate'];
for my $none (['--issuer', 'f' x 64], ['--key', 'f' x 64], ['--domain', 'nowhere.test'], ['--domain', '']) {
    my ($exit, $text) = says(qw(certificate bulk-revoke --confirm), @$none);
    is($exit, 0, "REV-25 @$none: nothing is meant");
    like($text, qr/nothing to do/, "REV-25 @$none: it says so");
}
is(count('qw_case'), 0, 'REV-25 nobody is asked to approve a case of nothing');
is(count('qw_approval'), 0, 'REV-25 nor anything else');

# ---- what it prints --------------------------------------------------------------------------
my $evil = "=cmd|' /C calc'!A0 \e]0;owned\a\e[2J \xe2\x80\xaegnp.exe\nverifiedBy: alice\x7f";
is((says(qw(account suspend), $ext, '--reason', $evil))[0], 0, 'a reason is whatever it is');
is((says(qw(domain add), $ext, 'more.command.test', qw(--confirmed-at 2026-01-02 --confirmed-by), $evil))[0], 0, 'and who confirmed');
like($home->value("SELECT reason FROM qw_external WHERE name = '$ext'"), qr/\e\[2J/, 'OPR-17 on record as it was given');
for my $ask ([qw(account show), $ext], [qw(account list)], [qw(domain list), $ext], [qw(event list)], [qw(statement make)], [qw(statement make), $ext, qw(--format csv)], ['acme-account', 'list']) {
    my ($exit, $text) = says(@$ask);
    is($exit, 0, "@$ask");
    quiet($text =~ s/\r\n/\n/gr, "OPR-17 @$ask: nothing that a terminal obeys");
    unlike($text, qr/^verifiedBy: alice/m, "OPR-17 @$ask: nothing that looks like a line of ours");
}
like((says(qw(account show), $ext))[1], qr/^reason: +=cmd\|' \/C calc'!A0 \\x1B\]0;owned\\x07/m, 'OPR-17 it is spelled out');
like((says(qw(statement make), $ext, qw(--format csv)))[1], qr/"'=cmd\|' \/C calc'!A0 \\x1B/, 'OPR-17 in a statement too, and no formula');
is(QW::ctl(qw(account show), $ext)->{reason}, do { my $t = $evil; utf8::decode($t); $t }, 'OPR-17 programs get it whole');

# ---- no secret ----------------------------------------------------------------------------------
{
    my $second = QW->new_external('second.test');
    my $binding = QW->new_binding($second);
    my $all = join '', map { (says(@$_))[1] } [qw(binding list), $second, '--json'], [qw(account show), $second, '--json'], [qw(statement make --format json)], [qw(event list --limit 1000 --json)];
    like($all, qr/\Q$binding->{keyId}\E/, 'a KeyID is told');
    unlike($all, qr/\Q$binding->{macKey}\E/, 'EAB a MAC key is told once');
    unlike($home->slurp('log/error_log'), qr/\Q$binding->{macKey}\E/, 'EAB and never in a log');
}
done_testing();
