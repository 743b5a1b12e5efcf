# newAccount, contacts, terms; update, deactivation, orders list.
use strict; use warnings FATAL => 'all';
use QW; use Test::More;

my $true = JSON::PP::true;
sub new_account { my ($c, $payload) = @_; $c->post($c->url('newAccount'), $payload, jwk => 1) }
sub binding_of { my ($c, $b) = @_; $c->eab(kid => $b->{keyId}, mac => $b->{macKey}) }
sub uses {
    my ($external, $kid) = @_;
    my ($row) = grep { $_->{keyId} eq $kid } @{ QW::ctl('binding', 'list', $external) };
    return $row->{uses};
}

my $external = QW->new_external('acc.test');
my $binding = QW->new_binding($external, '--uses', 5);
my $c = QW->new;
my $r = $c->register(binding => $binding);
QW::is_fine($r, 201, 'ACC-01 a new account');
like($r->header('Location'), qr{/acct/[A-Za-z0-9_-]{22}$}, 'ACC-01 its URL');
ok(scalar(grep { /rel="terms-of-service"/ } $r->header('Link')), 'ACC-19 Link to the terms');
is($r->{json}{status}, 'valid', 'ACC-01 valid');
is_deeply($r->{json}{contact}, ['mailto:ops@exemple.test'], 'ACC-10 contact');
is(uses($external, $binding->{keyId}), 1, 'ACC-01 the KeyID is used once');

$r = $c->register(binding => $binding, payload => { contact => ['mailto:other@exemple.test'] });
QW::is_fine($r, 200, 'ACC-02 the same key again');
is($r->header('Location'), $c->{kid}, 'ACC-02 the same account');
is_deeply($r->{json}{contact}, ['mailto:ops@exemple.test'], 'ACC-02 nothing changed');
is(uses($external, $binding->{keyId}), 1, 'ACC-02 the KeyID is not used again');
QW::is_fine(new_account($c, {}), 200, 'ACC-03 the same key without a binding');
my $second = QW->new_binding($external);
QW::is_fine($c->register(binding => $second), 200, 'ACC-04 the same key with another KeyID');
is(uses($external, $second->{keyId}), 0, 'ACC-04 which is not used');

my $stranger = QW->new;
QW::is_problem(new_account($stranger, { onlyReturnExisting => $true, externalAccountBinding => binding_of($stranger, $second) }),
    400, 'accountDoesNotExist', 'ACC-05 onlyReturnExisting of an unknown key');
is(uses($external, $second->{keyId}), 0, 'ACC-05 uses nothing');
$r = new_account($c, { onlyReturnExisting => $true });
QW::is_fine($r, 200, 'ACC-06 onlyReturnExisting of a known key');
is($r->header('Location'), $c->{kid}, 'ACC-06 ACC-09 without binding or terms');

for my $agreed (undef, JSON::PP::false) {
    my $x = QW->new;
    my %payload = (externalAccountBinding => binding_of($x, $second));
    $payload{termsOfServiceAgreed} = $agreed if defined $agreed;
    $r = new_account($x, \%payload);
    QW::is_problem($r, 403, 'userActionRequired', 'ACC-08 terms not agreed to');
    ok(scalar(grep { /rel="terms-of-service"/ } $r->header('Link')), 'ACC-08 Link to them');
}
is(uses($external, $second->{keyId}), 0, 'ACC-08 EAB-22 the KeyID is not used');

sub contact_try {
    my (@contact) = @_;
    my $x = QW->new;
    return new_account($x, { termsOfServiceAgreed => $true, contact => @contact == 1 && !ref $contact[0] && $contact[0] eq 'STRING' ? 'mailto:a@exemple.test' : \@contact,
        externalAccountBinding => binding_of($x, $second) });
}
for my $bad ('tel:+33123456789', 'https://exemple.test/', 'mailtoo:a@b.test') {
    QW::is_problem(contact_try($bad), 400, 'unsupportedContact', "ACC-11 $bad");
}
for my $bad ('mailto:a@b.test?subject=x', 'mailto:a@b.test,c@d.test', 'mailto:a@b.test#x', "mailto:\x{e9}\@b.test",
    'mailto:a@b', 'mailto:a@example.com', 'mailto:', 'mailto:@b.test', 'mailto:a@', 'mailto:' . 'a' x 300 . '@b.test') {
    QW::is_problem(contact_try($bad), 400, 'invalidContact', 'ACC-12 ' . substr $bad, 0, 40);
}
QW::is_problem(contact_try('STRING'), 400, 'malformed', 'ACC-14 contact is a string');
QW::is_problem(contact_try(1), 400, 'malformed', 'ACC-14 contact holds a number');
is(uses($external, $second->{keyId}), 0, 'EAB-22 after all these the KeyID is still unused');

