# Keys that may serve nobody: listed, blocked, the CA's, another subscriber's; on
# every path that a key comes in by. On a bed of its own.
use strict; use warnings FATAL => 'all';
use QW; use QW::Bed; use Test::More;
use Crypt::PK::ECC (); use Crypt::PK::RSA ();
use Digest::SHA qw(sha1_hex sha256_hex);

my $home = QW::Bed->new('weak-keys', 14800);
my $weak_dir = "$ENV{QW_SRCDIR}/t/lib/weak";
$home->configure(sub { s{^(QwacmeSealKey)}{QwacmeWeakKeys $home->{dir}/weak-keys\n$1}m });

sub ec_file {
    my ($name) = @_;
    my $file = "$home->{dir}/$name.pem";
    system("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $file 2>/dev/null") == 0 or die;
    return $file;
}
sub modulus_line { my $line = `openssl rsa -in $_[0] -noout -modulus`; return $line }
sub spki { my $der = `openssl pkey -in $_[0] -pubout -outform DER`; return $der }

# ---- the file of weak keys ------------------------------------------------------------
my $debian = "$weak_dir/debian-amd64-1000.pem";
my $leaked = ec_file('leaked');
$home->put('openssl-blacklist', "# RSA-2048\n" . substr(sha1_hex(modulus_line($debian)), 20) . "\n");
$home->put('pwnedkeys', sha256_hex(spki($leaked)) . "\n");
my $got = QW::ctl('blocklist', 'import', map({ "$home->{dir}/$_" } qw(openssl-blacklist pwnedkeys)));
is_deeply($got->{entries}, { 'modulus-sha1' => 1, 'number-sha256' => 0, 'spki-sha256' => 1 },
    'lists are imported into the file of QwacmeWeakKeys') or diag $QW::ctl_text;
is_deeply(QW::ctl('blocklist', 'stat')->{entries}, $got->{entries}, 'stat counts them');
$home->start;

my $external = QW->new_external('weak.test');
my $c = QW->registered(external => $external);
my $n = 0;

sub rsa_client { my ($file) = @_; QW->new(alg => 'RS256', key => Crypt::PK::RSA->new($file)) }
sub ec_client {
    my ($file) = @_;
    my $key = Crypt::PK::ECC->new($file);
    return QW->new(alg => $key->key2hash->{curve_bits} > 256 ? 'ES384' : 'ES256', key => $key);
}
sub client { my ($file) = @_; QW::slurp($file) =~ /RSA/ ? rsa_client($file) : ec_client($file) }

sub key_change {
    my ($who, $new, $protected) = @_;
    my $url = $who->url('keyChange');
    my $inner = $new->jws($url, { account => $who->{kid}, oldKey => $who->jwk }, jwk => 1, nonce => undef,
        $protected ? (protected => $protected) : ());
    return $who->post($url, $inner);
}

# Finalize of a new order of $who with the key of $file: the answer.
sub finalize {
    my ($who, $file) = @_;
    my $name = 'k' . ++$n . '.weak.test';
    my $r = $who->order($name);
    my $order = $who->prove($r)->{json};
    $r = $who->post($order->{finalize}, { csr => QW::b64($who->csr([$name], '-key', $file)) });
    return $r unless $r->is_success;
    my $at = $r->header('Location');
    QW->await(sub { $r = $who->post($at); $r->{json}{status} ne 'processing' });
    return $r;
}

sub der_of {
    my ($who, $r) = @_;
    my ($b64) = $who->post($r->{json}{certificate})->content =~ /-----BEGIN CERTIFICATE-----\n(.*?)-----END/s;
    return MIME::Base64::decode_base64($b64);
}

sub revoke {
    my ($who, $der, $reason, %how) = @_;
    return $who->post($who->url('revokeCert'), { certificate => QW::b64($der), reason => $reason }, %how);
}

