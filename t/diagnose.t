# A look at a name without an order: what each check says, who may ask for it and how
# often, and that nothing else causes traffic. On a bed of its own.
use strict; use warnings FATAL => 'all'; use utf8;
use QW; use QW::Bed; use QW::Passkey; use Test::More;
use IO::Socket::INET ();
binmode $_, ':utf8' for Test::More->builder->output, Test::More->builder->failure_output;

my $home = QW::Bed->new('diagnose', 17600, portal => 1);
$home->configure(sub {
    s{(<QwacmeAuthority test>\n)}{$1    QwacmeValidationTimeout 2s\n    QwacmeLimit diagnoses-per-account 15/1h\n};
});
my $httpd = $home->start;

my ($ours, $theirs) = map { QW->new_external($_) } 'ours.test', 'theirs.test';
my %id = map { ($_ => QW::ctl('account', 'show', $_)->{id}) } $ours, $theirs;
sub events { grep { $_->{event} eq $_[1] } @{ QW::ctl('event', 'list', '--subject', $id{$_[0]}, '--limit', 200) } }
sub waiting { $home->value("SELECT count(*) FROM qw_job WHERE kind = 'diagnose'") }

# What qwacmectl says of NAME, by finding.
sub diagnose {
    my ($name, $account) = @_;
    my $found = QW::ctl('domain', 'diagnose', $account || $ours, $name) or die $QW::ctl_text;
    return { map { ($_->{finding} => $_) } @$found };
}
sub found {
    my ($name, $want, $what, $account) = @_;
    my $got = diagnose($name, $account);
    is_deeply([sort keys %$got], [sort @$want], "$what: " . join ' ', @$want) or diag explain $got;
    for (values %$got) {
        ok($_->{mood} eq 'good' ? !$_->{cure} : $_->{cure}, "$what: $_->{finding} has a cure, if it needs one");
    }
    return $got;
}
sub lines { QW->dns_line($_) for @_ }

# ---- each check ------------------------------------------------------------------------
my @fine = qw(caa-none txt-none http-answers tls-closed afar-none);
{
    my $got = found('www.ours.test', ['dns-unchecked', @fine], 'a good name');
    like($got->{'dns-unchecked'}{words}, qr/www\.ours\.test leads to 127\.0\.0\.1/, 'with its address');
    like($got->{'http-answers'}{words}, qr{http://www\.ours\.test/\.well-known/acme-challenge/\S+ was answered with HTTP status 404}, 'any answer is one');
    is($home->value("SELECT count(*) FROM qw_order"), 0, 'no order');
    is($home->value("SELECT count(*) FROM qw_authz"), 0, 'no authorization');
    my ($begun) = events($ours, 'diagnosis.begin');
    like($begun->{actor}, qr/^ctl:/, 'it is recorded who asked');
    is($begun->{detail}{name}, 'www.ours.test', 'for what');
    my ($ended) = events($ours, 'diagnosis.end');
    is($ended->{detail}{diagnosis}, $begun->{detail}{diagnosis}, 'and what was found');
    is(scalar @{ $ended->{detail}{findings} }, 6, 'all of it');
}
{
    lines('closed.ours.test A 127.0.0.9', 'closed.ours.test CAA 0 issue "ca.test"', 'closed.ours.test CAA 0 iodef "mailto:x@ours.test"');
    my $got = found('closed.ours.test', [qw(dns-unchecked caa-allows txt-none http-closed tls-closed afar-none)], 'HTTP is closed, CAA allows');
    like($got->{'http-closed'}{words}, qr/port 80 of closed\.ours\.test at 127\.0\.0\.9/, 'where');
}
{
    lines('sub.caa.ours.test A 127.0.0.1', 'caa.ours.test CAA 0 issue "other.test"', '_acme-challenge.sub.caa.ours.test TXT old');
    my $got = found('sub.caa.ours.test', [qw(dns-unchecked caa-forbids txt-there http-answers tls-closed afar-none)], 'CAA forbids');
    is($got->{'caa-forbids'}{mood}, 'bad', 'of every certificate');
    like($got->{'caa-forbids'}{words}, qr/records at caa\.ours\.test .*0 issue "other\.test"/, 'the record that was found by climbing');
    like($got->{'caa-forbids'}{cure}, qr/at caa\.ours\.test: 0 issue "ca\.test"/, 'and the one that cures');
}
{
    lines('narrow.ours.test A 127.0.0.1', 'narrow.ours.test CAA 0 issue "ca.test; validationmethods=dns-01"', '_acme-challenge.narrow.ours.test CNAME a.dns.test');
    found('narrow.ours.test', [qw(dns-unchecked caa-narrow txt-delegated http-answers tls-closed afar-none)], 'CAA narrows, a CNAME delegates');
}
# What listens at the port that stands for 443.
sub serves_tls {
    my ($want, $what, @command) = @_;
    my $pid = $home->run('log/tls', @command);
    QW->await(sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $ENV{QW_ALPN_PORT}) }) or fail("no server: $what");
    ok(diagnose('www.ours.test')->{$want}, "$what: $want");
    $home->end($pid);
}
my @server = ('openssl', 's_server', '-quiet', '-accept', "127.0.0.1:$ENV{QW_ALPN_PORT}", '-cert', "$home->{dir}/tls/server.pem", '-key', "$home->{dir}/tls/server.key");
serves_tls('tls-ready', 'a client is at it', @server, '-alpn', 'acme-tls/1');
serves_tls('tls-answers', 'a web server', @server);
serves_tls('tls-refuses', 'no TLS', 'python3', '-m', 'http.server', $ENV{QW_ALPN_PORT}, '--bind', '127.0.0.1', '--directory', "$home->{dir}/wk");
lines('broken.ours.test * SERVFAIL', 'none.ours.test * NXDOMAIN', 'empty.ours.test TXT x');
found('broken.ours.test', [qw(dns-failed caa-unknown txt-none afar-none)], 'a broken zone');
found('none.ours.test', [qw(dns-nxdomain caa-none txt-none afar-none)], 'no such name');
found('empty.ours.test', [qw(dns-none caa-none txt-none afar-none)], 'no address');

