# Finalize: the CSR gives a key and nothing else.
use strict; use warnings FATAL => 'all';
use QW; use Test::More;
use File::Path qw(make_path);

my $dir = QW::bed() . "/finalize-$$";
make_path($dir);
my $c = QW->registered;
my $n = 0;

# A ready order for a fresh name: its URL, its object, the name.
sub ready {
    my $name = 'f' . ++$n . '.shop.test';
    my $r = $c->order($name, @_);
    die $r->as_string unless $r->code == 201;
    my $at = $r->header('Location');
    $r = $c->prove($r);
    die $r->as_string unless $r->{json}{status} eq 'ready';
    return ($at, $r->{json}, $name);
}

sub finalize { $c->post($_[0]{finalize}, { csr => QW::b64($_[1]) }) }

sub status_of { $c->post($_[0])->{json}{status} }

# ---- states --------------------------------------------------------------------
my $r = $c->order('pending.shop.test');
QW::is_problem(finalize($r->{json}, $c->csr(['pending.shop.test'])), 403,
    'orderNotReady', 'FIN-01 a pending order is not finalized');

my ($at, $order, $name) = ready();
$r = finalize($order, $c->csr([$name]));
QW::is_fine($r, 200, 'FIN-02 a ready order is');
like($r->{json}{status}, qr/^(processing|valid)$/, 'FIN-02 it is processing or valid');
is($r->header('Location'), $at, 'FIN-02 Location is the order');
ok($r->{json}{status} eq 'valid' || $r->header('Retry-After') >= 1, 'FIN-02 Retry-After while processing');
QW->await(sub { status_of($at) eq 'valid' });
is(status_of($at), 'valid', 'FIN-02 it becomes valid');
QW::is_problem(finalize($order, $c->csr([$name])), 403, 'orderNotReady',
    'FIN-03 a valid order is not finalized again');

my $other = QW->registered;
($at, $order, $name) = ready();
$r = $other->post($order->{finalize}, { csr => QW::b64($c->csr([$name])) });
QW::is_problem($r, 404, 'malformed', 'FIN-05 a foreign order is not there');
is(status_of($at), 'ready', 'FIN-05 and stays ready');

# ---- the form of the CSR ----------------------------------------------------------
my $good = $c->csr([$name]);
QW::is_problem($c->post($order->{finalize}, {}), 400, 'malformed', 'FIN-07 csr missing');
QW::is_problem($c->post($order->{finalize}, { csr => 7 }), 400, 'malformed', 'FIN-07 csr a number');
for my $bad (['not base64url', '@@@@'], ['padded', QW::b64($good) . '='],
    ['PEM', "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n"]) {
    $r = $c->post($order->{finalize}, { csr => $bad->[1] });
    ok($r->code == 400 && $r->{json}{type} =~ /:(malformed|badCSR)$/, "FIN-07 csr $bad->[0]")
        or diag $r->as_string;
}
QW::is_problem(finalize($order, substr($good, 0, -5)), 400, 'badCSR', 'FIN-08 a truncated CSR');
QW::is_problem(finalize($order, $good . "\0"), 400, 'badCSR', 'FIN-08 bytes after it');
{
    # The outer SEQUENCE in BER's indefinite form.
    my $header = ord(substr $good, 1, 1) == 0x82 ? 4 : 3;
    my $ber = "\x30\x80" . substr($good, $header) . "\0\0";
    QW::is_problem(finalize($order, $ber), 400, 'badCSR', 'FIN-08 BER is not DER');
}
{
    my $forged = $good;
    substr($forged, -1, 1) ^= "\x01";
    QW::is_problem(finalize($order, $forged), 400, 'badCSR', 'FIN-09 a wrong self-signature');
}
QW::is_problem(finalize($order, $c->csr([$name], '-sha1')), 400, 'badCSR', 'FIN-10 signed with SHA-1');

# ---- names ---------------------------------------------------------------------------
QW::is_problem(finalize($order, $c->csr(["x.$name"])), 400, 'badCSR', 'FIN-11 another name');
QW::is_problem(finalize($order, $c->csr([$name, "x.$name"])), 400, 'badCSR', 'FIN-11 one name too many');
QW::is_problem(finalize($order, $c->csr([$name], '-subj', '/CN=else.shop.test')), 400,
    'badCSR', 'FIN-11 a CN that is not in the order');
QW::is_problem(finalize($order, $c->csr([$name], '-subj', "/CN=$name/CN=$name")), 400,
    'badCSR', 'FIN-13 two CNs');
QW::is_problem(finalize($order, $c->csr([$name], '-subj', "/CN=$name\\0.evil.test")), 400,
    'badCSR', 'FIN-13 a CN with other bytes');

# ---- keys ------------------------------------------------------------------------------
sub pem_key {
    my ($file, @options) = @_;
    system("openssl genpkey @options -out $dir/$file 2>/dev/null") == 0 or die "genpkey @options";
    return ('-key', "$dir/$file");
}
QW::is_problem(finalize($order, $c->csr([$name], pem_key('rsa1024', qw(-algorithm RSA -pkeyopt rsa_keygen_bits:1024)))),
    400, 'badCSR', 'FIN-21 RSA-1024');
