# The JWS envelope: one field broken at a time.
use strict; use warnings FATAL => 'all';
use QW; use Test::More;

my $c = QW->registered;
my $at = $c->{kid};
my $json = 'application/jose+json';

# POST-as-GET of the account with something broken.
sub try_ { my (%how) = @_; $c->post($at, undef, %how) }
sub flat { my ($change) = @_; try_(flat => $change) }
sub header { my (%members) = @_; try_(protected => \%members) }
sub raw { my ($body) = @_; $c->post($at, undef, body => $body) }

QW::is_problem(flat(sub { $_[0]{signatures} = [{ signature => delete $_[0]{signature} }] }), 400, 'malformed', 'JWS-03 general serialization');
QW::is_problem(flat(sub { $_[0]{signatures} = [] }), 400, 'malformed', 'JWS-04 signature and signatures');
{
    my $flat = QW::decode($c->jws($at, undef));
    QW::is_problem(raw("$flat->{protected}.$flat->{payload}.$flat->{signature}"), 400, 'malformed', 'JWS-05 compact serialization');
}
QW::is_problem(flat(sub { $_[0]{header} = { kid => $at } }), 400, 'malformed', 'JWS-06 unprotected header');
QW::is_problem(flat(sub { delete $_[0]{signature} }), 400, 'malformed', 'JWS-07 no signature');
QW::is_problem(flat(sub { $_[0]{signature} = '' }), 400, 'malformed', 'JWS-07 empty signature');
QW::is_problem(flat(sub { delete $_[0]{protected} }), 400, 'malformed', 'JWS-08 no protected');
QW::is_problem(flat(sub { $_[0]{protected} = '' }), 400, 'malformed', 'JWS-08 empty protected');
QW::is_problem(flat(sub { $_[0]{protected} = '@@' }), 400, 'malformed', 'JWS-08 protected not base64url');
QW::is_problem(try_(protected_raw => '[1]'), 400, 'malformed', 'JWS-08 protected no object');
for my $part (qw(protected payload signature)) {
    QW::is_problem($c->post($at, 'ab', flat => sub { $_[0]{$part} .= '=' }), 400, 'malformed', "JWS-09 padding in $part");
}
QW::is_problem(flat(sub { delete $_[0]{payload} }), 400, 'malformed', 'JWS-10 no payload');
QW::is_problem(header(b64 => JSON::PP::false, crit => ['b64']), 400, 'malformed', 'JWS-11 b64 false');
QW::is_problem(header(crit => ['exp']), 400, 'malformed', 'JWS-12 crit');
QW::is_problem(header(crit => []), 400, 'malformed', 'JWS-12 empty crit');
for my $twice ('"url":"x","url":"y"', '"url":"x","\u0075rl":"y"') {
    QW::is_problem(try_(protected_raw => "{\"alg\":\"ES256\",$twice}"), 400, 'malformed', "JWS-13 a member twice: $twice");
}
QW::is_problem($c->post($at, '{"contact":[],"contact":[]}'), 400, 'malformed', 'JWS-13 a member twice in the payload');

