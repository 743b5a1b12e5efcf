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
sub hours_later { QW->clock(int($_[0] * 3600)); $c->{nonces} = [] }

# The answer to finalize HOURS after an order of @$names was proven; BETWEEN runs
# before.
sub finalized {
    my ($hours, $names, $between) = @_;
    my $made = $c->order(@$names);
    my $order = $c->prove($made)->{json};
    is($order->{status}, 'ready', 'CAA-01 no CAA as yet');
    my $csr = QW::b64($c->csr($names));
    $between->();
    hours_later($hours);
    my $r = $c->post($order->{finalize}, { csr => $csr });
    my $status = $c->post($made->header('Location'))->{json}{status};
    hours_later(0);
    return ($r, $status);
}
{
    my @names = map { name_with() } 1 .. 3;
    my $asked;
    my ($r, $status) = finalized(8.02, \@names, sub {
        $asked = QW->dns_asked($names[0]);
        says($names[1], '0 issue "other.test"');
    });
    QW::is_problem($r, 403, 'caa', 'CAA-23 a change since then refuses');
    is_deeply([map { $_->{identifier}{value} } @{ $r->{json}{subproblems} }], [$names[1]],
        'CAA-28 exactly the name that it forbids');
    ok(QW->dns_asked($names[0]) > $asked, 'CAA-23 every name was asked for again');
    is($status, 'invalid', 'CAA-23 the order is over');
}
{
    my $name = name_with();
    my $asked;
    my ($r) = finalized(7, [$name], sub {
        $asked = QW->dns_asked($name);
        says($name, '0 issue "other.test"');
    });
    QW::is_fine($r, 200, 'CAA-23 seven hours later: as it was');
    is(QW->dns_asked($name), $asked, 'CAA-23 and nobody was asked');
}
{
    my $name = name_with();
    my ($r, $status) = finalized(9, [$name], sub { QW->dns_line("$name * SERVFAIL") });
    QW::is_problem($r, 400, 'dns', 'CAA-20 not known is not yes');
    is($status, 'ready', 'CAA-20 and may be asked again');
}
# The incident of 2020: the one lookup of many names was that of the first.
{
    my @names = map { name_with() } 1 .. 100;
    my @forbidden = sort @names[0, 49, 99];
    my %asked;
    my ($r, $status) = finalized(8.02, \@names, sub {
        %asked = map { ($_ => QW->dns_asked($_)) } @names;
        says($_, '0 issue "other.test"') for @forbidden;
    });
    QW::is_problem($r, 403, 'caa', 'CAA-22 three of a hundred names forbid');
    is_deeply([sort map { $_->{identifier}{value} } @{ $r->{json}{subproblems} }], \@forbidden, 'CAA-22 D-23 exactly those');
    is(scalar(grep { QW->dns_asked($_) > $asked{$_} } @names), 100, 'CAA-22 a hundred names, a hundred lookups');
    is($status, 'invalid', 'CAA-22 nothing is signed');
}
{
    (my $id = $c->{kid}) =~ s{.*/}{};
    my ($row) = grep { $_->{id} eq $id } @{ QW::ctl('acme-account', 'list') };
    like($row->{caa}, qr/^0 issue "\Q$ours\E; accounturi=\Q$c->{kid}\E; validationmethods=[a-z0-9,-]+"$/, 'CAA-27 the record to publish is shown');
    tries('ready', 'CAA-27 and lets us issue', $row->{caa});
    my $other = QW->registered;
    my $name = name_with($row->{caa});
    my $order = $other->prove($other->order($name))->{json};
    is($order->{error}{type}, 'urn:ietf:params:acme:error:caa', 'CAA-27 and no other account');
}
{
    my $name = name_with("0 issue \"$ours\"", '0 iodef "mailto:security@shop.test"');
    my $made = $c->order($name);
    is($c->prove($made)->{json}{status}, 'ready', 'iodef does not forbid');
    my ($event) = grep { ($_->{detail}{name} || '') eq $name } @{ QW::ctl('event', 'list', '--limit', 20) };
    is_deeply($event->{detail}{evidence}{caa}{iodef}, ['mailto:security@shop.test'], 'iodef is noted');
    is($event->{detail}{evidence}{brVersion}, '2.2.6', 'with the version of the rules');
    is($event->{detail}{evidence}{method}, 'http-01', 'and the method');
    like($event->{detail}{evidence}{$_}, qr/^\d{4}-\d\d-\d\dT/, "and when it $_") for qw(started ended);
}
my ($fine) = finalized(9, [name_with()], sub { });
QW::is_fine($fine, 200, 'CAA-23 nothing changed: signed');
done_testing();
