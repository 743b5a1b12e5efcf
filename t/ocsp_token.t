# The OCSP responder's key in a token, SoftHSM by the pkcs11 engine, behind a module
# that fails, hangs or loses it; and in a file. On a bed of its own.
use strict; use warnings FATAL => 'all';
use QW; use QW::Bed; use QW::Token; use Test::More;
use MIME::Base64 qw(decode_base64);
use Time::HiRes qw(time);

plan skip_all => 'no SoftHSM, or no headers of PKCS#11' unless QW::Token->is_here;

my $home = QW::Bed->new('ocsp-token', 18900);
my $bed = $home->{dir};
my $pin = '59260718';
QW::Token->equip($home, $pin);
sub run_ok { QW::Token::run_ok(@_) }
run_ok("openssl ecparam -genkey -name prime256v1 -noout | openssl pkcs8 -topk8 -nocrypt -out '$bed/ocsp.p8'");
my $public = run_ok("openssl pkey -in '$bed/ocsp.p8' -pubout");
QW::Token->import_key($home, "$bed/ocsp.p8", 'ocsp', '02');
my $uri = 'pkcs11:token=qwac;object=ocsp;type=private';
$home->configure(sub {
    s/(QwacmeKind test)/$1\n    QwacmeOCSPKey "$uri" credential:hsm-pin issuer=$bed\/ca-test\/issuing.pem/;
    $_ = "QwacmeKeyWait 2\n$_";
});
my $pid = $home->start;
my $c = QW->registered;
my $days = 86400;

my $ca = "$bed/ca-test/issuing.pem";
my $id = substr run_ok("openssl x509 -in '$ca' -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -r"), 0, 16;
my $state = "$bed/state/status/$id";
my $url = 'http://localhost:' . ($home->{port} + 81) . '/status/test/ocsp';

my $count = 0;
sub issued {
    my $name = 'o' . ++$count . '.shop.test';
    my $r = $c->order($name);
    my $at = $r->header('Location');
    $c->prove($r);
    $r = $c->finalize($at, $c->csr([$name]));
    die $r->as_string unless ref $r->{json} && $r->{json}{status} eq 'valid';
    my ($pem) = $c->post($r->{json}{certificate})->content =~ /(-----BEGIN CERTIFICATE-----\n.*?-----END CERTIFICATE-----\n)/s;
    my $file = "o$count.pem";
    $home->put($file, $pem);
    my ($serial) = run_ok("openssl x509 -in '$bed/$file' -noout -serial") =~ /=(\w+)/;
    return { file => "$bed/$file", serial => lc $serial, pem => $pem };
}
sub ask {
    my ($cert, $option) = @_;
    return scalar `openssl ocsp -issuer '$ca' -cert '$cert->{file}' -CAfile '$ca' -partial_chain -url '$url' -resp_text @{[$option || '-no_nonce']} 2>&1`;
}
# of the responder, whose certificate is in the answer
sub is_told {
    my ($cert, $what, $text) = @_;
    $text ||= ask($cert);
    ok($text =~ /Response verify OK/ && $text =~ /: good\n/, $what) or diag $text;
}
sub responder_key { -e "$state/responder.der" ? `openssl x509 -inform DER -in '$state/responder.der' -noout -pubkey` : '' }
sub responder_serial { `openssl x509 -inform DER -in '$state/responder.der' -noout -serial` }
sub health { QW::ctl('signer', 'health'); return ($QW::ctl_exit, $QW::ctl_text) }
sub signatures { scalar grep { /^sign / } split /\n/, $home->slurp('count') }
sub logins { scalar grep { /^login / } split /\n/, $home->slurp('count') }
sub plan_ { $home->put('plan', $_[0]) }
sub signer { my $p = `fuser '$bed/state/signer.lock' 2>/dev/null`; return $p =~ /(\d+)/ ? $1 : 0 }
my $signer = signer();

ok(QW->await(sub { responder_key() eq $public }), 'STA the certificate of the responder is for the key in the token');
ok(!-e "$state/responder-key.pem", 'STA and it made no key of its own');
is_deeply([(health())[0]], [0], 'OPS-10 the signer is healthy') or diag $QW::ctl_text;
my $cert = issued();
ok(QW->await(sub { ask($cert) =~ /: good/ }), 'STA a certificate is told about');
is_told($cert, 'STA the answer verifies');
my $signed = signatures();
my $live = ask($cert, '-nonce');
is_told($cert, 'STA so does one with a nonce', $live);
unlike($live, qr/no nonce in response/, 'STA which has it');
is(signatures() - $signed, 1, 'STA by one signature of the token');

