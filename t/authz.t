# Authorizations, challenges, and what a validation may say.
use strict; use warnings FATAL => 'all';
use QW; use Test::More;
use Digest::SHA qw(sha256);

my $c = QW->registered;
my $n = 0;
sub fresh {
    my $name = 'z' . ++$n . '.shop.test';
    my $r = $c->order($name);
    die $r->as_string unless $r->code == 201;
    return ($r->header('Location'), $r->{json}{authorizations}[0], $name);
}
sub challenge {
    my ($authz, $type) = @_;
    my ($found) = grep { $_->{type} eq $type } @{ $c->post($authz)->{json}{challenges} };
    return $found;
}
sub settled {
    my ($url) = @_;
    QW->await(sub { $c->post($url)->{json}{status} !~ /^(pending|processing)$/ }, 40);
    return $c->post($url)->{json};
}

my ($order, $authz, $name) = fresh();
my $r = $c->post($authz);
QW::is_fine($r, 200, 'AUZ-01 fetch');
is($r->{json}{status}, 'pending', 'AUZ-01 pending');
is_deeply($r->{json}{identifier}, { type => 'dns', value => $name }, 'AUZ-01 identifier');
ok($r->{json}{expires}, 'AUZ-01 expires');
is_deeply([sort map { $_->{type} } @{ $r->{json}{challenges} }], ['dns-01', 'http-01', 'tls-alpn-01'], 'AUZ-01 three challenges');
for my $ch (@{ $r->{json}{challenges} }) {
    like($ch->{token}, qr/^[A-Za-z0-9_-]{43}$/, "AUZ-02 token of $ch->{type}");
    is($ch->{status}, 'pending', 'AUZ-01 pending');
}
my $other = QW->registered;
QW::is_problem($other->post($authz), 404, 'malformed', 'AUZ-07 a foreign authorization');
my $http = challenge($authz, 'http-01');
QW::is_problem($other->post($http->{url}, {}), 404, 'malformed', 'AUZ-07 a foreign challenge');
is($c->post($http->{url})->{json}{status}, 'pending', 'AUZ-07 nothing has begun');
for my $bad ('"x"', '[]', '1') {
    QW::is_problem($c->post($http->{url}, $bad), 400, 'malformed', "AUZ-06 payload $bad");
}

# ---- http-01 that succeeds --------------------------------------------------------
QW->http01($http->{token}, $c->key_authorization($http->{token}) . " \r\n");
$r = $c->post($http->{url}, {});
QW::is_fine($r, 200, 'H01-01 started');
like($r->{json}{status}, qr/^(processing|valid)$/, 'AUZ-21 processing');
ok(scalar(grep { /rel="up"/ } $r->header('Link')), 'R 7.1 Link up');
ok($r->header('Retry-After') >= 1, 'AUZ-21 Retry-After') if $r->{json}{status} eq 'processing';
is(settled($authz)->{status}, 'valid', 'H01-01 valid, white space at the end does not matter');
is($c->post($order)->{json}{status}, 'ready', 'H01-01 the order is ready');
is(scalar @{ $c->post($authz)->{json}{challenges} }, 1, 'R 7.1.4 only the challenge that was met is shown');
QW::is_fine($c->post($http->{url}, {}), 200, 'AUZ-10 asking again changes nothing');

# ---- and that fails -------------------------------------------------------------------
sub fails {
    my ($text, $type, $name_) = @_;
    ($order, $authz, $name) = fresh();
    my $ch = challenge($authz, 'http-01');
    QW->http01($ch->{token}, ref $text ? $text->($ch) : $text) if defined $text;
    $c->post($ch->{url}, {});
    my $got = settled($authz);
    is($got->{status}, 'invalid', "$name_: invalid");
    my ($shown) = grep { $_->{type} eq 'http-01' } @{ $got->{challenges} };
    like($shown->{error}{type} || '', qr/:($type)$/, "$name_: $type") or diag explain $shown;
    is($c->post($order)->{json}{status}, 'invalid', "AUZ-11 $name_: the order too");
    ok($c->post($order)->{json}{error}, "FIN-34 $name_: and says why");
    return $shown;
}
fails('wrong', 'unauthorized', 'H01-02 wrong content');
fails(sub { $other->key_authorization($_[0]{token}) }, 'unauthorized', "H01-03 another account's thumbprint");
fails(sub { 'x' . $c->key_authorization($_[0]{token}) }, 'unauthorized', 'H-14 a prefix');
fails(sub { uc $c->key_authorization($_[0]{token}) }, 'unauthorized', 'H-14 upper case');
fails(undef, 'unauthorized', 'H01-04 404');
my $shown = fails("\e[31m%n%s\0" . 'A' x 3000, 'unauthorized', 'H01-20 terminal escapes');
ok($shown->{error}{detail} !~ /[\x00-\x1f]/ && length $shown->{error}{detail} <= 500, 'H01-20 shown safely');
{
    my ($o, $a) = ($order, $authz);
    my $dns = challenge($a, 'dns-01');
    QW::is_problem($c->post($dns->{url}, {}), 400, 'malformed', 'AUZ-11 the other challenges are of no use any more');
}

