# keyChange, RFC 8555 section 7.3.5.
use strict; use warnings FATAL => 'all';
use QW; use Test::More;

my $external = QW->new_external('kch.test');
my $c = QW->registered(external => $external, alg => 'RS256');

# keyChange of $c to the key of $new; %how breaks the inner JWS.
sub change {
    my ($who, $new, %how) = @_;
    my $url = $who->url('keyChange');
    my $payload = $how{payload} || { account => $who->{kid}, oldKey => $who->jwk };
    my $inner = $new->jws($url, $payload, jwk => 1, nonce => undef, %{ $how{inner} || {} });
    return $who->post($url, $inner);
}

my $new = QW->new;
QW::is_problem(change($c, $new, payload => { account => "$c->{kid}x", oldKey => $c->jwk }), 400, 'malformed', 'KCH-03 another account');
QW::is_problem(change($c, $new, payload => { account => $c->{kid} }), 400, 'malformed', 'KCH-04 no oldKey');
QW::is_problem(change($c, $new, payload => { account => $c->{kid}, oldKey => QW->new->jwk }), 400, 'malformed', 'KCH-04 another oldKey');
QW::is_problem(change($c, $new, inner => { key => QW->new->{key}, protected => { jwk => $new->jwk } }), 400, 'malformed', 'KCH-05 signed by another key');
QW::is_problem(change($c, $new, inner => { protected => { jwk => undef, kid => $c->{kid} } }), 400, 'malformed', 'KCH-06 kid inside');
QW::is_problem(change($c, $new, inner => { protected => { jwk => undef } }), 400, 'malformed', 'KCH-06 no jwk inside');
QW::is_problem(change($c, $new, inner => { nonce => 'x' }), 400, 'malformed', 'KCH-07 a nonce inside');
QW::is_problem(change($c, $new, inner => { url => $c->url('newOrder') }), 400, 'malformed', 'J-25 another url inside');
QW::is_problem(change($c, $new, inner => { protected => { alg => 'HS256' } }), 400, 'badSignatureAlgorithm', 'KCH-12 a MAC inside');
QW::is_problem(change($c, QW->new(alg => 'RS256-1024')), 400, 'badPublicKey', 'KEY-01 a weak new key');

my $other = QW->registered(external => $external);
my $r = change($c, $other);
QW::is_problem($r, 409, 'malformed', 'KCH-09 a key that has an account');
is($r->header('Location'), $other->{kid}, 'KCH-09 says which');
my $gone = QW->registered(external => $external);
$gone->post($gone->{kid}, { status => 'deactivated' });
$r = change($c, $gone);
ok($r->code == 409 || $r->code == 400, 'KCH-17 the key of a deactivated account') or diag $r->as_string;

# ---- it works, and everything stays ------------------------------------------------
$r = $c->order('a.kch.test');
my $order = $r->header('Location');
my $authz = $c->post($r->{json}{authorizations}[0])->{json};
my $old = QW->new(alg => 'RS256', key => $c->{key});
$r = change($c, $new);
QW::is_fine($r, 200, 'KCH-01 RSA to EC');
$new->{kid} = $c->{kid};
QW::is_fine($new->post($new->{kid}), 200, 'KCH-01 KCH-13 the new key signs for the same account');
QW::is_problem($c->post($c->{kid}), 400, $c->{alg} eq 'RS256' ? 'badSignatureAlgorithm' : 'malformed', 'KCH-01 the old one does not');
$r = $old->post($old->url('newAccount'), { onlyReturnExisting => JSON::PP::true }, jwk => 1);
QW::is_problem($r, 400, 'accountDoesNotExist', 'KCH-01 the old key has no account');
is($new->post($order)->{json}{status}, 'pending', 'KCH-13 orders are still there');
my ($row) = grep { $c->{kid} =~ /\Q$_->{id}\E$/ } @{ QW::ctl('acme-account', 'list', $external) };
is($row->{thumbprint}, $new->thumbprint, 'KCH-13 the external account is the same, the key is new');

my ($challenge) = grep { $_->{type} eq 'http-01' } @{ $authz->{challenges} };
QW->http01($challenge->{token}, $old->key_authorization($challenge->{token}));
$new->post($challenge->{url}, {});
QW->await(sub { $new->post($challenge->{url})->{json}{status} eq 'invalid' });
is($new->post($challenge->{url})->{json}{status}, 'invalid', 'KCH-14 an answer by the old key does not count any more');

(my $id = $new->{kid}) =~ s{.*/}{};
QW::ctl('acme-account', 'suspend', $id, '--reason', 'test') or die $QW::ctl_text;
$r = change($new, QW->new);
QW::is_problem($r, 403, 'unauthorized', 'KCH-16 a suspended account changes no key');
done_testing();
