# How often: every limit from both sides, what it does not touch, exceptions,
# pauses, and clocks that step. On a bed of its own.
use strict; use warnings FATAL => 'all';
use QW; use QW::Bed; use Test::More;

my $home = QW::Bed->new('limits', 14500);
$home->configure(sub {
    s{(<QwacmeAuthority test>\n)}{$1    QwacmeLimit accounts-per-ip 4/1h
    QwacmeLimit orders-per-account 3/30m
    QwacmeLimit orders-per-domain 5/5h
    QwacmeLimit orders-per-ip 60/1h
    QwacmeLimit failures-per-name 2/1h
    QwacmeLimit requests-per-ip 100000/1h
    QwacmePauseAfter 3
    QwacmeValidationsAtOnce 2
    QwacmeValidationTimeout 8s
};
    s{QwacmePortalURL .*/portal$}{QwacmePortalURL https://portal.test/}m;
});
$home->start;
my ($now, $addresses, @clients) = (0, 1);
sub clock { $now = $_[0]; QW->clock($now); $_->{nonces} = [] for @clients }

# A client at an address of its own, registered from there.
sub client {
    my (%how) = @_;
    my $c = QW->new;
    $c->{ua}->local_address('127.0.1.' . ++$addresses);
    my $r = $c->register(%how);
    die $r->as_string unless $r->code == 201;
    push @clients, $c;
    return $c;
}

sub limited {
    my ($r, $limit, $name) = @_;
    QW::is_problem($r, 429, 'rateLimited', $name);
    like($r->{json}{detail}, qr/\b\Q$limit\E\b/, "$name: it names the limit");
    like($r->header('Retry-After'), qr/^[1-9]\d*$/, "$name: Retry-After");
    ok((grep { /rel="help"/ } $r->header('Link')), "$name: Link to help");
    return $r->header('Retry-After');
}

my $n = 0;
sub name { 'n' . ++$n . '.shop.test' }
sub order { my ($c, @names) = @_; $c->order(@names ? @names : name()) }

# ---- new accounts --------------------------------------------------------------------------
{
    my $binding = QW->new_binding('exemple', '--uses', 50);
    sub new_account { my ($from) = @_; my $c = QW->new; $c->{ua}->local_address($from) if $from; $c->register(binding => $binding) }
    QW::is_fine(new_account(), 201, "LIM-01 new account $_ of 4") for 1 .. 4;
    my $wait = limited(new_account(), 'accounts-per-ip', 'LIM-01 the fifth');
    cmp_ok($wait, '<=', 900, 'LIM-01 evenly: one is regained after a fourth of the time');
    limited(new_account(), 'accounts-per-ip', 'LIM-11 again') for 1 .. 3;
    QW::is_fine(new_account('127.0.0.99'), 201, 'LIM-01 from another address');
    {
        my $c = QW->new;
        my $url = $c->url('newAccount');
        my $body = $c->jws($url, { termsOfServiceAgreed => JSON::PP::true(),
            externalAccountBinding => $c->eab(kid => $binding->{keyId}, mac => $binding->{macKey}) }, jwk => 1);
        limited($c->post($url, undef, body => $body, headers => ['X-Forwarded-For' => '192.0.2.1', Forwarded => 'for=192.0.2.1']),
            'accounts-per-ip', 'LIM-17 a forged header');
    }
    clock($wait - 2);
    my $less = limited(new_account(), 'accounts-per-ip', 'LIM-10 before that time');
    cmp_ok($less, '<', $wait, 'LIM-10 Retry-After shrinks');
    clock($wait);
    QW::is_fine(new_account(), 201, 'LIM-09 at that time; what was refused cost nothing');
    limited(new_account(), 'accounts-per-ip', 'LIM-09 but one only');
    is($home->value("SELECT uses FROM qw_binding WHERE id = '$binding->{keyId}'"), 6, 'LIM-11 nor a use of the KeyID');
    clock($now - 86400 * 10);
    QW::is_fine(new_account(), 201, 'LIM-24 a clock that steps back locks nobody out');
    clock(0);
}

# ---- orders of an account ---------------------------------------------------------------------
{
    my $c = client();
    my $made = order($c);
    QW::is_problem($c->order('unlisted.test'), 400, 'rejectedIdentifier', 'LIM-11 an order that is refused') for 1 .. 5;
    QW::is_fine(order($c), 201, "LIM-04 order $_") for 2 .. 3;
    my $wait = limited(order($c), 'orders-per-account', 'LIM-04 the fourth');
    QW::is_fine($c->post($made->header('Location')), 200, 'LIM-15 polling goes on') for 1 .. 20;
    my $again = $c->order($made->{json}{identifiers}[0]{value});
    is($again->header('Location'), $made->header('Location'), 'an order that is open is found again');
    my $order = $c->prove($made);
    is($order->{json}{status}, 'ready', 'LIM-16 validation goes on');
    $order = $c->finalize($made->header('Location'), $c->csr([$made->{json}{identifiers}[0]{value}]));
    is($order->{json}{status}, 'valid', 'LIM-16 and issuance');
    my ($b64) = $c->post($order->{json}{certificate})->content =~ /-----BEGIN CERTIFICATE-----\n(.*?)-----END/s;
    QW::is_fine($c->post($c->url('revokeCert'), { certificate => QW::b64(MIME::Base64::decode_base64($b64)) }), 200, 'LIM-16 and revocation');
    my $key = QW->new;
    my $inner = $key->jws($c->url('keyChange'), { account => $c->{kid}, oldKey => $c->jwk }, jwk => 1, nonce => undef);
    QW::is_fine($c->post($c->url('keyChange'), $inner), 200, 'LIM-16 and a change of key');
    $c->{key} = $key->{key};
    clock($wait);
    QW::is_fine(order($c), 201, 'LIM-09 at Retry-After');
    clock(0);
    QW::is_fine($c->post($c->{kid}, { status => 'deactivated' }), 200, 'LIM-16 and deactivation');

}

# ---- domains and exceptions -----------------------------------------------------------------------
{
    my $external = QW->new_external('one.test', 'two.test');
    my ($c, $d) = map { client(external => $external) } 1 .. 2;
    my $url = $c->url('newOrder');
    my @answers = $c->at_once(map { [$url, $c->jws($url, { identifiers => [{ type => 'dns', value => "m$_.one.test" }] })] } 1 .. 8);
    is(scalar(grep { $_->{code} == 201 } @answers), 3, 'LIM-04 of eight at once three are taken') or diag explain \@answers;
    is(scalar(grep { $_->{code} == 429 } @answers), 5, 'LIM-04 and five are not');
    QW::is_fine($d->order("d$_.one.test"), 201, 'orders-per-domain: another account') for 1 .. 2;
    my $wait = limited($d->order('d3.one.test', 'a.two.test'), 'orders-per-domain', 'LIM-12 the sixth for one.test, with another name');
    cmp_ok($wait, '>', 3000, 'LIM-12 the longest time is told');
    QW::is_fine($d->order('d3.two.test'), 201, 'another domain');

    ok(QW::ctl(qw(limit set orders-per-domain one.test 100/1h --comment migration --expires 1d)), 'LIM-14 an exception') or diag $QW::ctl_text;
    ok(QW::ctl(qw(limit set orders-per-account), "account:$external", qw(50/1h --comment migration --expires 2h)), 'LIM-14 for an external account') or diag $QW::ctl_text;
    QW::is_fine($_->order('e' . ++$n . '.one.test'), 201, 'LIM-14 counts at once') for $c, $d, $c, $d;
    my $list = QW::ctl(qw(limit list));
    is_deeply([map { "$_->{limit} $_->{subject} $_->{rate} $_->{comment}" } @$list],
        ["orders-per-account account:$external 50/1h migration", 'orders-per-domain one.test 100/1h migration'], 'LIM-14 and is listed');
    clock(2 * 3600 + 1);
    is(scalar @{ QW::ctl(qw(limit list)) }, 1, 'LIM-14 it ends by itself');
    QW::is_fine(order($d, 'f' . ++$n . '.one.test'), 201, 'after its end the usual rate') for 1 .. 3;
    limited(order($d, 'f' . ++$n . '.one.test'), 'orders-per-account', 'LIM-14 and no more');
    clock(0);
    ok(!QW::ctl(@$_), "refused: @$_[1..4]") for
        [qw(limit set no-such-limit one.test 1/1h --comment x --expires 1d)], [qw(limit set orders-per-ip one.test 1x --comment x --expires 1d)],
        [qw(limit set orders-per-ip one.test 1/1h --expires 1d)], [qw(limit set orders-per-ip one.test 1/1h --comment x)],
        [qw(limit remove orders-per-ip one.test extra words)], [qw(limit remove orders-per-ip 192.0.2.1 --json)],
        [qw(limit set orders-per-ip account:nobody 1/1h --comment x --expires 1d)];
    ok(QW::ctl(qw(limit remove orders-per-domain one.test)), 'an exception is ended') or diag $QW::ctl_text;
}

# ---- failures and pauses -------------------------------------------------------------------------------
{
    my $external = QW->new_external('bad.test');
    QW::ctl(qw(limit set orders-per-account), "account:$external", qw(off --comment t --expires 90d)) or die $QW::ctl_text;
    QW::ctl(qw(limit set orders-per-domain bad.test off --comment t --expires 90d)) or die $QW::ctl_text;
    my $c = client(external => $external);
    my $fails = sub {
        my $r = $c->order('www.bad.test');
        return $r if $r->code != 201;
        my $at = $r->{json}{authorizations}[0];
        my ($challenge) = grep { $_->{type} eq 'dns-01' } @{ $c->post($at)->{json}{challenges} };
        $c->post($challenge->{url}, {});
        QW->await(sub { $c->post($at)->{json}{status} eq 'invalid' }) or die 'it is not invalid';
        return $r;
    };
    QW::is_fine($fails->(), 201, "failure $_") for 1 .. 2;
    limited($fails->(), 'failures-per-name', 'failures of a name');
    QW::is_fine($c->order('good.bad.test'), 201, 'of that name alone');
    clock(3600);
    QW::is_fine($fails->(), 201, 'failure 3, an hour later');
    clock(86400);
    my $r = $c->order('www.bad.test', 'good.bad.test');
    QW::is_problem($r, 429, 'rateLimited', 'LIM-18 a name that only fails is paused');
    is($r->{json}{instance}, 'https://portal.test/', 'LIM-18 with a URL for a human');
    is_deeply([map { $_->{identifier}{value} } @{ $r->{json}{subproblems} }], ['www.bad.test'], 'LIM-18 and the name');
    (my $id = $c->{kid}) =~ s{.*/}{};
    is_deeply([map { "$_->{acmeAccount} $_->{name} $_->{failures}" } @{ QW::ctl(qw(limit paused)) }], ["$id www.bad.test 3"], 'LIM-18 the operator sees it');
    ok(QW::ctl(qw(limit unpause), $id, 'www.bad.test'), 'LIM-18 and un-pauses it');
    ok(!QW::ctl(qw(limit unpause), $id, 'www.bad.test'), 'LIM-18 once');
    $r = $c->order('www.bad.test');
    QW::is_fine($r, 201, 'LIM-18 it may be tried again');
    is($c->prove($r)->{json}{status}, 'ready', 'and succeeds');
    is($home->value("SELECT count(*) FROM qw_failure WHERE account_id = '$id'"), 0, 'a success forgets the failures');
    clock(0);
}

{
    # orders that were taken before the first failure
    my $external = QW->new_external('flood.test');
    my $c = client(external => $external);
    QW::ctl(qw(limit set orders-per-account), "account:$external", qw(off --comment t --expires 90d)) or die $QW::ctl_text;
    QW::ctl(qw(limit set orders-per-domain flood.test off --comment t --expires 90d)) or die $QW::ctl_text;
    my @at = map {
        my $r = $c->order('www.flood.test', "x$_.flood.test");
        grep { $c->post($_)->{json}{identifier}{value} eq 'www.flood.test' } @{ $r->{json}{authorizations} };
    } 1 .. 6;
    for my $at (@at) {
        my ($challenge) = grep { $_->{type} eq 'dns-01' } @{ $c->post($at)->{json}{challenges} };
        $c->post($challenge->{url}, {});
        QW->await(sub { $c->post($at)->{json}{status} eq 'invalid' }) or die 'it is not invalid';
    }
    (my $id = $c->{kid}) =~ s{.*/}{};
    ok(QW::ctl(qw(limit unpause), $id, 'www.flood.test'), 'six failures by orders that were open already pause it too');
    my $wait = limited($c->order('www.flood.test'), 'failures-per-name', 'more failures than are allowed do not end the limit');
    cmp_ok($wait, '<=', 1800, 'nor make it last longer');
}

# ---- in flight --------------------------------------------------------------------------------------------
{
    my $external = QW->new_external('slow.test');
    my $c = client(external => $external);
    QW->dns_line('*.slow.test * TIMEOUT');
    my @begun;
    for my $i (1 .. 3) {
        my $r = $c->order("s$i.slow.test");
        my ($challenge) = grep { $_->{type} eq 'dns-01' } @{ $c->post($r->{json}{authorizations}[0])->{json}{challenges} };
        push @begun, [$r->{json}{authorizations}[0], $challenge->{url}, $c->post($challenge->{url}, {})];
    }
    QW::is_fine($begun[$_][2], 200, 'a validation begins') for 0, 1;
    QW::is_problem($begun[2][2], 429, 'rateLimited', 'more are in flight than one account may have');
    ok($begun[2][2]->header('Retry-After') > 0, 'with a time to wait');
    {
        QW::ctl(qw(limit set orders-per-domain slow.test off --comment t --expires 90d)) or die $QW::ctl_text;
        # more targets that hang than there can be children, each with a thread at one
        for my $i (1 .. 5) {
            my $more = client(external => $external);
            for my $at (map { @{ $more->order("h$i-$_.slow.test")->{json}{authorizations} } } 1, 2) {
                my ($challenge) = grep { $_->{type} eq 'dns-01' } @{ $more->post($at)->{json}{challenges} };
                QW::is_fine($more->post($challenge->{url}, {}), 200, 'another that hangs');
            }
        }
        my $other = client(external => QW->new_external('quick.test'));
        is($other->prove($other->order('www.quick.test'))->{json}{status}, 'ready', 'targets that hang keep nobody else waiting');
        is($c->post($begun[$_][0])->{json}{status}, 'pending', 'they still hang') for 0, 1;
    }
    QW->await(sub { $c->post($begun[$_][0])->{json}{status} eq 'invalid' }) for 0, 1;
    QW::is_fine($c->post($begun[2][1], {}), 200, 'then the next may begin');
}

{
    # CAA again, eight hours later, of a name whose servers say nothing any more
    my $c = client(external => QW->new_external('late.test'));
    my $order = $c->prove($c->order('www.late.test'))->{json};
    is($order->{status}, 'ready', 'an order that waits for its CSR');
    QW->dns_line('www.late.test * TIMEOUT');
    clock(9 * 3600);
    my $csr = QW::b64($c->csr(['www.late.test']));
    my %codes;
    $codes{ $_->{code} }++ for $c->at_once(map { [$order->{finalize}, $c->jws($order->{finalize}, { csr => $csr })] } 1 .. 90);
    cmp_ok($codes{400} || 0, '>', 0, 'some wait for the DNS');
    cmp_ok($codes{503} || 0, '>', 25, 'but not on so many threads that none are left') or diag explain \%codes;
    clock(0);
}

# ---- requests, and the log -------------------------------------------------------------------------------------
{
    QW::ctl(qw(limit set requests-per-ip 127.0.2.1 5/1h --comment t --expires 1d)) or die $QW::ctl_text;
    my $c = QW->new;
    $c->{ua}->local_address('127.0.2.1');
    my @codes = map { $c->get("$ENV{QW_URL}/acme/directory")->code } 1 .. 7;
    is_deeply(\@codes, [(200) x 5, 429, 429], 'LIM-03 requests of any kind');
    my $r = $c->post("$ENV{QW_URL}/acme/revoke-cert", undef, body => '{}');
    is($r->code, 400, 'LIM-16 but revocation is heard');
    for (1 .. 60) { $c->get("$ENV{QW_URL}/acme/directory") }
    my $lines = () = $home->slurp('log/error_log') =~ /QW0216: limit requests-per-ip/g;
    cmp_ok($lines, '>=', 1, 'LIM-23 a refusal is logged');
    cmp_ok($lines, '<=', 4, 'LIM-23 once a minute in each child');
    unlike($home->slurp('log/error_log'), qr/:(?:notice|warn|error)\].*QW0307.*RATE_LIMITED/, 'LIM-23 and not for each request');
}
done_testing();
