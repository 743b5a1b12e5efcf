# Reports of problems: the page, what it takes and refuses, and the case it opens. On a
# bed of its own.
use strict; use warnings FATAL => 'all';
use QW; use QW::Bed; use Test::More;
use Encode qw(encode_utf8 decode_utf8);

my $home = QW::Bed->new('report', 14700);
$home->configure(sub { s{(<QwacmeAuthority test>\n)}{$1    QwacmeReportAddress abuse\@exemple.test\n    QwacmeLimit reports-per-ip 12/1h\n} });
my $conf = $home->slurp('httpd.conf');
$conf =~ s{(</VirtualHost>)}{  <Location /report>\n    SetHandler qwacme-report\n    QwacmeUse test\n  </Location>\n$1};
$home->put('httpd.conf', $conf);
my $httpd = $home->start;
my $c = QW->new;
my $page = "$ENV{QW_URL}/report";

sub look { my ($query, @headers) = @_; $c->send('GET', "$page$query", undef, @headers) }

sub encoded { my ($text) = @_; $text =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ge; $text }
sub send_form {
    my ($fields, %how) = @_;
    my $body = $how{body} // join '&', map { encoded($_) . '=' . encoded($fields->{$_}) } sort keys %$fields;
    # a connection of its own: httpd may end a kept one at any time
    return QW->new(key => $c->{key})->send('POST', $page . ($how{query} || ''), $body, 'Content-Type' => $how{type} || 'application/x-www-form-urlencoded');
}
sub cases { @{ QW::ctl('report', 'list', '--all') || die $QW::ctl_text } }
my %good = (subject => '00ff', problem => 'misuse', contact => 'me@exemple.test', text => 'It phishes.', website => '');

# ---- the page -------------------------------------------------------------------------------
{
    my $r = look('');
    is($r->code, 200, 'BR-4.9.3 the page is there for anybody') or diag $r->as_string;
    like($r->header('Content-Type'), qr{^text/html; charset=utf-8}, 'BR-4.9.3 as HTML');
    like($r->header('Content-Security-Policy'), qr/default-src 'none'/, 'OPR-16 nothing may run or be fetched');
    unlike($r->header('Content-Security-Policy'), qr/unsafe|script-src/, 'OPR-16 no exception from that');
    is($r->header('X-Content-Type-Options'), 'nosniff', 'OPR-16 nor is it taken for something else');
    unlike($r->content, qr/<script|\bon\w+=|style=|javascript:/i, 'OPR-16 no scripts, no styles inside');
    like($r->content, qr/mailto:abuse\@exemple\.test/, 'BR-4.9.3 a mail address is named');
    like($r->content, qr/<html lang="en">/, 'in English');
    for my $is (['fr', 'fr'], ['fr-FR,fr;q=0.9,en;q=0.8', 'fr'], ['de,en;q=0.5,fr;q=0.4', 'en'], ['de', 'en'], ['', 'en'], ['fr;q=0', 'en'], ['frx', 'en']) {
        like(look('', 'Accept-Language' => $is->[0])->content, qr/<html lang="$is->[1]">/, "Accept-Language '$is->[0]'");
    }
    my $french = look('?lang=fr', 'Accept-Language' => 'en');
    like($french->content, qr/<html lang="fr">.*Signaler/s, '?lang goes first');
    is($french->header('Content-Language'), 'fr', 'and is said');
    like(look('?lang=%3Cx%3E')->content, qr/<html lang="en">/, 'a language that is none');
    my $style = look('?style');
    like($style->header('Content-Type'), qr{^text/css}, 'the style sheet');
    is($c->send('HEAD', $page)->code, 200, 'HEAD');
    is($c->send('PUT', $page, 'x')->code, 405, 'no other method');
    is(scalar(cases()), 0, 'nothing was opened');
}

# ---- a report -----------------------------------------------------------------------------------
{
    my $r = send_form({ %good, text => encode_utf8("Cl\x{e9} vol\x{e9}e.\r\n<script>alert(1)</script>") });
    is($r->code, 200, 'BR-4.9.3 a report is taken') or diag $r->as_string;
    my ($number) = $r->content =~ /(\d{8}-[0-9A-Z]{8})/;
    ok($number, 'BR-4.9.3 and its number shown');
    my ($case) = cases();
    is($case->{case}, $number, 'BR-4.9.3 which is that of the case');
    is($case->{kind}, 'problem-report', 'of its kind');
    is($case->{options}{problem}, 'misuse', 'with the kind of problem');
    is($case->{contact}, 'me@exemple.test', 'the contact');
    is($case->{text}, "Cl\x{e9} vol\x{e9}e.\n<script>alert(1)</script>", 'and the text as it was typed');
    is($case->{openedBy}, 'web', 'and where it came from');
    my ($opened, $due) = map { /T(\d+:\d+:\d+)Z/ } @{$case}{qw(opened due)};
    is($opened, $due, 'BR-4.9.5 the clock of 24 hours runs');
    isnt($case->{opened}, $case->{due}, 'BR-4.9.5 from now on');
    like(`$ENV{QW_CTL} --config $home->{dir}/qwacme.conf case show $number`, qr/<script>/, 'it is shown');
    is(send_form(\%good, query => '?lang=fr')->content =~ /re\xc3\xa7u/ ? 1 : 0, 1, 'the answer is French too');
    is(send_form({ %good, contact => '' })->code, 200, 'BR-4.9.3 nobody must say who they are');
    is(scalar(cases()), 3, 'three cases');
}

