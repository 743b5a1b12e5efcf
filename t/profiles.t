# Every profile from the external account to a certificate that strict OpenSSL
# takes, and the days on which rules change. On a bed of its own, once for the
# profiles that browsers trust and once for the others.
use strict; use warnings FATAL => 'all';
use QW; use QW::Bed; use Test::More;
use POSIX qw(strftime); use Time::Local qw(timegm);

my $home = QW::Bed->new('profiles', 14800);
my $inputs = QW::decode(QW::slurp("$ENV{QW_SRCDIR}/t/golden/inputs.json"))->{certificates};
my %sets = (
    browsers => [qw(qevcp-w qncp-w qncp-w-iv qevcp-w-psd2)],
    others => [qw(qncp-w-gen qncp-w-gen-np qncp-w-gen-psd2 2-qwac)]);
my ($pid, $ca);

# From now on httpd serves the profiles of $set, from a CA for them.
sub serve {
    my ($set, @lines) = @_;
    my $profiles = join ' ', @{ $sets{$set} };
    $home->end($pid) if $pid;
    $ca = QW::bed() . "/ca-$set";
    -d $ca or QW::ctl('ca', 'init-demo', $ca, '--profiles', $profiles, '--organization', 'Exemple Confiance',
        '--organization-identifier', 'NTRFR-123456789', '--country', 'FR') or die $QW::ctl_text;
    $home->configure(sub {
        s{QwacmeIssuer .*}{QwacmeIssuer $ca/issuing.pem $ca/issuing-key.pem};
        s{QwacmeProfiles .*}{QwacmeProfiles $profiles};
    });
    $pid = $home->start;
}

my $accounts = 0;
# qwacmectl account create with the identity of input $name, changed by %change.
sub create {
    my ($name, $change, @options) = @_;
    (my $profile = $name) =~ s/\..*//;
    my $account = 'p' . ++$accounts;
    my %identity = (%{ $inputs->{$name}{identity} }, %{ $change || {} });
    delete @identity{ grep { !defined $identity{$_} } keys %identity };
    $home->put('identity.json', QW::encode(\%identity));
    return QW::ctl('account', 'create', $account, '--identity', QW::bed() . '/identity.json', '--profiles', $profile,
        '--verified-by', 'officer-1', '--verified-method', 'a', '--terms', '2026-11', @options) && $account;
}

# A registered client for an account of input $name, and a domain below it.
sub client {
    my ($name, @options) = @_;
    my $account = create($name, {}, @options) or die $QW::ctl_text;
    QW::ctl('domain', 'add', $account, "$account.test", '--subtree', '--wildcard', '--confirmed-by', 'o') or die $QW::ctl_text;
    return (QW->registered(external => $account), "$account.test");
}

sub text {
    my ($pem, @options) = @_;
    $home->put('one.pem', $pem);
    my $file = QW::bed() . '/one.pem';
    return scalar `openssl x509 -in $file -noout @options`;
}