QW::is_problem(finalize($order, $c->csr([$name], pem_key('ed', qw(-algorithm ED25519)))),
    400, 'badCSR', 'FIN-24 Ed25519 is no certificate key');
QW::is_problem(finalize($order, $c->csr([$name], pem_key('p224', qw(-algorithm EC -pkeyopt ec_paramgen_curve:P-224)))),
    400, 'badCSR', 'FIN-24 P-224');
{
    open my $f, '>', "$dir/account.pem" or die;
    print $f $c->{key}->export_key_pem('private');
    close $f;
    QW::is_problem(finalize($order, $c->csr([$name], '-key', "$dir/account.pem")), 400,
        'badCSR', 'FIN-19 the account key');
    open $f, '>', "$dir/other.pem" or die;
    print $f $other->{key}->export_key_pem('private');
    close $f;
    QW::is_problem(finalize($order, $c->csr([$name], '-key', "$dir/other.pem")), 400,
        'badCSR', 'FIN-20 the key of another account');
}
is(status_of($at), 'ready', 'FIN-33 after all these the order is still ready');

# ---- what is smuggled ------------------------------------------------------------------
open my $conf, '>', "$dir/smuggle.cnf" or die;
print $conf <<"CNF";
[req]
distinguished_name = dn
req_extensions = ext
prompt = no
[dn]
C = DE
O = Someone Else AG
organizationIdentifier = NTRDE-HRB666
serialNumber = 666
CN = $name
[ext]
subjectAltName = DNS:$name
basicConstraints = CA:TRUE
keyUsage = keyCertSign, cRLSign
extendedKeyUsage = codeSigning, OCSPSigning
certificatePolicies = 1.2.3.4
1.3.6.1.5.5.7.1.3 = DER:3000
CNF
close $conf;
system("openssl req -new -config $dir/smuggle.cnf -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
    . "-noenc -keyout $dir/s.key -outform DER -out $dir/s.der 2>$dir/log") == 0 or die QW::slurp("$dir/log");
$r = $c->finalize($at, QW::slurp("$dir/s.der"));
is($r->{json}{status}, 'valid', 'FIN-14 FIN-33 a CSR that asks for much is good for its key');
my $pem = $c->post($r->{json}{certificate})->content;
open my $f, '>', "$dir/cert.pem" or die;
print $f $pem;
close $f;
my $text = `openssl x509 -in $dir/cert.pem -noout -text`;
like($text, qr/O = Exemple SA/, 'FIN-14 the subject is that of the external account');
unlike($text, qr/Someone Else|HRB666/, 'FIN-14 nothing of the CSR\'s subject');
unlike($text, qr/CA:TRUE|Certificate Sign|Code Signing|OCSP Signing|1\.2\.3\.4/, 'FIN-16 nothing of its extensions');
like($text, qr/Policy: 2\.23\.140\.1\.2\.2\b/, 'FIN-16 our policies');

# ---- parallel --------------------------------------------------------------------------
($at, $order, $name) = ready();
my %codes;
$codes{ $_->{code} }++ for $c->at_once(map {
    [$order->{finalize}, $c->jws($order->{finalize}, { csr => QW::b64($c->csr([$name])) })] } 1 .. 30);
is($codes{200}, 1, 'FIN-06 of 30 at once one is taken') or diag explain \%codes;
is($codes{403}, 29, 'FIN-06 and 29 are told that the order is not ready') or diag explain \%codes;
QW->await(sub { status_of($at) eq 'valid' });
my $list = QW::ctl('certificate', 'list', '--limit', 100000);
is(scalar(grep { "@{ $_->{names} }" eq $name } @$list), 1, 'FIN-06 there is one certificate');

# ---- the gate, again at signing ------------------------------------------------------------
my $external = QW->new_external('gate.test');
my $mine = QW->registered(external => $external);
sub gate_ready {
    my $r = $mine->order('a.gate.test');
    my $at = $r->header('Location');
    $r = $mine->prove($r);
    die $r->as_string unless $r->{json}{status} eq 'ready';
    return ($at, $r->{json});
}
($at, $order) = gate_ready();
QW::ctl('domain', 'remove', $external, 'gate.test') or die $QW::ctl_text;
$r = $mine->post($order->{finalize}, { csr => QW::b64($mine->csr(['a.gate.test'])) });
ok($r->code == 403 || $r->code == 400, 'FIN-32 LST-10 a name taken off the list is not signed for') or diag $r->as_string;
QW::ctl('domain', 'add', $external, 'gate.test', '--subtree', '--wildcard', '--confirmed-by', 'o') or die $QW::ctl_text;

($at, $order) = gate_ready();
QW::ctl('account', 'suspend', $external, '--reason', 'test') or die $QW::ctl_text;
$r = $mine->post($order->{finalize}, { csr => QW::b64($mine->csr(['a.gate.test'])) });
QW::is_problem($r, 403, 'unauthorized', 'FIN-32 a suspended external account gets nothing');
QW->resume('account', $external);
is(QW::ctl('certificate', 'list', '--account', $external) && scalar @{ QW::ctl('certificate', 'list', '--account', $external) },
    0, 'FIN-32 nothing was signed');
done_testing();
