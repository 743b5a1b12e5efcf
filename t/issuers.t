# Several issuing CAs of one authority: which one signs, what its certificates say
# of it, and the next one that takes over at a restart. On a bed of its own.
use strict; use warnings FATAL => 'all';
use QW; use QW::Bed; use Test::More;

my $home = QW::Bed->new('issuers', 15100);
my $bed = $home->{dir};

sub run_ok { my ($command) = @_; `$command 2>&1`; $? == 0 or die "$command: $?" }

# An issuing CA of $key in ca-$name; its id.
my %id;
sub make_ca {
    my ($name, $key) = @_;
    run_ok("'$ENV{QW_CTL}' ca init-demo '$bed/ca-$name' --organization 'Exemple Confiance' --country FR"
        . " --organization-identifier NTRFR-123456789 --key $key") if $name ne 'test';
    my $spki = `openssl x509 -in '$bed/ca-$name/issuing.pem' -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -r`;
    return $id{$name} = substr $spki, 0, 16;
}
make_ca(test => 'P-256');
make_ca(rsa => 'RSA-3072');
make_ca(new => 'P-384');
$home->put('cross.ext', "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n"
    . "extendedKeyUsage=serverAuth\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n");
run_ok("openssl x509 -x509toreq -in '$bed/ca-rsa/issuing.pem' -signkey '$bed/ca-rsa/issuing-key.pem' -out '$bed/cross.csr'");
run_ok("openssl x509 -req -in '$bed/cross.csr' -CA '$bed/ca-test/root.pem' -CAkey '$bed/ca-test/root-key.pem'"
    . " -CAcreateserial -days 825 -extfile '$bed/cross.ext' -out '$bed/cross.pem'");

# Lines of QwacmeIssuer, and of more, in place of those that are there.
sub issuers {
    my (@lines) = @_;
    $home->configure(sub {
        s/^ *Qwacme(Issuer|IssuerURL|CRLURL|AlternateChain) .*\n//mg;
        my $lines = join "\n", 'QwacmeIssuerURL http://pki.exemple.fr/%{issuer}.cer',
            'QwacmeCRLURL http://pki.exemple.fr/%{issuer}.crl', @lines;
        s/(QwacmeKind test)/$1\n$lines/;
    });
}
sub signing { my ($name, @more) = @_; "QwacmeIssuer $bed/ca-$name/issuing.pem $bed/ca-$name/issuing-key.pem @more" }
sub retired { my ($name) = @_; "QwacmeIssuer $bed/ca-$name/issuing.pem none" }