{
    my $x = QW->new;
    $r = new_account($x, { termsOfServiceAgreed => $true, status => 'deactivated', orders => 'x', id => 7,
        contact => [], externalAccountBinding => binding_of($x, $second) });
    QW::is_fine($r, 201, 'ACC-15 members that are ours');
    is($r->{json}{status}, 'valid', 'ACC-15 are ignored');
}
{
    my $x = QW->registered;
    $x->post($x->{kid}, { status => 'deactivated' });
    QW::is_problem(new_account($x, {}), 401, 'unauthorized', 'ACC-16 the key of a deactivated account');
    $x = QW->registered(external => $external);
    (my $id = $x->{kid}) =~ s{.*/}{};
    QW::ctl('acme-account', 'suspend', $id, '--reason', 'test') or die $QW::ctl_text;
    QW::is_problem(new_account($x, {}), 403, 'unauthorized', 'ACC-17 the key of a suspended account');
    QW::is_problem($x->post($x->{kid}), 403, 'unauthorized', 'LIM-20 it can do nothing');
    QW->resume('acme-account', $id);
    QW::is_fine($x->post($x->{kid}), 200, 'LIM-21 until it is resumed');
}

# ---- twenty at once, the same key ---------------------------------------------------
for (1 .. 5) {
    my $x = QW->new;
    my $b = QW->new_binding($external);
    my @posts = map { [$x->url('newAccount'), $x->jws($x->url('newAccount'), { termsOfServiceAgreed => $true,
        externalAccountBinding => binding_of($x, $b) }, jwk => 1)] } 1 .. 20;
    my @answers = $x->at_once(@posts);
    is(scalar(grep { $_->{code} == 201 } @answers), 1, 'ACC-18 one of twenty is created');
    is(scalar(grep { $_->{code} == 200 } @answers), 19, 'ACC-18 the others find it');
    my %at = map { $_->{at} => 1 } @answers;
    is(scalar keys %at, 1, 'ACC-18 it is one account');
}
{
    my $b = QW->new_binding($external);
    my @posts = map { my $x = QW->new; [$x->url('newAccount'), $x->jws($x->url('newAccount'), { termsOfServiceAgreed => $true,
        externalAccountBinding => binding_of($x, $b) }, jwk => 1)] } 1 .. 30;
    my @answers = $c->at_once(@posts);
    is(scalar(grep { $_->{code} == 201 } @answers), 1, 'EAB-19 of thirty keys on one single-use KeyID one is bound');
    is(scalar(grep { $_->{code} == 403 } @answers), 29, 'EAB-19 the others are refused');
    is(uses($external, $b->{keyId}), 1, 'EAB-19 it was used once');
}

# ---- update ---------------------------------------------------------------------------
my $u = QW->registered(external => $external);
$r = $u->post($u->{kid});
QW::is_fine($r, 200, 'UPD-01 POST-as-GET');
is(ref $r->{json}{externalAccountBinding}, 'HASH', 'EAB-34 the binding as it was sent');
is($r->{json}{orders}, "$u->{kid}/orders", 'UPD-01 its orders');
QW::is_fine($u->post($u->{kid}, {}), 200, 'UPD-02 an empty update');
$r = $u->post($u->{kid}, { contact => ['mailto:new@exemple.test'] });
is_deeply($r->{json}{contact}, ['mailto:new@exemple.test'], 'UPD-03 contact changes');
is_deeply($u->post($u->{kid})->{json}{contact}, ['mailto:new@exemple.test'], 'UPD-03 and stays');
QW::is_problem($u->post($u->{kid}, { contact => ['tel:1'] }), 400, 'unsupportedContact', 'UPD-04 a bad one');
is_deeply($u->post($u->{kid})->{json}{contact}, ['mailto:new@exemple.test'], 'UPD-04 changes nothing');
QW::is_problem($u->post($u->{kid}, '"x"'), 400, 'malformed', 'UPD-05 payload a string');
QW::is_problem($u->post($u->{kid}, '[]'), 400, 'malformed', 'UPD-05 payload an array');
$r = $u->post($c->{kid}, {});
ok($r->code == 403, "UPD-06 another account's URL") or diag $r->as_string;
$r = $u->post($u->{kid}, { termsOfServiceAgreed => JSON::PP::false, orders => 'x', externalAccountBinding => {} });
QW::is_fine($r, 200, 'UPD-08 EAB-35 what cannot be changed is ignored');
is($r->{json}{termsOfServiceAgreed}, $true, 'UPD-08 the terms stay agreed to');
QW::is_problem($u->post($u->{kid}, { status => 'revoked' }), 400, 'malformed', 'UPD-09 no other status');

# ---- orders list -------------------------------------------------------------------------
my @orders = map { $u->order("o$_.acc.test")->header('Location') } 1 .. 7;
my @found;
my $url = "$u->{kid}/orders";
my $pages = 0;
while ($url) {
    $r = $u->post($url);
    push @found, @{ $r->{json}{orders} };
    ($url) = map { /<([^>]+)>;\s*rel="next"/ ? $1 : () } $r->header('Link');
    last if ++$pages > 20;
}
is_deeply([sort @found], [sort @orders], 'UPD-14 UPD-15 every order, once');
$r = $c->post("$u->{kid}/orders");
ok($r->code == 403 || $r->code == 404, "UPD-17 another account's orders") or diag $r->as_string;

# ---- deactivation -------------------------------------------------------------------------
my $order = $orders[0];
$r = $u->post($u->{kid}, { status => 'deactivated' });
QW::is_fine($r, 200, 'UPD-09 deactivate');
is($r->{json}{status}, 'deactivated', 'UPD-09 it says so');
QW::is_problem($u->post($order), 401, 'unauthorized', 'UPD-09 UPD-10 then nothing more');
QW::is_problem($u->post($u->{kid}, { status => 'valid' }), 401, 'unauthorized', 'UPD-13 and for ever');
done_testing();
