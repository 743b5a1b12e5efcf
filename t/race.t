# The same thing asked for many times at once: it happens once, every answer is
# one that the protocol has, and none is a 5xx.
use strict; use warnings FATAL => 'all';
use QW; use Test::More;
use MIME::Base64 qw(decode_base64);

my $external = QW->new_external('race.test');
my $n = 0;

sub count { my ($code, @answers) = @_; scalar grep { $_->{code} == $code } @answers }
sub no_fault {
    my ($name, @answers) = @_;
    ok(!(grep { $_->{code} >= 500 } @answers), "$name: no 5xx") or diag explain \@answers;
}
sub many { my ($c, $n, $url, $payload) = @_; map { [$url, $c->jws($url, $payload)] } 1 .. $n }

sub challenge_of {
    my ($c, $order) = @_;
    my $authz = $order->{json}{authorizations}[0];
    my ($ch) = grep { $_->{type} eq 'http-01' } @{ $c->post($authz)->{json}{challenges} };
    QW->http01($ch->{token}, $c->key_authorization($ch->{token}));
    return ($ch, $authz);
}

for my $round (1 .. 3) {
    my $c = QW->registered(external => $external);
    my $url = $c->url('newOrder');
    my $name = 'n' . ++$n . '.race.test';
    my @answers = $c->at_once(many($c, 8, $url, { identifiers => [{ type => 'dns', value => $name }] }));
    is(count(201, @answers), 8, 'newOrder: each gets an order');

    my $made = $c->order($name);
    my ($ch, $authz) = challenge_of($c, $made);
    @answers = $c->at_once(many($c, 8, $ch->{url}, {}));
    is(count(200, @answers), 8, 'AUZ-10 challenge: all are told how it stands') or diag explain \@answers;
    QW->await(sub { $c->post($authz)->{json}{status} ne 'pending' });
    is($c->post($authz)->{json}{status}, 'valid', 'challenge: it was looked at');

    my $der = do {
        my $r = $c->finalize($made->header('Location'), $c->csr([$name]));
        my ($b64) = $c->post($r->{json}{certificate})->content =~ /-----BEGIN CERTIFICATE-----\n(.*?)-----END/s;
        decode_base64($b64);
    };
    @answers = $c->at_once(many($c, 8, $c->url('revokeCert'), { certificate => QW::b64($der) }));
    is(count(200, @answers), 1, 'revokeCert: one revokes');
    is(scalar(grep { ($_->{json}{type} || '') =~ /:alreadyRevoked$/ } @answers), 7, 'revokeCert: the others are told so')
        or diag explain \@answers;

    # an authorization that its account gives up while it is looked at
    $made = $c->order('n' . ++$n . '.race.test');
    ($ch, $authz) = challenge_of($c, $made);
    @answers = $c->at_once((map { [$authz, $c->jws($authz, { status => 'deactivated' })] } 1 .. 4),
        many($c, 4, $ch->{url}, {}));
    no_fault('authorization given up', @answers);
    QW->await(sub { $c->post($made->header('Location'))->{json}{status} ne 'processing' });
    is($c->post($authz)->{json}{status}, 'deactivated', 'AUZ-16 it is given up');
    is($c->post($made->header('Location'))->{json}{status}, 'invalid', 'AUZ-14 and its order over');

    # two accounts want one key
    my ($x, $y) = map { QW->registered(external => $external) } 1 .. 2;
    my $key = QW->new;
    $url = $c->url('keyChange');
    my @posts = map {
        my $inner = $key->jws($url, { account => $_->{kid}, oldKey => $_->jwk }, jwk => 1, nonce => undef);
        many($_, 4, $url, $inner);
    } $x, $y;
    @answers = $c->at_once(@posts);
    is(count(200, @answers), 1, 'KCH-09 one gets the key') or diag explain \@answers;
    no_fault('keyChange', @answers);

    # a new account and a change to its key
    for (1 .. 4) {
        my $z = QW->registered(external => $external);
        my $key = QW->new;
        my $at = $c->url('newAccount');
        my $binding = QW->new_binding($external);
        my $new = [$at, $key->jws($at, { termsOfServiceAgreed => JSON::PP::true(),
            externalAccountBinding => $key->eab(kid => $binding->{keyId}, mac => $binding->{macKey}) }, jwk => 1)];
        my $change = [$url, $z->jws($url, $key->jws($url, { account => $z->{kid}, oldKey => $z->jwk }, jwk => 1, nonce => undef))];
        my ($made_it, $changed) = $c->at_once($new, $change);
        ok(($made_it->{code} == 201 && $changed->{code} == 409)
            || ($made_it->{code} == 200 && $changed->{code} == 200), 'KCH-09 a key has one account')
            or diag explain [$made_it, $changed];
    }

    # the last act of an account, beside others
    $made = $c->order('n' . ++$n . '.race.test');
    ($ch) = challenge_of($c, $made);
    @answers = $c->at_once((map { [$c->{kid}, $c->jws($c->{kid}, { status => 'deactivated' })] } 1 .. 4),
        many($c, 4, $ch->{url}, {}));
    no_fault('account deactivated', @answers);
    ok(count(200, @answers) >= 1, 'ACC-15 it is deactivated');
    QW::is_problem($c->post($c->{kid}), 401, 'unauthorized', 'ACC-15 and may do nothing more');
}
done_testing();
