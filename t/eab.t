# External account binding, RFC 8555 section 7.3.4.
use strict; use warnings FATAL => 'all';
use QW; use Test::More;

my $true = JSON::PP::true;
my $external = QW->new_external('eab.test');
my $binding = QW->new_binding($external, '--uses', 3);
my $const;

sub new_account {
    my ($c, $eab, %more) = @_;
    return $c->post($c->url('newAccount'), { termsOfServiceAgreed => $true,
        (defined $eab ? (externalAccountBinding => $eab) : ()), %more }, jwk => 1);
}
# A fresh client with a binding that %how breaks.
sub try_ {
    my (%how) = @_;
    my $c = QW->new;
    return new_account($c, $c->eab(kid => $binding->{keyId}, mac => $binding->{macKey}, %how));
}
# Refused, with the one sentence that tells nothing.
sub silent {
    my ($r, $name) = @_;
    QW::is_problem($r, 403, 'unauthorized', $name);
    $const = $r->content unless defined $const;
    is($r->content, $const, "$name: in the same words as ever");
}
sub uses {
    my ($row) = grep { $_->{keyId} eq $binding->{keyId} } @{ QW::ctl('binding', 'list', $external) };
    return $row->{uses};
}

QW::is_problem(new_account(QW->new, undef), 403, 'externalAccountRequired', 'EAB-01 DIR-03 no binding');
for my $bad (['a string', 'x'], ['an array', []], ['an empty object', {}], ['no payload', { protected => 'e30', signature => '' }]) {
    QW::is_problem(new_account(QW->new, $bad->[1]), 400, 'malformed', "EAB-02 $bad->[0]");
}
silent(try_(kid => 'A' x 22), 'EAB-03 unknown KeyID');
silent(try_(mac => QW::b64('x' x 32)), 'EAB-04 a wrong MAC key');
for my $alg (qw(RS256 ES256 none HS1)) {
    my $r = try_(alg => $alg);
    ok($r->code == 400 && $r->{json}{type} =~ /:(malformed|badSignatureAlgorithm)$/, "EAB-06 EAB-07 alg $alg") or diag $r->as_string;
}
for my $alg (qw(HS256 HS384 HS512)) {
    my $b = QW->new_binding($external);
    QW::is_fine(try_(kid => $b->{keyId}, mac => $b->{macKey}, alg => $alg), 201, "EAB-08 $alg with the 32-byte key");
}
{
    my $b = QW->new_binding($external, '--algorithms', 'HS256');
    silent(try_(kid => $b->{keyId}, mac => $b->{macKey}, alg => 'HS512'), 'EAB-09 an algorithm that is not for the KeyID');
}
QW::is_problem(try_(protected => { nonce => 'x' }), 400, 'malformed', 'EAB-10 a nonce inside');
for my $url (undef, 'https://evil.example/', 'QUERY') {
    my $c = QW->new;
    my $to = !defined $url ? undef : $url eq 'QUERY' ? $c->url('newAccount') . '?x' : $url;
    my $r = try_(protected => { url => $to });
    ok($r->code == 400 || $r->code == 403, 'EAB-11 url ' . ($url || 'missing')) or diag $r->as_string;
}
for my $kid (undef, 1, '', 'x' x 20000) {
    QW::is_problem(try_(protected => { kid => $kid }), 400, 'malformed', 'EAB-12 kid ' . (defined $kid ? length $kid : 'missing'));
}
QW::is_problem(try_(protected => { jwk => QW->new->jwk }), 400, 'malformed', 'EAB-13 a jwk inside');
{
    my $c = QW->new;
    my $eab = $c->eab(kid => $binding->{keyId}, mac => $binding->{macKey});
    QW::is_problem(new_account($c, { %$eab, signatures => [] }), 400, 'malformed', 'EAB-14 signatures');
    QW::is_problem(new_account($c, { %$eab, header => {} }), 400, 'malformed', 'EAB-14 unprotected header');
}
silent(try_(payload => QW->new->jwk), 'EAB-15 the binding of another key');
QW::is_problem(try_(payload => { x => 1 }), 400, 'malformed', 'EAB-16 the payload is no key');
QW::is_problem(try_(payload => { %{ QW->new->jwk }, d => 'AAAA' }), 400, 'malformed', 'EAB-16 the payload is a private key');
for my $tag (['truncated', 16], ['one byte', 1], ['none', 0]) {
    silent(try_(signature => 'x' x $tag->[1]), "E-06 a tag of $tag->[1] bytes");
}
is(uses(), 0, 'EAB-22 after all these the KeyID is unused');

# ---- uses, expiry, revocation ---------------------------------------------------------
my $first = QW->new;
QW::is_fine(new_account($first, $first->eab(kid => $binding->{keyId}, mac => $binding->{macKey})), 201, 'EAB-20 first use of three');
{
    my $c = QW->new;
    my $jwk = $c->jwk;
    my $order = '{' . join(', ', map { "\"$_\" : \"$jwk->{$_}\"" } qw(y x kty crv)) . '}';
    my $eab = $c->eab(kid => $binding->{keyId}, mac => $binding->{macKey});
    my %flat = (protected => $eab->{protected}, payload => QW::b64($order));
    $flat{signature} = QW::b64(Crypt::Mac::HMAC::hmac('SHA256', MIME::Base64::decode_base64url($binding->{macKey}), "$flat{protected}.$flat{payload}"));
    QW::is_fine(new_account($c, \%flat), 201, 'EAB-17 EAB-20 members in another order');
}
QW::is_fine(try_(), 201, 'EAB-20 third use');
silent(try_(), 'EAB-20 no fourth');
is(uses(), 3, 'EAB-20 three uses');

