# Network perspectives: six httpds' worth of them, each with a resolver and a view
# of its own, behind a front that can lie for each. On a bed of its own.
use strict; use warnings FATAL => 'all';
use Digest::SHA qw(sha256);
use QW; use QW::Bed; use Test::More;
use Time::HiRes qw(time);

my $home = QW::Bed->new('perspectives', 14400);
my ($bed, $src, $there, $many) = ($home->{dir}, $ENV{QW_SRCDIR}, 14444, 6);

# ---- certificates of both sides ------------------------------------------------------
sub certificate {
    my ($name, $use, $san) = @_;
    $home->put("$name.ext", "extendedKeyUsage=$use\n" . ($san ? "subjectAltName=$san\n" : ''));
    system("cd '$bed' && { openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout $name.key -out $name.csr "
        . "-subj /CN=$name && openssl x509 -req -in $name.csr -CA tls/ca.pem -CAkey tls/ca.key -CAcreateserial "
        . "-days 30 -extfile $name.ext -out $name.crt && cat $name.crt $name.key >$name.pem && chmod 600 $name.pem; } "
        . ">$name.log 2>&1") == 0 or die QW::slurp("$bed/$name.log");
}
certificate('tls', 'serverAuth', join ',', map { ("IP:127.0.0.1$_", "IP:127.0.0.2$_") } 1 .. $many);
certificate('asker', 'clientAuth');
system("cp '$bed/tls/ca.pem' '$bed/ca.pem'") == 0 or die;

# ---- the perspectives: one httpd, six views ---------------------------------------------
my $conf = "ServerRoot $bed\nServerName localhost\nPidFile $bed/there.pid\nInclude $bed/base.conf\n"
    . "TypesConfig /dev/null\nLogLevel info qwacme:debug\nErrorLog $bed/log/there_log\nDocumentRoot $bed/htdocs\n"
    . "StartServers 1\nThreadsPerChild 64\nMutex file:$bed/state\n";
for my $n (1 .. $many) {
    $home->put("zone-$n", "*.test A 127.0.0.1\n");
    $home->run_ready("log/dnsd-$n", 'python3', "$src/t/lib/dnsd", 14460 + $n, "$bed/zone-$n", "$bed/asked-dns-$n");
    $home->put("mode-$n", 'pass');
    $conf .= <<CONF;
<QwacmeLocalPerspective p$n>
    QwacmeKind test
    QwacmeResolver 127.0.0.1\@@{[ 14460 + $n ]}
    QwacmeValidationTimeout 5s
    QwacmeTestHTTPPort 14480
    QwacmeTestTLSPort 14443
    QwacmeTestPrivateTargets on
    QwacmeTestInsecureDNS on
</QwacmeLocalPerspective>
Listen 127.0.0.2$n:$there
<VirtualHost 127.0.0.2$n:$there>
    SSLEngine on
    SSLCertificateFile $bed/tls.pem
    SSLCACertificateFile $bed/ca.pem
    SSLVerifyClient optional
    <Location /mpic>
        SetHandler qwacme-perspective
        QwacmeUse p$n
    </Location>
</VirtualHost>
CONF
}
$home->put('there.conf', $conf);
sub start_perspectives { $home->httpd('there.conf', 'log/there.out') }
my $perspectives = start_perspectives();
$home->run_ready('log/liar', 'python3', "$src/t/lib/mpicliar", $bed, $there, $many);

# ---- the primary -----------------------------------------------------------------------------
my @regions = qw(RIPE RIPE RIPE RIPE ARIN ARIN);
my $lines = join '', map { "    QwacmePerspective p$_ https://127.0.0.1$_:$there/mpic $regions[$_ - 1]\n" } 1 .. $many;
$home->configure(sub {
    s{(<QwacmeAuthority test>\n)}{$1$lines    QwacmePerspectiveTimeout 4s
    QwacmePerspectiveCACertificateFile $bed/ca.pem
    QwacmePerspectiveCertificateFile $bed/asker.pem
};
});
$home->start;
my $c = QW->registered;

my $count = 0;
sub zones { my ($line, @who) = @_; QW::append("$bed/zone-$_", "$line\n") for @who }
sub modes { my ($mode, @who) = @_; $home->put("mode-$_", $mode) for @who }

# A name that perspectives @who, and the primary, can validate by dns-01, begun:
# where its authorization is.
sub begin {
    my (@who) = @_;
    my $name = 'n' . ++$count . '.shop.test';
    my $r = $c->order($name);
    my $at = $r->{json}{authorizations}[0];
    my ($challenge) = grep { $_->{type} eq 'dns-01' } @{ $c->post($at)->{json}{challenges} };
    my $line = "_acme-challenge.$name TXT " . QW::b64(sha256($c->key_authorization($challenge->{token})));
    QW->dns_line($line);
    zones($line, @who);
    $c->post($challenge->{url}, {});
    return ($at, $r->header('Location'), $name);
}

