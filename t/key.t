# Account keys that are refused.
use strict; use warnings FATAL => 'all';
use QW; use Test::More;

# newAccount whose jwk is $jwk, signed by $key.
sub with_jwk {
    my ($jwk, $alg, $key) = @_;
    my $c = QW->new(alg => $alg || 'ES256', $key ? (key => $key) : ());
    return $c->post($c->url('newAccount'), {}, jwk => 1, protected => { jwk => $jwk });
}
sub refused {
    my ($r, $name, $types) = @_;
    ok($r->code == 400 && ($r->{json}{type} || '') =~ /:($types)$/, $name) or diag $r->as_string;
}

{
    my $c = QW->new(alg => 'RS256-1024');
    refused($c->post($c->url('newAccount'), {}, jwk => 1), 'KEY-01 RSA-1024', 'badPublicKey');
}
my $rsa = QW::new_key('RS256');
my $jwk = QW->new(key => $rsa)->jwk;
for my $e (['1', 1], ['2', 2], ['4', 4], ['65536', 65536]) {
    my $bytes = pack('N', $e->[1]);
    $bytes =~ s/^\0+//;
    refused(with_jwk({ %$jwk, e => QW::b64($bytes) }, 'RS256', $rsa), "KEY-03 exponent $e->[0]", 'badPublicKey|malformed');
}
refused(with_jwk({ %$jwk, e => QW::b64("\x01" . "\0" x 8 . "\x01") }, 'RS256', $rsa), 'KEY-03 exponent beyond 64 bits', 'badPublicKey|malformed');
{
    my $n = MIME::Base64::decode_base64url($jwk->{n});
    substr($n, -1, 1) = chr(ord(substr $n, -1, 1) & 0xfe);
    refused(with_jwk({ %$jwk, n => QW::b64($n) }, 'RS256', $rsa), 'KEY-04 even modulus', 'badPublicKey');
}
my $ec = QW->new;
my $point = $ec->jwk;
refused(with_jwk({ %$point, y => $point->{x} }), 'KEY-09 not on the curve', 'badPublicKey|malformed');
refused(with_jwk({ %$point, x => QW::b64("\0" x 32), y => QW::b64("\0" x 32) }), 'KEY-09 (0, 0)', 'badPublicKey|malformed');
refused(with_jwk({ %$point, x => QW::b64("\xff" x 32) }), 'KEY-09 a coordinate beyond p', 'badPublicKey|malformed');
for my $crv (qw(P-224 P-192 secp256k1 P-256K p-256)) {
    refused(with_jwk({ %$point, crv => $crv }), "KEY-10 curve $crv", 'badPublicKey|badSignatureAlgorithm');
}
refused(with_jwk({ kty => 'oct', k => QW::b64('x' x 32) }), 'KEY-12 a secret is no public key', 'badPublicKey|malformed');
refused(with_jwk({ %$point, x => QW::b64(substr(MIME::Base64::decode_base64url($point->{x}), 1)) }), 'KEY-13 a coordinate too short', 'malformed');

# ---- the private part sent along ----------------------------------------------------
{
    my $c = QW->new;
    my $private = $c->{key}->export_key_jwk('private', 1);
    delete $private->{kid};
    my $r = $c->post($c->url('newAccount'), {}, jwk => 1, protected => { jwk => $private });
    refused($r, 'KEY-11 a private member', 'malformed');
    $r = $c->register;
    QW::is_problem($r, 400, 'badPublicKey', 'KEY-11 KEY-08 the key is blocked from then on');
    my $victim = QW->new;
    my $thief = QW->new;
    $thief->post($thief->url('newAccount'), {}, jwk => 1, protected => { jwk => { %{ $victim->jwk }, d => QW::b64('x' x 32) } });
    QW::is_fine($victim->register, 201, 'KEY-11 but nobody can block the key of another');
}

# ---- the same key in another dress ------------------------------------------------------
my $c = QW->registered;
my $r = $c->post($c->url('newAccount'), { onlyReturnExisting => JSON::PP::true }, jwk => 1,
    protected => { jwk => { %{ $c->jwk }, use => 'sig', alg => 'ES256', extra => 1 } });
QW::is_fine($r, 200, 'KEY-14 more members, the same account');
is($r->header('Location'), $c->{kid}, 'KEY-14 found by its thumbprint');
done_testing();