# By each path $file is refused at once.
sub refused {
    my ($file, $says, $case) = @_;
    my $r = client($file)->register(external => $external);
    QW::is_problem($r, 400, 'badPublicKey', "$case: no account");
    like($r->{json}{detail}, $says, "$case: and says why");
    $r = key_change($c, client($file));
    QW::is_problem($r, 400, 'badPublicKey', "$case: no new key of an account");
    like($r->{json}{detail}, $says, "$case: and says why");
    $r = finalize($c, $file);
    QW::is_problem($r, 400, 'badCSR', "$case: no certificate");
    like($r->{json}{detail}, $says, "$case: and says why");
}

sub log_lines { my ($says) = @_; return grep { /QW0320: key \Q$says\E/ } split /\n/, $home->slurp('log/error_log') }

# ---- listed, and our own ----------------------------------------------------------------
refused($debian, qr/CVE-2008-0166/, 'KEY-07 FIN-21 a weak key of Debian');
refused($leaked, qr/private part is known/, 'KEY-08 FIN-22 a key of a list');
refused("$home->{dir}/ca-test/issuing-key.pem", qr/CA itself/, 'FIN-20 the key of the CA');

# ---- blocked by an officer -----------------------------------------------------------------
my $reported = ec_file('reported');
is(finalize($c, $reported)->{json}{status}, 'valid', 'a key that nobody complained of');
$got = QW::ctl('blocklist', 'check', $reported);
is($got->[0]{status}, 'fine', 'check finds nothing');
ok(!QW::ctl('blocklist', 'add', $reported), 'it is not blocked without a reason');
$got = QW::ctl('blocklist', 'add', $reported, '--reason', 'report 7');
is(scalar @{ $got->[0]{certificates} }, 1, 'REV-18 blocking it tells the certificates that have it') or diag $QW::ctl_text;
refused($reported, qr/compromised/, 'KEY-08 FIN-22 a blocked key');
is(QW::ctl('blocklist', 'list')->[0]{why}, 'report 7', 'it is listed with the reason');
is(QW::ctl('blocklist', 'check', $reported), undef, 'check refuses it');
is($QW::ctl_exit, 1, 'with exit 1');
like($QW::ctl_text, qr/was blocked/, 'and says why');
is(QW::ctl('blocklist', 'check', $debian), undef, 'and a listed one');
like($QW::ctl_text, qr/CVE-2008-0166/, 'and says why');

# ---- revoked by the certificate's key -----------------------------------------------------------
my $lost = ec_file('lost');
my @certificates = map { finalize($c, $lost) } 1 .. 2;
my @ders = map { der_of($c, $_) } @certificates;
QW::is_fine(revoke(client($lost), $ders[0], 4, jwk => 1), 200, 'REV-02 revoked by its key');
refused($lost, qr/compromised/, 'REV-02 FIN-22 the key of a certificate revoked by it');
QW::is_problem(revoke($c, $ders[1], 4), 400, 'alreadyRevoked', 'REV-18 the other certificate of that key is revoked too');
my @rows = grep { ($_->{reason} || '') eq 'keyCompromise' } @{ QW::ctl('certificate', 'list', '--limit', 1000) };
is(scalar @rows, 2, 'REV-18 both for key compromise');
my ($line) = log_lines(sha256_hex(spki($lost)));
like($line, qr/\[qwacme:error\].*certificates that had it: [0-9a-f]{32} [0-9a-f]{32};/, 'REV-18 the log alerts, and names them');

# ---- and by an officer ---------------------------------------------------------------------------
my $stolen = ec_file('stolen');
my @ids = map { my ($id) = finalize($c, $stolen)->{json}{certificate} =~ m{([^/]+)$}; $id } 1 .. 3;
$got = QW::ctl('certificate', 'revoke', @ids[0, 1], '--reason', 'keyCompromise');
is_deeply([sort map { $_->{id} } @{ $got || [] }], [sort @ids], 'REV-18 two are named, all three of the key are revoked') or diag $QW::ctl_text;
refused($stolen, qr/compromised/, 'REV-18 FIN-22 and the key is blocked');