sub outcome { my ($at) = @_; QW->await(sub { my $s = $c->post($at)->{json}{status}; $s ne 'pending' && $s }) || 'pending' }
sub error_of { my ($at) = @_; my ($bad) = grep { $_->{error} } @{ $c->post($at)->{json}{challenges} }; return $bad->{error} }

# What the database keeps of the validation.
sub evidence {
    my ($at) = @_;
    my ($challenge) = grep { $_->{validated} || $_->{error} } @{ $c->post($at)->{json}{challenges} };
    (my $id = $challenge->{url}) =~ s{.*/}{};
    return QW::decode($home->value("SELECT evidence FROM qw_challenge WHERE id = '$id'"))->{perspectives};
}

my @all = 1 .. $many;
{
    my ($at, $order, $name) = begin(@all);
    is(outcome($at), 'valid', 'MPC-01 all agree') or diag explain $c->post($at)->{json};
    my $seen = evidence($at);
    is($seen->{$_}{quorum}, '6/6', "MPC-01 $_: the quorum is kept") for qw(dcv caa);
    is_deeply([map { "$_->{perspective} $_->{region} $_->{corroborates}" } @{ $seen->{dcv}{answers} }],
        [map { "p$_ $regions[$_ - 1] yes" } @all], 'MPC-01 and what each said');
    my $r = $c->finalize($order, $c->csr([$name]));
    is($r->{json}{status}, 'valid', 'and the certificate comes');
}
{
    my ($at) = begin(1 .. 3, 5);
    is(outcome($at), 'valid', 'MPC-05 two of six may see something else');
    is(evidence($at)->{dcv}{quorum}, '4/6', 'MPC-05 that is kept');
}
{
    my ($at, $order) = begin(1 .. 2, 5);
    is(outcome($at), 'invalid', 'MPC-05 three may not');
    my $error = error_of($at);
    is($error->{type}, 'urn:ietf:params:acme:error:unauthorized', 'MPC-04 unauthorized');
    like($error->{detail}, qr/^secondary validation: 3 of 6/, 'MPC-15 it says that it was the secondary validation');
    unlike($error->{detail}, qr/127\.0|\bp[1-6]\b/, 'MPC-15 and names no perspective');
    is($c->post($order)->{json}{status}, 'invalid', 'the order is over');
}
{
    my ($at) = begin(1 .. 4);
    is(outcome($at), 'invalid', 'MPC-06 those that agree are all in one region');
    like(error_of($at)->{detail}, qr/one region/, 'MPC-06 and it says so');
}
{
    my $before = $home->slurp('asked');
    my $name = 'n' . ++$count . '.shop.test';
    my $r = $c->order($name);
    my $at = $r->{json}{authorizations}[0];
    my ($challenge) = grep { $_->{type} eq 'dns-01' } @{ $c->post($at)->{json}{challenges} };
    zones("_acme-challenge.$name TXT " . QW::b64(sha256($c->key_authorization($challenge->{token}))), @all);
    $c->post($challenge->{url}, {});
    is(outcome($at), 'invalid', 'MPC-02 the primary does not see it, all others do');
    is($home->slurp('asked'), $before, 'MPC-02 nobody was even asked');
}
{
    my ($at, undef, $name);
    my $line = 'n' . ($count + 1) . '.shop.test CAA 0 issue "attacker.test"';
    zones($line, 2, 6);
    ($at) = begin(@all);
    is(outcome($at), 'valid', 'CAA-24 CAA: two of six may forbid');
    is(evidence($at)->{caa}{quorum}, '4/6', 'CAA-24 that is kept');
    zones('n' . ($count + 1) . '.shop.test CAA 0 issue "attacker.test"', 2, 3, 6);
    ($at) = begin(@all);
    is(outcome($at), 'invalid', 'CAA-24 three may not');
    is(error_of($at)->{type}, 'urn:ietf:params:acme:error:caa', 'CAA-24 caa');
}
# ---- answers that count for nothing ------------------------------------------------------------
for my $mode (qw(slow drop forged trace target status big)) {
    modes($mode, 2, 6);
    my $start = time;
    my ($at) = begin(@all);
    is(outcome($at), 'valid', "MPC-12 $mode: two such");
    cmp_ok(time - $start, '<', 12, 'MPC-13 not much later than the deadline') if $mode eq 'slow';
    is_deeply([map { $_->{corroborates} } @{ evidence($at)->{dcv}{answers} }[1, 5]], ['silent', 'silent'],
        "MPC-12 $mode: they did not corroborate");
    modes('pass', 2, 6);
}
{
    # perspective 1 answers for 4, 5 and 6 too: with its own name it counts once
    modes('twice', 4 .. 6);
    my ($at) = begin(@all);
    QW->await(sub { $home->slurp('log/error_log') =~ /QW0215.*too few answered; p4/ });
    is($c->post($at)->{json}{status}, 'pending', 'MPC-08 who answers twice is counted once');
    modes('pass', 4 .. 6);
    is(outcome($at), 'valid', 'and the attempt after that is complete');
}
{
    $home->end($perspectives);
    my ($at) = begin(@all);
    my $seen = () = $home->slurp('log/error_log') =~ /QW0215/g;
    QW->await(sub { (() = $home->slurp('log/error_log') =~ /QW0215/g) > $seen });
    is($c->post($at)->{json}{status}, 'pending', 'MPC-07 too few can be reached: the challenge is not burnt');
    $perspectives = start_perspectives();
    is(outcome($at), 'valid', 'MPC-07 and is met when they are back');
}
{
    my $r = $c->order('www.shop.test');
    is($c->prove($r)->{json}{status}, 'ready', 'http-01 too');
    modes('slow', 1 .. 3);
    my ($at) = begin(4 .. 6);
    QW->await(sub { $home->slurp('asked') =~ /3 slow/ });
    $r = $c->post($at, { status => 'deactivated' });
    is($r->{json}{status}, 'deactivated', 'an authorization can be given up meanwhile');
    modes('pass', 1 .. 3);
}