sub subject { text($_[0], '-subject -nameopt sep_multiline,lname,utf8,-esc_msb') =~ s/^subject=\n//r =~ s/.*commonName.*\n//r }

my %purpose = ('2-qwac' => "0.4.0.194115.1.0\n");
my %policies = ('qevcp-w' => '2.23.140.1.1 0.4.0.194112.1.4',
    'qevcp-w-psd2' => '2.23.140.1.1 0.4.0.194112.1.4 0.4.0.19495.3.1',
    'qncp-w' => '2.23.140.1.2.2 0.4.0.194112.1.5', 'qncp-w-iv' => '2.23.140.1.2.3 0.4.0.194112.1.5');

sub issued {
    my ($name) = @_;
    (my $profile = $name) =~ s/\..*//;
    my ($c, $domain) = client($name);
    my $pem = $c->issue("www.$domain", { profile => $profile });
    $home->put("chain-$name.pem", $pem);
    my $file = QW::bed() . "/chain-$name.pem";
    my $verdict = `openssl verify -x509_strict -CAfile $ca/root.pem -untrusted $file $file 2>&1`;
    is($verdict, "$file: OK\n", "$name: OpenSSL takes it, strictly");
    is(subject($pem), subject(QW::slurp("$ENV{QW_SRCDIR}/t/golden/$name.pem")), "QWC-05 $name: the subject is the identity");
    my $text = text($pem, '-text -nameopt lname');
    is(join(' ', $text =~ /Policy: (\S+)/g), $policies{$profile} || '0.4.0.194112.1.6', "QWC-13 $name: policies");
    my $client = $profile =~ /psd2/ ? ', TLS Web Client Authentication' : '';
    my $want = $purpose{$profile} || "TLS Web Server Authentication$client\n";
    like($text, qr/Extended Key Usage: \n\s+\Q$want\E/, "$name: for nothing else");
    like($text, qr/Subject:.*commonName=www\.\Q$domain\E/, "QWC-12 $name: a commonName, one of the names") if $profile =~ /gen|2-/;
    unlike($text, qr/Subject:.*commonName/, "$name: no commonName") if $profile !~ /gen|2-/;
    my $words = QW::ctl('certificate', 'describe', $file) ? $QW::ctl_text : '';
    like($words, qr/QcCompliance/, "QWC-08 $name: a qualified certificate");
    like($words, qr/PSD2 role .*PSP_.*PSD2 authority .*FR-ACPR/s, "QWC-07 $name: roles and authority") if $profile =~ /psd2/;
    return $pem;
}

# ---- what browsers trust ---------------------------------------------------------
serve('browsers');
issued($_) for grep { my ($p) = /^([^.]+)/; grep { $_ eq $p } @{ $sets{browsers} } } sort keys %$inputs;

my @refused = (
    ['QWC-07 no role', 'qevcp-w-psd2', { psd2_roles => undef }, qr/psd2_roles is missing/],
    ['QWC-07 a role that is none', 'qevcp-w-psd2', { psd2_roles => 'PSP_ALL' }, qr/psd2_roles/],
    ['QWC-07 an authority of no form', 'qevcp-w-psd2', { nca_id => 'ACPR' }, qr/nca_id/],
    ['QWC-06 a number of another authority', 'qevcp-w-psd2', { nca_id => 'FR-AMF' }, qr/not a number of the authority/],
    ['QWC-06 a number of no authority', 'qevcp-w-psd2', { organization_identifier => 'NTRFR-662042449' }, qr/use PSD/],
    ['QWC-05 a person without surname', 'qncp-w-iv', { surname => undef }, qr/surname is missing/],
    ['QWC-05 a person by pseudonym, for browsers', 'qncp-w-iv', { pseudonym => 'Lapin' }, qr/pseudonym must not stand/],
    ['QWC-05 a person by a number of no scheme', 'qncp-w-iv', { serial_number => '880692310285' }, qr/PNO, TIN, IDC or PAS/],
    ['QWC-10 a placeholder', 'qncp-w', { state => 'N/A' }, qr/placeholder/],
    ['QWC-15 65 characters', 'qncp-w', { organization => 'x' x 65 }, qr/longer than 64/]);
for my $case (@refused) {
    my ($what, $name, $change, $says) = @$case;
    ok(!create($name, $change), "$what is not registered") && like($QW::ctl_text, $says, 'and it says why');
}
{
    my ($c, $domain) = client('qncp-w');
    my $long = join('.', 'a' x 60, 'b' x 20, $domain);
    my $pem = $c->issue($long, { profile => 'qncp-w' });
    like(text($pem, '-ext subjectAltName'), qr/DNS:\Q$long\E$/m, 'FIN-35 a long name where no commonName is');
    is(QW::ctl('certificate', 'list', '--limit', 1000)->[-1]{profile}, 'qncp-w', 'and by that profile');
}

# ---- the identity's age -----------------------------------------------------------
sub at { my @t = $_[0] =~ /(\d+)/g; return timegm(0, $t[4] || 0, $t[3] || 0, $t[2], $t[1] - 1, $t[0]) - time }
sub clock { my ($seconds, @clients) = @_; QW->clock($seconds); $_->{nonces} = [] for @clients }
{
    # One hour is left of its 398 days.
    my $verified = strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time - 398 * 86400 + 3600));
    my ($c, $domain) = client('qncp-w', '--verified-at', $verified);
    my $r = $c->order("a.$domain");
    QW::is_fine($r, 201, 'LST-17 an identity that is young enough');
    my $at = $r->header('Location');
    is($c->prove($r)->{json}{status}, 'ready', 'its order is ready');
    clock(2 * 3600, $c);
    QW::is_problem($c->order("b.$domain"), 403, 'userActionRequired', 'FIN-32 an hour later it orders nothing');
    my $order = $c->post($at)->{json};
    QW::is_problem($c->post($order->{finalize}, { csr => QW::b64($c->csr(["a.$domain"])) }),
        403, 'userActionRequired', 'FIN-32 nor is the order finalized');
    is($c->post($at)->{json}{status}, 'ready', 'which stays ready');
    my ($account) = $domain =~ /^(\w+)/;
    ok(QW::ctl('account', 'verify', $account, '--identity', QW::bed() . '/identity.json', '--verified-by', 'officer-2',
        '--verified-method', 'a'), 'it is verified anew') or diag $QW::ctl_text;
    is($c->finalize($at, $c->csr(["a.$domain"]))->{json}{status}, 'valid', 'and then it is');
    clock(0, $c);
}

