# What the owner of a name says by CAA, at the validation and at the signature.
use strict; use warnings FATAL => 'all';
use QW; use Test::More;

my $c = QW->registered;
my ($ours) = @{ $c->directory->{meta}{caaIdentities} };
my $n = 0;

# A name that leads to the http-01 server and has these CAA records.
sub name_with {
    my $name = 'caa' . ++$n . '.shop.test';
    says($name, @_);
    return $name;
}
sub says { my $name = shift; QW->dns_line($_) for "$name A 127.0.0.1", map { "$name CAA $_" } @_ }

sub tries {
    my ($want, $what, @records) = @_;
    my $name = name_with(@records);
    my $r = $c->order($name);
    my $order = $c->prove($r)->{json};
    is($order->{status}, $want, "$what: $want") or diag explain $order;
    return $order if $want eq 'ready';
    is($order->{error}{type}, 'urn:ietf:params:acme:error:caa', "$what: caa");
    return $order;
}

tries('ready', 'CAA-01 none');
tries('ready', 'CAA-26 the name that the directory tells', "0 issue \"$ours\"");
my $refused = tries('invalid', 'CAA-03 another CA', '0 issue "other.test"');
like($refused->{error}{detail}, qr/caa3\.shop\.test.*issue other\.test/, 'CAA-03 the record is named');
tries('invalid', 'CAA-10 critical', '128 new "x"');
tries('invalid', 'CAA-17 another method', "0 issue \"$ours; validationmethods=dns-01\"");
tries('ready', 'CAA-14 this account', "0 issue \"$ours; accounturi=$c->{kid}\"");
tries('invalid', 'CAA-14 another account', "0 issue \"$ours; accounturi=$c->{kid}x\"");

# ---- eight hours later, and the owner has changed his mind -------------------------
{
    my @names = map { name_with() } 1 .. 3;
    my $made = $c->order(@names);
    my $order = $c->prove($made);
    is($order->{json}{status}, 'ready', 'CAA-23 three names, no CAA');
    my $asked = QW->dns_asked($names[0]);
    says($names[1], '0 issue "other.test"');
    QW->clock(8 * 3600 + 60);
    $c->{nonces} = [];
    my $r = $c->post($order->{json}{finalize}, { csr => QW::b64($c->csr(\@names)) });
    QW::is_problem($r, 403, 'caa', 'CAA-23 a change since then refuses');
    is_deeply([map { $_->{identifier}{value} } @{ $r->{json}{subproblems} }], [$names[1]],
        'CAA-28 exactly the name that it forbids');
    ok(QW->dns_asked($names[0]) > $asked, 'CAA-23 every name was asked for again');
    is($c->post($made->header('Location'))->{json}{status}, 'invalid',
        'CAA-23 the order is over');
    QW->clock(0);
    $c->{nonces} = [];
}
{
    my $name = name_with();
    my $order = $c->prove($c->order($name));
    my $asked = QW->dns_asked($name);
    my $csr = QW::b64($c->csr([$name]));
    says($name, '0 issue "other.test"');
    QW->clock(7 * 3600);
    $c->{nonces} = [];
    QW::is_fine($c->post($order->{json}{finalize}, { csr => $csr }), 200, 'CAA-23 seven hours later: as it was');
    is(QW->dns_asked($name), $asked, 'CAA-23 and nobody was asked');
    QW->clock(0);
    $c->{nonces} = [];
}
{
    my $name = name_with();
    my $order = $c->prove($c->order($name));
    my $csr = QW::b64($c->csr([$name]));
    QW->clock(9 * 3600);
    $c->{nonces} = [];
    QW->dns_line("$name * SERVFAIL");
    QW::is_problem($c->post($order->{json}{finalize}, { csr => $csr }), 400, 'dns', 'CAA-20 not known is not yes');
    QW->clock(0);
    $c->{nonces} = [];
}
{
    my $name = name_with();
    my $order = $c->prove($c->order($name));
    my $csr = QW::b64($c->csr([$name]));
    QW->clock(9 * 3600);
    $c->{nonces} = [];
    QW::is_fine($c->post($order->{json}{finalize}, { csr => $csr }), 200, 'CAA-23 nothing changed: signed');
    QW->clock(0);
    $c->{nonces} = [];
}
done_testing();