# ---- LST-01: nobody is asked about anything else -----------------------------------------
for my $name ('www.theirs.test', 'unlisted.test') {
    ok(!QW::ctl('domain', 'diagnose', $ours, $name), "LST-01 $name is refused");
    like($QW::ctl_text, qr/\Q$name\E is not on the account's domain list/, 'LST-01 and said why');
}
ok(!QW::ctl('domain', 'diagnose', $ours, '*.ours.test'), 'a wildcard is no name');
ok(!QW::ctl('domain', 'diagnose', $ours, '127.0.0.1'), 'nor is an address');

# ---- people ----------------------------------------------------------------------------
my $olga = QW::Person->invited('Olga', 'operator', $ours);
my $otto = QW::Person->invited('Otto', 'operator', $theirs);
my $anne = QW::Person->invited('Anne', 'officer');
my $aldo = QW::Person->invited('Aldo', 'auditor');
is($_->login->code, 303, "$_->{name} is in") for $olga, $otto, $anne, $aldo;
sub asks {
    my ($person, $name, $account) = @_;
    return $person->post('diagnose', { $person->csrf, account => $id{$account || $ours}, name => $name });
}
is(asks($olga, 'unlisted.test')->code, 403, 'LST-01 at the portal too');
is(asks($otto, 'www.ours.test')->code, 404, 'OPR-05 an operator of another account asks for nothing here');
is(asks($olga, 'www.theirs.test', $theirs)->code, 404, 'OPR-05 nor there');
is(asks($aldo, 'www.ours.test')->code, 403, 'an auditor looks only');
is($olga->post('diagnose', { account => $id{$ours}, name => 'www.ours.test' })->code, 403, 'CSRF: not without the token');
is($olga->get('diagnose')->code, 405, 'nor by a link');
is(QW->dns_asked($_), 0, "LST-01 no query for $_") for 'unlisted.test', 'theirs.test';
is(waiting(), 0, 'LST-01 and no job');
like($olga->get("account/$id{$ours}")->decoded_content, qr/aria-label="Diagnose ours\.test"/, 'a button for each listed name');
unlike($aldo->get("account/$id{$ours}")->decoded_content, qr/aria-label="Diagnose/, 'none for an auditor');

lines('slow.ours.test * TIMEOUT');
my $r = asks($olga, 'slow.ours.test');
my ($at) = ($r->header('Location') || '') =~ m{/portal/(diagnosis/[\w-]{22})\?auto=1$};
ok($at, 'it has a page') or diag $r->as_string;
is(asks($anne, 'www.ours.test')->code, 409, 'one at a time of an account');
like($olga->get("$at?auto=1")->decoded_content, qr{<meta http-equiv="refresh" content="3;url=/portal/\Q$at\E\?auto=2">}, 'it loads itself anew');
like($olga->get("$at?auto=100")->decoded_content, qr/\Q$at\E\?auto=1"/, 'not for ever, but for whoever asks for more');
unlike($olga->get($at)->decoded_content, qr/http-equiv/, 'and not for who stopped it');
is($otto->get($at)->code, 404, 'OPR-05 the page is another operator\'s to see');

# ---- the worker that is at it dies ---------------------------------------------------------
my $job = sub { $home->value("SELECT owner FROM qw_job WHERE kind = 'diagnose' AND tries = $_[0]") };
my ($child) = QW->await(sub { $job->(1) =~ m{/(\d+)/} && $1 });
ok($child, 'a worker is at it');
kill KILL => $child;
ok(QW->await(sub { $job->(2) =~ m{/\d+/} || !waiting() }, 60), 'it was killed: another one takes over when the lease ends');
my $page = sub { $_[0]->get($at . ($_[1] || ''))->decoded_content };
ok(QW->await(sub { $page->($olga) =~ /class="findings"/ }, 60), 'and brings it to its end');
like($page->($olga), qr/DNS: <strong>slow\.ours\.test<\/strong> could not be looked up.*Cure:/s, 'in words, with the cure');
like($page->($olga, '?lang=fr'), qr/n’a pas pu être résolu.*Remède :/s, 'in French too');
unlike($page->($olga), qr/http-equiv/, 'it rests then');
is($aldo->get($at)->code, 200, 'an auditor sees it');
is(scalar(grep { $_->{detail}{name} eq 'slow.ours.test' } events($ours, 'diagnosis.end')), 1, 'it ended once');
like($olga->get("account/$id{$ours}")->decoded_content, qr{href="/portal/\Q$at\E">slow\.ours\.test}, 'the account\'s page leads there');

# ---- how often -------------------------------------------------------------------------------
my $spent = () = events($ours, 'diagnosis.begin');
diagnose('www.ours.test') for $spent + 1 .. 15;
$r = asks($olga, 'www.ours.test');
is($r->code, 429, 'the limit of the account') or diag $r->as_string;
like($r->decoded_content, qr/diagnoses-per-account/, 'by its name');
is(waiting(), 0, 'and there is no job');
is(asks($otto, 'www.theirs.test', $theirs)->code, 303, 'another account has its own');
QW->await(sub { !waiting() });
QW->clock(3700);
is($olga->login->code, 303, 'an hour later');
is($olga->get($at)->code, 404, 'what was found is gone');
QW->clock(0);
is($olga->login->code, 303, 'back');

# ---- what changes while it waits, and DNSSEC ---------------------------------------------------
my $over = QW->new_external('over.test');
$home->end($httpd);
QW->await(sub { !-e "$home->{dir}/httpd.pid" });
my $before = QW->dns_asked('www.theirs.test');
sub asks_later {
    my ($out, $account, $name) = @_;
    $home->run($out, split(' ', $ENV{QW_CTL_ENV} || ''), $ENV{QW_CTL}, '--config', "$home->{dir}/qwacme.conf", '--authority', 'test', '--json',
        'domain', 'diagnose', $account, $name);
}
asks_later('ctl.out', $theirs, 'www.theirs.test');
asks_later('over.out', $over, 'www.over.test');
QW->await(sub { waiting() == 2 }) or fail('they wait');
$home->sql("UPDATE qw_external SET expires = 1 WHERE name = '$over'");
QW::ctl('domain', 'remove', $theirs, 'theirs.test') or die $QW::ctl_text;
$home->configure(sub { s/    QwacmeTestInsecureDNS on\n// });
$home->start;
ok(QW->await(sub { $home->slurp('ctl.out') =~ /"finding": ?"unlisted"/ }), 'LST-01 a name that has left the list meanwhile is not looked at') or diag $home->slurp('ctl.out');
is(QW->dns_asked('www.theirs.test'), $before, 'LST-01 and causes no query');
ok(QW->await(sub { $home->slurp('over.out') =~ /"finding": ?"unlisted"/ }), 'nor is a name of an account whose time is over meanwhile') or diag $home->slurp('over.out');
is(QW->dns_asked('www.over.test'), 0, 'which causes no query either');
my $strict = QW->new_external('strict.test');
my $got = diagnose('www.strict.test', $strict);
is(join(' ', sort keys %$got), 'afar-none caa-unknown dns-bogus txt-failed', 'broken DNSSEC') or diag explain $got;
like($got->{'dns-bogus'}{words}, qr/signatures of www\.strict\.test are not good: DNSSEC validation failed: /, 'with the reason');
is($got->{'dns-bogus'}{mood}, 'bad', 'no certificate by that');
unlike($home->slurp('log/error_log'), qr/QW057[01]/, 'nothing of ours broke');
done_testing();