# ---- names that lead nowhere ----------------------------------------------------------------
for my $case (['SERVFAIL', 'dns', 'D01-06'], ['NXDOMAIN', 'dns', 'D01-05']) {
    ($order, $authz, $name) = fresh();
    QW->dns_line("$name * $case->[0]");
    my $ch = challenge($authz, 'http-01');
    $c->post($ch->{url}, {});
    my ($got) = grep { $_->{type} eq 'http-01' } @{ settled($authz)->{challenges} };
    like($got->{error}{type} || '', qr/:$case->[1]$/, "$case->[2] $case->[0]") or diag explain $got;
}

# ---- dns-01 ----------------------------------------------------------------------------------
sub dns_try {
    my ($make, $want, $name_) = @_;
    ($order, $authz, $name) = fresh();
    my $ch = challenge($authz, 'dns-01');
    $make->($ch, QW::b64(sha256($c->key_authorization($ch->{token}))));
    $c->post($ch->{url}, {});
    is(settled($authz)->{status}, $want, $name_);
}
dns_try(sub { QW->dns_line("_acme-challenge.$name TXT $_[1]") }, 'valid', 'D01-01 the right TXT');
dns_try(sub { QW->dns_line("_acme-challenge.$name TXT other"); QW->dns_line("_acme-challenge.$name TXT $_[1]") }, 'valid', 'D01-02 one of two');
dns_try(sub { }, 'invalid', 'D01-05 no TXT');
dns_try(sub { QW->dns_line("_acme-challenge.$name TXT " . uc $_[1]) }, 'invalid', 'D01-07 upper case');
dns_try(sub { QW->dns_line("_acme-challenge.$name TXT $_[1]=") }, 'invalid', 'D01-07 padded');
dns_try(sub { QW->dns_line("_acme-challenge.$name TXT " . $c->key_authorization($_[0]{token})) }, 'invalid', 'D01-08 the raw key authorization');
dns_try(sub { QW->dns_line("_acme-challenge.$name CNAME v$n.else.test"); QW->dns_line("v$n.else.test TXT $_[1]") }, 'valid', 'D01-09 through a CNAME');
dns_try(sub { QW->dns_line("$name TXT $_[1]") }, 'invalid', 'D01-16 without the underscore prefix');

# ---- a validation that is under way --------------------------------------------------------------
{
    ($order, $authz, $name) = fresh();
    QW->dns_line("$name * TIMEOUT");
    my $ch = challenge($authz, 'http-01');
    my $dns = challenge($authz, 'dns-01');
    $c->post($ch->{url}, {});
    QW::is_problem($c->post($dns->{url}, {}), 400, 'malformed', 'AUZ-10 one validation at a time');
    $r = $c->post($authz, { status => 'deactivated' });
    QW::is_fine($r, 200, 'AUZ-14 AUZ-16 deactivated meanwhile');
    is($r->{json}{status}, 'deactivated', 'AUZ-14 it says so');
    is($c->post($order)->{json}{status}, 'invalid', 'AUZ-14 its order is invalid');
    QW->await(sub { $c->post($ch->{url})->{json}{status} ne 'processing' }, 2);
    is($c->post($authz)->{json}{status}, 'deactivated', 'AUZ-16 and no late result changes that');
}
($order, $authz, $name) = fresh();
QW::is_problem($c->post($authz, { status => 'valid' }), 400, 'malformed', 'AUZ-15 no other status');
QW::is_problem($c->post($authz, {}), 400, 'malformed', 'AUZ-15 no status');
{
    my $ch = challenge($authz, 'http-01');
    QW->clock(8 * 86400);
    $c->{nonces} = [];
    QW::is_problem($c->post($ch->{url}, {}), 400, 'malformed', 'AUZ-08 an expired authorization');
    is($c->post($authz)->{json}{status}, 'expired', 'AUZ-08 says that it is expired');
    QW->clock(0);
    $c->{nonces} = [];
}

# ---- each order anew -------------------------------------------------------------------------------
{
    $c->issue('again.shop.test');
    $r = $c->order('again.shop.test');
    is($c->post($r->{json}{authorizations}[0])->{json}{status}, 'pending', 'AUZ-17 without reuse each order is validated anew');
}

# ---- a name that leaves the list ---------------------------------------------------------------------
{
    my $x = QW->new_external('leave.test');
    my $m = QW->registered(external => $x);
    $r = $m->order('a.leave.test');
    my $a = $m->post($r->{json}{authorizations}[0])->{json};
    my ($ch) = grep { $_->{type} eq 'http-01' } @{ $a->{challenges} };
    QW::ctl('domain', 'remove', $x, 'leave.test') or die $QW::ctl_text;
    QW::is_problem($m->post($ch->{url}, {}), 403, 'unauthorized', 'LST-10 is not validated any more');
    is(QW->dns_asked('leave.test'), 0, 'LST-10 and nobody was asked for it');
}
done_testing();