{
    my $b = QW->new_binding($external, '--expires', '1h');
    QW->clock(2 * 3600);
    silent(try_(kid => $b->{keyId}, mac => $b->{macKey}), 'EAB-23 an expired KeyID');
    QW->clock(0);
}
{
    my $b = QW->new_binding($external, '--uses', 2);
    my $c = QW->registered(binding => $b);
    QW::ctl('binding', 'revoke', $b->{keyId}) or die $QW::ctl_text;
    silent(try_(kid => $b->{keyId}, mac => $b->{macKey}), 'EAB-24 a revoked KeyID');
    QW::is_fine($c->post($c->{kid}), 200, 'EAB-25 the account that it bound goes on');
    $b = QW->new_binding($external);
    $c = QW->registered(binding => $b);
    QW::ctl('binding', 'revoke', $b->{keyId}, '--cascade') or die $QW::ctl_text;
    QW::is_problem($c->post($c->{kid}), 403, 'unauthorized', 'EAB-25 unless the operator wanted the cascade');
}
{
    my $c = QW->new;
    my $b = QW->new_binding($external, '--thumbprint', $c->thumbprint);
    silent(try_(kid => $b->{keyId}, mac => $b->{macKey}), 'a pinned KeyID with another key');
    QW::is_fine(new_account($c, $c->eab(kid => $b->{keyId}, mac => $b->{macKey})), 201, 'a pinned KeyID with its key');
}

# ---- the external account --------------------------------------------------------------
{
    my $x = QW->new_external('eab2.test');
    my $b = QW->new_binding($x, '--uses', 9);
    my $member = QW->registered(binding => $b);
    QW::ctl('account', 'suspend', $x, '--reason', 'test') or die $QW::ctl_text;
    silent(try_(kid => $b->{keyId}, mac => $b->{macKey}), 'EAB-26 a suspended external account');
    QW::is_problem($member->post($member->{kid}), 403, 'unauthorized', 'LIM-20 its ACME accounts stop at once');
    QW->resume('account', $x);
    QW::is_fine($member->post($member->{kid}), 200, 'LIM-21 and go on when it is resumed');
    QW->clock(400 * 86400);
    my $late = QW->new;
    my $r = new_account($late, $late->eab(kid => $b->{keyId}, mac => $b->{macKey}));
    is($r->code, 403, 'EAB-27 past its lifetime') or diag $r->as_string;
    QW->clock(0);
}

# ---- the other directory -----------------------------------------------------------------
{
    my $c = QW->new(place => 'other');
    my $b = QW->new_binding($external);
    my $r = $c->post($c->url('newAccount'), { termsOfServiceAgreed => $true,
        externalAccountBinding => $c->eab(kid => $b->{keyId}, mac => $b->{macKey}) }, jwk => 1);
    silent($r, 'EAB-28 EAB-29 a KeyID of another directory');
}

# ---- guessing -----------------------------------------------------------------------------
{
    my $b = QW->new_binding($external, '--uses', 9);
    my $c = QW->new;
    my $r;
    for (1 .. 20) {
        $r = new_account($c, $c->eab(kid => $b->{keyId}, mac => QW::b64('x' x 32)));
    }
    QW::is_problem($r, 403, 'unauthorized', 'EAB-30 the twentieth wrong MAC');
    $r = new_account($c, $c->eab(kid => $b->{keyId}, mac => $b->{macKey}));
    QW::is_problem($r, 429, 'rateLimited', 'EAB-30 then the KeyID is locked');
    ok($r->header('Retry-After') > 0, 'EAB-30 for a time that it tells');
    my $other = QW->new_binding($external);
    QW::is_fine(try_(kid => $other->{keyId}, mac => $other->{macKey}), 201, 'EAB-30 other KeyIDs are not');
    QW->clock(2 * 3600);
    my $later = QW->new;
    QW::is_fine(new_account($later, $later->eab(kid => $b->{keyId}, mac => $b->{macKey})), 201, 'EAB-30 and it opens again');
    QW->clock(0);

    # ---- at rest ---------------------------------------------------------------------------
    my $mac = $b->{macKey};
    my $raw = MIME::Base64::decode_base64url($mac);
    my $dump = $ENV{QW_DB} eq 'sqlite3' ? join('', map { -e $_ ? QW::slurp($_) : '' } map { QW::bed() . "/qwacme.db$_" } '', '-wal') : '';
    ok(index($dump, $mac) < 0 && index($dump, $raw) < 0, 'EAB-32 the MAC key is not in the database');
    my $log = join '', map { QW::slurp($_) } glob(QW::bed() . '/t/logs/*log');
    ok(index($log, $mac) < 0, 'RPT-05 nor in a log');
}

# ---- again after a lost answer ---------------------------------------------------------------
{
    my $b = QW->new_binding($external);
    my $c = QW->registered(binding => $b);
    my $r = new_account($c, $c->eab(kid => $b->{keyId}, mac => $b->{macKey}));
    QW::is_fine($r, 200, 'EAB-37 the same request again');
    is($r->header('Location'), $c->{kid}, 'EAB-37 finds the account');
    QW::is_fine($c->post($c->{kid}, { status => 'deactivated' }), 200, 'deactivate it');
    QW::is_problem(new_account($c, $c->eab(kid => $b->{keyId}, mac => $b->{macKey})), 401, 'unauthorized', 'E-03 and the binding does not bring it back');
}
done_testing();