# ---- away --------------------------------------------------------------------------------
sub recovers {
    my ($what, $missed) = @_;
    my $begun = time;
    ok(QW->await(sub { -e "$state/ocsp/" . substr($missed->{serial}, -2) . "/$missed->{serial}.sha1" }, 30), "OPS-10 $what: what was missed is signed");
    cmp_ok(time - $begun, '<', 25, "OPS-10 $what: soon");
    is_told($missed, "OPS-10 $what: and told");
    ok(QW->await(sub { (health())[0] == 0 }), "OPS-10 $what: healthy") or diag $QW::ctl_text;
    is(signer(), $signer, "OPS-10 $what: by the same signer");
    is(responder_key(), $public, "OPS-10 $what: with the same key");
}
for my $case (['a device that was removed', 'all fail 0x32'], ['a signature that fails', 'C_Sign fail 0x30'],
    ['a token that hangs', 'C_Sign hang']) {
    my ($what, $plan) = @$case;
    plan_($plan);
    my $missed = issued();
    is_told($cert, "STA $what: what was signed is told as before");
    is_told($cert, "STA $what: and, without a nonce, to those who want one", ask($cert, '-nonce'));
    like(ask($missed), qr/trylater/, "STA $what: there is no answer yet about a certificate that was issued all the same");
    ok(QW->await(sub { my ($exit, $text) = health(); $exit == 3 && $text =~ /test: issuer $id: its OCSP key is away: \S/ }),
        "OPS-10 $what: health says so") or diag $QW::ctl_text;
    plan_('');
    recovers($what, $missed);
}
like($home->slurp('log/error_log'), qr/QW0175: issuer $id: its OCSP key is away/, 'OPS-10 the log says that it was away');
like($home->slurp('log/error_log'), qr/QW0174: issuer $id: its OCSP key is back/, 'OPS-10 and back');

# ---- killed -------------------------------------------------------------------------------
my ($holder) = split ' ', run_ok("ps -o pid= --ppid $signer");
ok($holder, 'the key is held by a process of its own');
kill KILL => $holder;
my $missed = issued();
recovers('a library that crashed', $missed);

# ---- away for long ---------------------------------------------------------------------------
plan_('all fail 0x32');
ask($cert, '-nonce'); # it is noticed
ok(QW->await(sub { (health())[0] == 3 }), 'OPS-10 a token that is away') or diag $QW::ctl_text;
QW->clock(2 * $days + 3600);
ok(QW->await(sub { (health())[1] =~ /test: issuer $id: its oldest OCSP answer was signed 20\d\d-/ }),
    'OPS-08 with half of their validity over, answers that are not signed anew are told of') or diag $QW::ctl_text;
QW->clock(0);
plan_('');
ok(QW->await(sub { (health())[0] == 0 }, 30), 'OPS-10 until it is back') or diag $QW::ctl_text;

# ---- renewal ---------------------------------------------------------------------------------
my $serial = responder_serial();
QW->clock(16 * $days);
$c->{nonces} = [];
ok(QW->await(sub { responder_serial() ne $serial }), 'STA half of its life over, the responder has a new certificate');
is(responder_key(), $public, 'STA for the same key');
ok(QW->await(sub { `openssl ocsp -respin '$state/ocsp/@{[substr $cert->{serial}, -2]}/$cert->{serial}.sha1' -noverify -resp_text 2>&1` =~ /Serial Number: .*?\n/s
        && -M "$state/ocsp/@{[substr $cert->{serial}, -2]}/$cert->{serial}.sha1" < -15 }, 30), 'STA answers are signed with it');
QW->clock(0);
QW::ctl('ledger', 'verify');
is($QW::ctl_exit, 0, 'OPS-09 the ledger agrees with itself') or diag $QW::ctl_text;
for my $text ($home->slurp('log/error_log') . $home->slurp('log/httpd.out'), scalar `ps axww -o args`) {
    unlike($text, qr/$pin/, 'OPS-10 no PIN in the logs nor in the list of processes');
}

# ---- another key: in a file, with a passphrase ---------------------------------------------------
$home->end($pid);
run_ok("openssl genrsa -out '$bed/plain.pem' 2048 && openssl pkcs8 -topk8 -in '$bed/plain.pem' -passout 'pass:$pin' -out '$bed/ocsp.pem' && chmod 600 '$bed/ocsp.pem'");
my $other = run_ok("openssl pkey -in '$bed/plain.pem' -pubout");
unlink "$bed/plain.pem";
$home->configure(sub { s/QwacmeOCSPKey .*/QwacmeOCSPKey $bed\/ocsp.pem credential:hsm-pin/ });
$home->start;
ok(QW->await(sub { responder_key() eq $other }), 'STA another key, an RSA key in a file: the responder has a certificate for it');
$c->{nonces} = [];
my $late = issued();
ok(QW->await(sub { ask($late) =~ /: good/ }), 'STA it signs answers');
is_told($late, 'STA which verify');
is_told($cert, 'STA and so does what the other key has signed');
done_testing();