# ---- key compromise without proof, and with it afterwards -----------------------------------------
my $claimed = ec_file('claimed');
my $der = der_of($c, finalize($c, $claimed));
QW::is_fine(revoke($c, $der, 1), 200, 'REV-15 key compromise by the account');
my $again = finalize($c, $claimed);
is($again->{json}{status}, 'valid', 'REV-15 blocks no key without proof') or diag $again->as_string;
QW::is_problem(revoke(client($claimed), $der, 1, jwk => 1), 400, 'alreadyRevoked', 'REV-16 the key itself, later');
refused($claimed, qr/compromised/, 'REV-16 is blocked then');
QW::is_problem(revoke($c, der_of($c, $again), 4), 400, 'alreadyRevoked', 'REV-18 and its other certificate revoked');

# ---- a private key that is sent --------------------------------------------------------------------
sub private_jwk {
    my ($who) = @_;
    my $jwk = $who->{key}->export_key_jwk('private', 1);
    delete $jwk->{kid};
    return $jwk;
}
my $careless = QW->registered(external => $external);
my $mine = der_of($careless, finalize($careless, ec_file('mine')));
my $r = $careless->post($careless->url('newAccount'), { onlyReturnExisting => JSON::PP::true }, jwk => 1,
    protected => { jwk => private_jwk($careless) });
QW::is_problem($r, 400, 'malformed', 'KEY-11 an account key with its private part');
$r = $careless->order('x.weak.test');
QW::is_problem($r, 403, 'unauthorized', 'KEY-11 the account orders nothing any more');
like($r->{json}{detail}, qr/compromised/, 'KEY-11 and hears why');
QW::is_problem(key_change($careless, QW->new), 403, 'unauthorized', 'KEY-11 nor gets another key: a thief would');
QW::is_fine(revoke($careless, $mine, 4), 200, 'KEY-11 but it may revoke');
my ($account) = $careless->{kid} =~ m{([^/]+)$};
ok(scalar(grep { /its private part was sent to us.*accounts that have it: \Q$account\E/ } split /\n/, $home->slurp('log/error_log')),
    'KEY-11 the log alerts, and names the account');
my $new = QW->new;
QW::is_problem(key_change($c, $new, { jwk => private_jwk($new) }), 400, 'malformed', 'KEY-11 a new key with its private part');
QW::is_problem($new->register(external => $external), 400, 'badPublicKey', 'KEY-11 KEY-08 is blocked from then on');

# ---- whose key it is ---------------------------------------------------------------------------------
my $own = ec_file('own');
is(finalize($c, $own)->{json}{status}, 'valid', 'FIN-23 a key in a certificate');
my $sibling = QW->registered(external => $external);
is(finalize($sibling, $own)->{json}{status}, 'valid', 'FIN-23 may be in another of the same subscriber');
my $stranger = QW->registered(external => QW->new_external('weak.test'));
$r = finalize($stranger, $own);
QW::is_problem($r, 400, 'badCSR', 'FIN-23 not in one of another subscriber');
like($r->{json}{detail}, qr/another subscriber/, 'FIN-23 and says why');
QW::is_problem(client($own)->register(external => $external), 400, 'badPublicKey', 'FIN-19 nor is it an account key');
QW::is_problem(key_change($c, client($own)), 400, 'badPublicKey', 'FIN-19 not by a key change either');

# ---- a new list, by a graceful restart --------------------------------------------------------------
my $late = "$weak_dir/debian-i386-1000.pem";
ok(QW::ctl('blocklist', 'make-debian', '--kinds', '2048,P-256', '--pids', 1000), "the keys that Debian's process 1000 made are added") or diag $QW::ctl_text;
is_deeply(QW::ctl('blocklist', 'stat')->{entries}, { 'modulus-sha1' => 1, 'number-sha256' => 18, 'spki-sha256' => 1 }, 'to what it held');
is(finalize($c, $late)->{json}{status}, 'valid', 'servers have the old one');
kill USR1 => $home->{pids}[-1];
# an order may be cut off by the restart
ok(QW->await(sub { (eval { finalize($c, $late)->{json}{type} } || '') =~ /badCSR/ }, 30), 'KEY-07 until a graceful restart');
QW::is_problem(client($late)->register(external => $external), 400, 'badPublicKey', 'KEY-07 then children refuse it too');
done_testing();