# A certificate for a key of $type: url, and what openssl says of it.
my $count = 0;
my $c;
sub issue {
    my ($type) = @_;
    my $name = 'i' . ++$count . '.shop.test';
    my @key;
    if ($type eq 'rsa') {
        run_ok("openssl genrsa -out '$bed/rsa-$count.pem' 2048");
        @key = ('-key', "$bed/rsa-$count.pem");
    }
    my $r = $c->order($name);
    my $at = $r->header('Location');
    $c->prove($r);
    $r = $c->finalize($at, $c->csr([$name], @key));
    return { refused => $r } unless ref $r->{json} && ($r->{json}{status} || '') eq 'valid';
    return look($r->{json}{certificate});
}
sub look {
    my ($url) = @_;
    my $r = $c->post($url);
    my ($leaf, @chain) = split /(?<=END CERTIFICATE-----\n)/, $r->content;
    $home->put('leaf.pem', $leaf);
    $home->put('chain.pem', join '', @chain);
    my ($der) = $leaf =~ /CERTIFICATE-----\n(.*?)-----END/s;
    return { url => $url, answer => $r, der => $der, text => scalar `openssl x509 -in '$bed/leaf.pem' -noout -text` };
}
sub is_from {
    my ($cert, $name, $what, $root) = @_;
    ok($cert->{url}, "$what: issued") or do { diag $cert->{refused}->as_string; return };
    look($cert->{url});
    $root ||= "$bed/ca-$name/root.pem";
    my $text = `openssl verify -CAfile '$root' -untrusted '$bed/chain.pem' '$bed/leaf.pem' 2>&1`;
    like($text, qr/: OK$/m, "QWC-14 $what: its chain is that of $name");
    like($cert->{text}, qr{CA Issuers - URI:http://pki\.exemple\.fr/$id{$name}\.cer}, "QWC-14 $what: its AIA leads to that issuer");
    like($cert->{text}, qr{URI:http://pki\.exemple\.fr/$id{$name}\.crl}, "$what: so does its CRL");
}
sub alternates { grep { /rel="alternate"/ } $_[0]{answer}->header('Link') }

# What the ledger says of itself.
sub verified { QW::ctl('ledger', 'verify'); my $text = $QW::ctl_text; return eval { QW::decode($text =~ /^(\{.*?^\})/ms ? $1 : $text) } || { findings => [$text] } }

# ---- two side by side -----------------------------------------------------------------
issuers(signing('test', 'for=ecdsa'), signing('rsa'), "QwacmeAlternateChain $bed/cross.pem");
my $pid = $home->start;
$c = QW->registered;
my $ec = issue('ec');
is_from($ec, 'test', 'an EC key');
my $rsa = issue('rsa');
is_from($rsa, 'rsa', 'an RSA key');
is(scalar alternates($ec), 0, 'CRT-04 no alternate of another issuer');
QW::is_problem($c->post("$ec->{url}/1"), 404, 'malformed', 'CRT-05 nor under a guessed number');
my ($alternate) = map { /<([^>]+)>/ } alternates($rsa);
is($alternate, "$rsa->{url}/1", 'CRT-04 the alternate of its own issuer');
my $other = look($alternate);
like(scalar `openssl verify -CAfile '$bed/ca-test/root.pem' -untrusted '$bed/chain.pem' '$bed/leaf.pem' 2>&1`, qr/: OK$/m,
    'CRT-04 leads to the other root');
is($home->value("SELECT count(DISTINCT issuer) FROM qw_attempt WHERE kind = 'cert' AND status = 'issued'"), 2, 'OPS-09 the ledger is that of both');
is_deeply(verified()->{findings}, [], 'OPS-09 and agrees with itself');

# ---- which keys are taken ----------------------------------------------------------------
sub restart {
    my (@lines) = @_;
    issuers(@lines);
    $home->end($pid);
    $pid = $home->start;
    $c->{nonces} = [];
}
restart(signing('test', 'for=ecdsa'), retired('rsa'));
QW::is_problem(issue('rsa')->{refused}, 400, 'badCSR', 'no issuer takes RSA keys');
is_from(issue('ec'), 'test', 'but an EC key');

# ---- the next one takes over -----------------------------------------------------------------
rename "$bed/ca-$_/issuing-key.pem", "$bed/ca-$_/away" for qw(test rsa);
issuers(signing('new'), retired('test'), retired('rsa'), "QwacmeAlternateChain $bed/cross.pem");
kill 'USR1', $pid;
my $taken;
QW->await(sub {
    $c->{nonces} = [];
    $taken = eval { issue('ec') };
    $taken && $taken->{url} && $taken->{text} =~ /$id{new}/;
}, 40);
is_from($taken, 'new', 'rolled over by a graceful restart');
is_from(issue('rsa'), 'new', 'RSA keys too');
is_from($ec, 'test', 'an old certificate');
is_from($rsa, 'rsa', 'another old one');
is(scalar alternates(look($rsa->{url})), 1, 'with its alternate chain');
(my $der = $ec->{der}) =~ s/\s//g;
$der =~ tr{+/=}{-_}d;
QW::is_fine($c->post($c->url('revokeCert'), { certificate => $der, reason => 4 }), 200, 'REV-13 an old one is revoked');
is_deeply(verified()->{findings}, [], 'OPS-09 the ledger agrees over all of them');

# An attempt of a retired issuer that a crash left open.
my $serial = '1' x 32;
$home->value("INSERT INTO qw_attempt (id, authority, kind, issuer, serial, tbs, tbs_hash, profile_hash,"
    . " identity_version, status, node, lease_until, created) SELECT 'AAAAAAAAAAAAAAAAAAAAAA', authority, kind, issuer,"
    . " '$serial', tbs, tbs_hash, profile_hash, identity_version, 'signing', node, 1, created FROM qw_attempt"
    . " WHERE issuer LIKE '$id{rsa}%' LIMIT 1");
QW::ctl('ledger', 'reconcile');
like($QW::ctl_text, qr/"orphaned":\s*1\b/, 'OPS-09 an attempt of a retired issuer is written off');
is($home->value("SELECT count(*) FROM qw_revocation WHERE serial = '$serial' AND issuer LIKE '$id{rsa}%'"), 1,
    'OPS-09 and its serial revoked');

issuers(signing('new'), retired('test'));
my ($finding) = grep { /not configured/ } @{ verified()->{findings} };
like($finding || '', qr/^issuer $id{rsa}\w+: .*QwacmeIssuer CHAIN-FILE none/, 'OPS-09 an issuer that was dropped is missed');

# ---- at its end ---------------------------------------------------------------------------
make_ca(short => 'P-256');
run_ok("openssl x509 -x509toreq -in '$bed/ca-short/issuing.pem' -signkey '$bed/ca-short/issuing-key.pem' -out '$bed/short.csr'");
run_ok("openssl x509 -req -in '$bed/short.csr' -CA '$bed/ca-short/root.pem' -CAkey '$bed/ca-short/root-key.pem'"
    . " -CAcreateserial -days 1 -extfile '$bed/cross.ext' -out '$bed/ca-short/issuing.pem'");
sub checked { my $text = `$ENV{QW_HTTPD_ENV} '$ENV{QW_HTTPD}' -t -f '$bed/httpd.conf' 2>&1`; return ($?, $text) }
issuers(signing('new'), signing('short'), retired('test'), retired('rsa'));
my ($rc, $text) = checked();
is($rc, 0, 'OPS-01 an issuer at its end may stand behind the one that signs') or diag $text;
issuers(signing('short'), signing('new'), retired('test'), retired('rsa'));
($rc, $text) = checked();
isnt($rc, 0, 'OPS-01 but not before it');
like($text, qr/in less than a day/, 'OPS-01 which is told');

# ---- ahead of its day, past its day -----------------------------------------------------------
$home->put('clock', 20 * 365 * 86400);
issuers(signing('new'), retired('test'), retired('rsa'));
QW::ctl('ledger', 'verify');
is($QW::ctl_exit, 0, 'OPS-09 an expired issuer is still looked at') or diag $QW::ctl_text;
done_testing();