for my $alg (qw(none None nOnE HS256 HS512 PS256 RS1 ES256K), 'none ') {
    my $r = try_(protected => { alg => $alg }, signature => '');
    $r = try_(protected => { alg => $alg }, signature => 'x' x 32) if $alg =~ /^HS/;
    ok($r->code == 400 && $r->{json}{type} =~ /:(badSignatureAlgorithm|malformed)$/, "JWS-15 JWS-16 alg '$alg'") or diag $r->as_string;
}
my $r = header(alg => 'HS256');
QW::is_problem($r, 400, 'badSignatureAlgorithm', 'JWS-16 a MAC is no signature');
is_deeply([sort @{ $r->{json}{algorithms} }], [sort qw(ES256 ES384 ES512 RS256 EdDSA)], 'JWS-18 it says what is taken');
for my $alg (qw(RS256 ES384 EdDSA)) {
    $r = header(alg => $alg);
    ok($r->code == 400 && $r->{json}{type} =~ /:(badSignatureAlgorithm|malformed)$/, "JWS-19 $alg with a P-256 key") or diag $r->as_string;
}
for my $alg (qw(ES256 ES384 ES512 RS256 EdDSA)) {
    my $a = QW->registered(alg => $alg);
    QW::is_fine($a->post($a->{kid}), 200, "JWS-20 $alg");
}
{
    my $der = do { my $k = Crypt::PK::ECC->new; $k->generate_key('secp256r1'); $k->sign_message('x', 'SHA256') };
    QW::is_problem(try_(signature => $der), 400, 'malformed', 'JWS-21 a DER signature');
}
QW::is_problem(try_(signature => 'x' x 63), 400, 'malformed', 'JWS-22 63 bytes');
QW::is_problem(try_(signature => "\0" x 64), 400, 'malformed', 'JWS-23 r = s = 0');
QW::is_problem(try_(flat => sub { substr($_[0]{signature}, 5, 1) = substr($_[0]{signature}, 5, 1) eq 'A' ? 'B' : 'A' }), 400, 'malformed', 'JWS-24 a bit flipped');
QW::is_problem($c->post($at, {}, flat => sub { $_[0]{payload} = QW::b64('{"contact":[]}') }), 400, 'malformed', 'JWS-25 payload changed after signing');

QW::is_problem(header(jwk => $c->jwk), 400, 'malformed', 'JWS-26 jwk and kid');
QW::is_problem(header(kid => undef), 400, 'malformed', 'JWS-27 neither jwk nor kid');
QW::is_problem($c->post($c->url('newAccount'), {}), 400, 'malformed', 'JWS-28 kid on newAccount');
for my $name (qw(newOrder keyChange)) {
    QW::is_problem($c->post($c->url($name), {}, jwk => 1), 400, 'malformed', "JWS-29 jwk on $name");
}
QW::is_problem($c->post($at, undef, jwk => 1), 400, 'malformed', 'JWS-29 jwk on the account');

QW::is_problem(header(url => undef), 400, 'malformed', 'JWS-30 no url');
(my $host = $at) =~ s/localhost/127.0.0.1/;
(my $port = $at) =~ s/:\d+/:1/;
(my $plain = $at) =~ s/^https/http/;
(my $case = $at) =~ s/localhost/LocalHost/;
(my $place = $at) =~ s{/acme/}{/other/};
for my $case_ (['JWS-31 another path', $c->url('newOrder')], ['JWS-32 another host', $host],
    ['JWS-32 another port', $port], ['JWS-32 http', $plain], ['JWS-33 a query', "$at?x"],
    ['JWS-33 a fragment', "$at#x"], ['JWS-33 a slash more', "$at/"], ['JWS-33 case', $case],
    ['JWS-34 the other directory', $place]) {
    QW::is_problem(try_(url => $case_->[1]), 403, 'unauthorized', $case_->[0]);
}