# ---- days on which rules change -----------------------------------------------------
SKIP: {
    my ($before, $after) = (at('2027-03-14 23:30'), at('2027-03-15 00:00'));
    skip 'the day is over on which clientAuth ended', 5 if $before < 0;
    clock($before);
    my ($c, $domain) = client('qevcp-w-psd2');
    my $r = $c->order("a.$domain", "b.$domain");
    my $at = $r->header('Location');
    is($c->prove($r)->{json}{status}, 'ready', 'clientAuth for browsers is ordered on the last day');
    like($c->issue("c.$domain"), qr/BEGIN/, 'and issued');
    clock($after + 60, $c);
    QW::is_problem($c->order("d.$domain"), 400, 'invalidProfile', 'and not on the day after');
    my $order = $c->post($at)->{json};
    $r = $c->post($order->{finalize}, { csr => QW::b64($c->csr(["a.$domain", "b.$domain"])) });
    QW::is_problem($r, 400, 'invalidProfile', 'nor finalized');
    like($r->{json}{detail}, qr/Chrome Root Program Policy/, 'it says whose rule that is');
    clock(0);
}

# Days from the first second to the last, both counted.
sub days {
    my ($pem) = @_;
    my ($from, $to) = map { `date -u -d '$_' +%s` } text($pem, '-dates') =~ /=(.*)/g;
    return ($to - $from + 1) / 86400;
}
SKIP: {
    my ($before, $after) = (at('2029-03-14 23:30'), at('2029-03-15 00:01'));
    skip 'the day is over on which 47 days became the most', 2 if $before < 0;
    clock($before);
    my ($c, $domain) = client('qncp-w');
    is(days($c->issue("a.$domain")), 90, 'as many days as are configured, the day before the rule');
    clock($after, $c);
    is(days($c->issue("b.$domain")), 47, 'and as the rule allows from then on');
    clock(0);
}

# ---- the end of the issuer ------------------------------------------------------------
sub end_of_pem { $home->put('end.pem', $_[0]); return end_of(QW::bed() . '/end.pem') }
sub end_of { my ($file) = @_; my ($end) = `openssl x509 -in $file -noout -enddate` =~ /=(.*)/; return $end }
{
    my $end = end_of("$ca/issuing.pem");
    clock(`date -u -d '$end' +%s` - time - 30 * 86400);
    my ($c, $domain) = client('qncp-w');
    is(end_of_pem($c->issue("a.$domain")), $end, 'QWC-17 30 days before its end: the certificate ends with its issuer');
    clock(0);
}

# ---- ETSI's alone ---------------------------------------------------------------------
serve('others');
issued($_) for grep { my ($p) = /^([^.]+)/; grep { $_ eq $p } @{ $sets{others} } } sort keys %$inputs;
{
    # The key of a 2-qwac binds a TLS certificate, here the bed's own.
    my ($c, $domain) = client('2-qwac');
    my ($dir, $leaf) = (QW::bed(), QW::bed() . '/tls/server.pem');
    $home->put('2-qwac.pem', $c->issue("www.$domain", { profile => '2-qwac' }));
    my @out = ('--out', "$dir/binding.jws");
    ok(QW::ctl('tls-binding', 'create', '--chain', "$dir/2-qwac.pem", '--key', "$dir/csr-$$/key.pem", @out, $leaf),
        'a 2-qwac binds a TLS certificate') or diag $QW::ctl_text;
    my $got = QW::ctl('tls-binding', 'verify', "$dir/binding.jws", '--host', "www.$domain", '--trusted', "$ca/root.pem", $leaf);
    is($got && $got->{bound}[0]{label}, 'server.pem', 'browsers would take it') or diag $QW::ctl_text;
}
{
    my ($c, $domain) = client('qncp-w-gen');
    my $long = join('.', 'a' x 60, 'b' x 20, $domain);
    QW::is_problem($c->order($long), 400, 'rejectedIdentifier', 'FIN-35 no name is short enough for the commonName');
    QW::is_problem($c->order("*.$domain"), 400, 'rejectedIdentifier', 'FIN-35 nor is a wildcard one');
    like(text($c->issue($long, "b.$domain"), '-subject'), qr/CN = b\.\Q$domain\E/, 'FIN-35 another name is taken for it, none is cut');
    QW::is_fine($c->order("*.deep.$domain", "c.$domain"), 201, 'ORD-16 a wildcard beside it');
    my ($p, $other) = client('qncp-w-gen-psd2');
    QW::is_problem($p->order("*.deep.$other", "a.$other"), 400, 'rejectedIdentifier', 'ORD-15 no wildcard for a bank');
}
done_testing();