# ---- what is not taken -------------------------------------------------------------------------------
{
    my $before = cases();
    my @bad = (
        [{ %good, subject => '' }, 'no subject'], [{ %good, subject => 'x' x 255 }, 'a long subject'],
        [{ %good, subject => "a\nb" }, 'a subject of two lines'], [{ %good, contact => 'x' x 255 }, 'a long contact'],
        [{ %good, problem => 'other"><b>' }, 'an unknown problem'], [{ %good, text => '' }, 'no text'],
        [{ %good, text => 'x' x 10241 }, 'a long text'], [{ %good, text => "\xff" }, 'bytes that are no text'],
        [{ %good, text => "\0" }, 'a zero byte'],
    );
    for my $bad (@bad) {
        my $r = send_form($bad->[0]);
        is($r->code, 400, "refused: $bad->[1]") or diag $r->as_string;
        like($r->content, qr/role="alert"/, "and said: $bad->[1]");
        like($r->content, qr/<form /, "with the form: $bad->[1]");
    }
    my $evil = '"><script>alert(1)</script>&\'';
    my $r = send_form({ %good, subject => $evil, contact => $evil, text => '', problem => $evil });
    unlike($r->content, qr/<script|"">/, 'OPR-16 what was typed comes back escaped');
    like($r->content, qr/&quot;&gt;&lt;script&gt;alert\(1\)&lt;\/script&gt;&amp;&#39;/, 'OPR-16 and whole');
    is(send_form({}, body => 'subject=%zz')->code, 400, 'a form with a broken escape');
    is(send_form({}, body => 'subject=a&subject=b')->code, 400, 'a field twice');
    is(send_form({}, body => join '&', map { "f$_=1" } 1 .. 40)->code, 400, 'too many fields');
    is(send_form(\%good, type => 'text/plain')->code, 415, 'no form');
    is(send_form({}, body => 'text=' . 'x' x 70000)->code, 413, 'far too much');
    my $robot = send_form({ %good, website => 'http://spam.test' });
    is($robot->code, 200, 'a program that fills in everything is thanked');
    unlike($robot->content, qr/\d{8}-[0-9A-Z]{8}/, 'and gets no number');
    is(scalar(cases()), $before, 'nothing of that was opened');
}

# ---- limits and people ----------------------------------------------------------------------------------
{
    my @codes = map { send_form(\%good)->code } 1 .. 10;
    is(scalar(grep { $_ == 200 } @codes), 9, 'LIM twelve in an hour from one address') or diag "@codes";
    my $r = send_form(\%good);
    is($r->code, 429, 'LIM then no more');
    cmp_ok($r->header('Retry-After'), '>', 60, 'LIM until later');
    like($r->content, qr/mailto:/, 'BR-4.9.3 but by mail');
    my ($case) = cases();
    QW::ctl('case', 'note', $case->{case}, 'Looked; ours.') or die $QW::ctl_text;
    QW::ctl('case', 'close', $case->{case}, '--conclusion', 'revoked') or die $QW::ctl_text;
    is(QW::ctl('case', 'show', $case->{case})->{conclusion}, 'revoked', 'BR-4.9.5 its end is on record');
    is(QW::ctl('acme-account', 'list') ? 1 : 0, 1, 'the authority goes on');
    is($c->get("$ENV{QW_URL}/acme/directory")->code, 200, 'ACME is where it was');
    is($c->get("$ENV{QW_URL}/report/x")->header('Replay-Nonce'), undef, 'the page is no part of it');
}

# ---- a terminal obeys nothing that was typed ----------------------------------------------------------------
{
    my $case = QW::ctl('report', 'add', "a\e[2Jb", '--problem', 'other', '--contact', "x\e]0;y\a", '--text', "\e[31mred\nnext") or die $QW::ctl_text;
    my $text = `$ENV{QW_CTL} --config $home->{dir}/qwacme.conf case show $case->{case}; $ENV{QW_CTL} --config $home->{dir}/qwacme.conf report list`;
    unlike($text, qr/[\x00-\x09\x0b-\x1f]/, 'OPR-16 no control character reaches the terminal');
    like($text, qr/\\x1B\[31mred\n\s+next/, 'OPR-16 they are named instead');
}
done_testing();