(my $nobody = $at) =~ s/[^\/]+$/AAAAAAAAAAAAAAAAAAAAAA/;
QW::is_problem(try_(kid => $nobody), 400, 'accountDoesNotExist', 'JWS-35 unknown kid');
for my $kid ('', '1', 'https://evil.example/acme/acct/AAAAAAAAAAAAAAAAAAAAAA', 'x' x 20000) {
    my $r = header(kid => $kid);
    ok($r->code == 400 && $r->{json}{type} =~ /:(malformed|accountDoesNotExist)$/, 'JWS-36 kid of ' . length($kid) . ' characters') or diag $r->as_string;
}
(my $elsewhere = $at) =~ s{/acme/}{/other/};
$r = try_(kid => $elsewhere);
ok($r->code == 400, 'JWS-37 EAB-38 kid of another directory') or diag $r->as_string;
{
    my $b = QW->registered;
    QW::is_problem($c->post($at, undef, key => $b->{key}), 400, 'malformed', "JWS-38 signed by another account's key");
}
QW::is_fine(header(jku => 'http://127.0.0.1:1/', x5u => 'http://127.0.0.1:1/'), 200, 'JWS-40 jku and x5u are not followed');
QW::is_problem($c->post($at, "{\"a\":\"\xff\xfe\"}"), 400, 'malformed', 'JWS-41 invalid UTF-8');
QW::is_problem($c->post($at, '{"a":' . ('[' x 5000) . (']' x 5000) . '}'), 400, 'malformed', 'JWS-42 nested deep');
QW::is_problem($c->post($at, '{"a":' . ('9' x 30000) . '}'), 400, 'malformed', 'JWS-42 a number of 30,000 digits');
QW::is_fine($c->post($at, { unknown => 1 }), 200, 'JWS-43 unknown members are ignored');
$r = $c->order('jws.shop.test');
my $order = $r->header('Location');
QW::is_problem($c->post($order, {}), 400, 'malformed', 'JWS-44 {} is not POST-as-GET');
QW::is_problem($c->post("$at/orders", {}), 400, 'malformed', 'JWS-44 nor on the orders list');
QW::is_problem($c->post($c->url('newOrder')), 400, 'malformed', 'JWS-45 POST-as-GET on newOrder');
for my $name (qw(nonce url alg kid)) {
    QW::is_problem(header($name => 1), 400, 'malformed', "JWS-46 $name is a number");
    QW::is_problem(header($name => {}), 400, 'malformed', "JWS-46 $name is an object");
}

# ---- a deactivated account -------------------------------------------------------
my $gone = QW->registered;
$r = $gone->order('gone.shop.test');
my $its_order = $r->header('Location');
my $authz = $r->{json}{authorizations}[0];
$gone->post($gone->{kid}, { status => 'deactivated' });
for my $case_ (['the account', $gone->{kid}, undef], ['an order', $its_order, undef],
    ['an authorization', $authz, undef], ['the orders list', "$gone->{kid}/orders", undef],
    ['newOrder', $gone->url('newOrder'), {}], ['keyChange', $gone->url('keyChange'), {}],
    ['revokeCert', $gone->url('revokeCert'), {}], ['finalize', "$its_order/finalize", {}]) {
    QW::is_problem($gone->post($case_->[1], $case_->[2]), 401, 'unauthorized', "JWS-48 deactivated: $case_->[0]");
}
QW::is_problem($gone->post($gone->{kid}, undef, signature => 'x' x 64), 400, 'malformed', 'JWS-49 its state is told to its key alone');

# ---- transport --------------------------------------------------------------------
for my $type (undef, 'application/json', 'text/plain', 'application/jose') {
    QW::is_problem($c->post($at, undef, type => $type), 415, 'malformed', 'DIR-17 DIR-18 Content-Type ' . ($type || 'missing'));
}
QW::is_fine($c->post($at, undef, type => "$json; charset=utf-8"), 200, 'DIR-19 a parameter does not matter');
QW::is_problem($c->post($at, undef, headers => ['Content-Encoding' => 'gzip']), 415, 'malformed', 'DIR-23 compressed');
QW::is_problem(raw('x' x 70000), 413, 'malformed', 'DIR-26 a body beyond the limit');
QW::is_problem(raw(''), 400, 'malformed', 'an empty body');
QW::is_fine($c->post($at, undef, headers => ['Replay-Nonce' => 'x']), 200, 'DIR-24 a nonce header is ignored');
QW::is_fine($c->post($at, undef, headers => ['Accept-Language' => 'fr']), 200, 'DIR-29 another language');
$r = $c->send('OPTIONS', $c->url('newOrder'), undef, Origin => 'https://x.example');
is($r->code, 204, 'DIR-15 OPTIONS');
is($r->header('Access-Control-Allow-Origin'), '*', 'DIR-15 any origin');
is($r->header('Access-Control-Allow-Methods'), 'POST', 'DIR-15 what the resource takes');
like($r->header('Access-Control-Expose-Headers'), qr/Replay-Nonce/, 'DIR-15 headers are exposed');
QW::is_problem($c->post(QW::base() . '/acme/directory', undef), 405, 'malformed', 'DIR-12 POST on the directory');
done_testing();