# ---- a perspective by itself -------------------------------------------------------------------
sub asks {
    my ($body, @options) = @_;
    $home->put('question', ref $body ? QW::encode($body) : $body);
    @options = ('--cert', "$bed/asker.pem") unless @options;
    my $out = `curl -s --cacert '$bed/ca.pem' @options -w '%{http_code}' --data-binary '\@$bed/question' https://127.0.0.21:$there/mpic`;
    my ($json, $code) = $out =~ /^(.*)(\d{3})$/s;
    return ($code, scalar eval { QW::decode($json) });
}
my %good = (check_type => 'caa', domain_or_ip_target => 'www.shop.test', trace_identifier => 't-1',
    orchestration_parameters => { perspective_count => 1 }, caa_check_parameters => { caa_domains => ['ca.test'] });
my ($code, $answer) = asks(\%good);
is($code, 200, 'a question of the Open MPIC API');
is($answer->{trace_identifier}, 't-1', 'the trace comes back');
is($answer->{perspectives}[0]{perspective_code}, 'p1', 'by its code');
ok($answer->{perspectives}[0]{check_response}{check_passed}, 'in the form of the schema');
zones('case.shop.test CAA 0 issue "ca.test"', 1);
($code, $answer) = asks({ %good, domain_or_ip_target => 'case.shop.test', caa_check_parameters => { caa_domains => ['CA.Test'] } });
ok($answer->{is_valid}, 'CAA-12 the case of a CA\'s name means nothing in the question either') or diag explain $answer;
is_deeply($answer->{perspectives}[0]{check_response}{details}{records_seen}, ['0 issue "ca.test"'], 'and it says what it saw');
is((asks(\%good, '-k'))[0], 403, 'not without a client certificate');
for my $case (['no JSON', '{'], ['nothing', '{}'], ['another check', { %good, check_type => 'dns' }],
    ['no name', { %good, domain_or_ip_target => '127.0.0.1' }], ['no domains', { %good, caa_check_parameters => { caa_domains => [] } }],
    ['no method', { %good, check_type => 'dcv', dcv_check_parameters => { validation_method => 'contact-email' } }],
    ['a token that leaves its folder', { %good, check_type => 'dcv',
        dcv_check_parameters => { validation_method => 'acme-http-01', token => '../x', key_authorization => 'x' } }],
    ['a digest that is none', { %good, check_type => 'dcv',
        dcv_check_parameters => { validation_method => 'acme-dns-01', key_authorization_hash => 'x' } }]) {
    is((asks($case->[1]))[0], 400, "400 for $case->[0]");
}
is((asks('x' x 20000))[0], 413, '413 for too much');
for my $hash (QW::b64(sha256('x')), unpack 'H*', sha256('x')) {
    zones('_acme-challenge.hash.test TXT ' . QW::b64(sha256('x')), 1);
    ($code, $answer) = asks({ %good, check_type => 'dcv', domain_or_ip_target => 'hash.test',
        dcv_check_parameters => { validation_method => 'acme-dns-01', key_authorization_hash => $hash } });
    ok($answer->{is_valid}, 'a digest as ' . (length $hash == 64 ? 'hex' : 'base64url'));
}

# ---- what a diagnosis says of each -----------------------------------------------------------
sub diagnosed {
    my ($name) = @_;
    my $found = QW::ctl('domain', 'diagnose', 'exemple', $name) or die $QW::ctl_text;
    return map { "$_->{perspective} $_->{finding}" } grep { $_->{perspective} } @$found;
}
modes('pass', @all);
is_deeply([diagnosed('seen.shop.test')], [map { "p$_ afar-sees" } @all], 'a diagnosis: each sees the web server');
zones('split.shop.test A 127.0.0.9', 2);
zones('split.shop.test CAA 0 issue "other.test"', 3);
zones('split.shop.test A 127.0.0.1', 3);
modes('drop', 6);
is_deeply([diagnosed('split.shop.test')], ['p1 afar-sees', 'p2 afar-http', 'p3 afar-caa', 'p4 afar-sees', 'p5 afar-sees', 'p6 afar-silent'],
    'a diagnosis: what differs is said of each') or diag QW::slurp("$bed/asked");
modes('pass', 6);
done_testing();
