# Revocation by account key, by another account of the same external account,
# and by certificate key.
use strict; use warnings FATAL => 'all';
use QW; use Test::More;
use File::Path qw(make_path);
use MIME::Base64 qw(decode_base64);
use Crypt::PK::ECC ();

my $dir = QW::bed() . "/revoke-$$";
make_path($dir);
my $external = QW->new_external('rev.test');
my $c = QW->registered(external => $external);
my $n = 0;

# DER of a new certificate of $client, and its key.
sub issued {
    my ($client) = @_;
    my $name = 'r' . ++$n . '.rev.test';
    system("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $dir/k$n.pem 2>/dev/null") == 0 or die;
    my $r = $client->order($name);
    my $at = $r->header('Location');
    $client->prove($r);
    $r = $client->finalize($at, $client->csr([$name], '-key', "$dir/k$n.pem"));
    die $r->as_string unless $r->{json}{status} eq 'valid';
    my ($b64) = $client->post($r->{json}{certificate})->content =~ /-----BEGIN CERTIFICATE-----\n(.*?)-----END/s;
    return (decode_base64($b64), Crypt::PK::ECC->new("$dir/k$n.pem"), $name);
}

sub revoke {
    my ($client, $der, $reason, %how) = @_;
    my %payload = (certificate => QW::b64($der));
    $payload{reason} = $reason if defined $reason;
    return $client->post($client->url('revokeCert'), \%payload, %how);
}

# What qwacmectl knows of the certificate for $name.
sub known {
    my ($name) = @_;
    my ($row) = grep { "@{ $_->{names} }" eq $name } @{ QW::ctl('certificate', 'list', '--limit', 100000) };
    return $row;
}

# ---- by its own account ---------------------------------------------------------
my ($der, $key, $name) = issued($c);
for my $bad (2, 6, 7, 8, 10, 100, -1, 9) {
    my $r = revoke($c, $der, $bad);
    QW::is_problem($r, 400, 'badRevocationReason', "REV-12 reason $bad");
}
QW::is_problem(revoke($c, $der, 'x'), 400, 'malformed', 'REV-12 reason that is no number');
my $r = revoke($c, $der);
QW::is_fine($r, 200, 'REV-14 no reason');
is(length $r->content, 0, 'REV-14 an empty answer');
is(known($name)->{status}, 'revoked', 'REV-14 it is revoked');
is(known($name)->{reason}, 'unspecified', 'REV-14 for no reason');
QW::is_problem(revoke($c, $der), 400, 'alreadyRevoked', 'REV-10 not twice');
QW::is_problem(revoke($c, $der, 4), 400, 'alreadyRevoked', 'REV-17 nor for another reason');
for my $reason (0, 1, 3, 4, 5) {
    ($der, $key, $name) = issued($c);
    QW::is_fine(revoke($c, $der, $reason), 200, "REV-13 reason $reason");
    ok(known($name)->{revokedAt}, "REV-13 reason $reason is recorded");
}

# ---- by the certificate's key ------------------------------------------------------
($der, $key, $name) = issued($c);
my $holder = QW->new(key => $key);
QW::is_fine(revoke($holder, $der, 4, jwk => 1), 200, 'REV-02 by the certificate key');
is(known($name)->{reason}, 'keyCompromise', 'REV-02 it is a key compromise whatever it says');
{
    my $name2 = "again$n.rev.test";
    my $r = $c->order($name2);
    my $at = $r->header('Location');
    my $order = $c->prove($r)->{json};
    $r = $c->post($order->{finalize}, { csr => QW::b64($c->csr([$name2], '-key', "$dir/k$n.pem")) });
    QW::is_problem($r, 400, 'badCSR', 'REV-02 FIN-22 the key is blocked');
}
($der, $key, $name) = issued($c);
QW::is_fine(revoke($c, $der, 4), 200, 'REV-16 first superseded');
my $before = known($name)->{revokedAt};
$holder = QW->new(key => $key);
QW::is_fine(revoke($holder, $der, 1, jwk => 1), 200, 'REV-16 then proven to be compromised');
is(known($name)->{reason}, 'keyCompromise', 'REV-16 the reason changes');
is(known($name)->{revokedAt}, $before, 'REV-16 the date does not');
QW::is_problem(revoke($holder, $der, 1, jwk => 1), 400, 'alreadyRevoked', 'REV-17 and not again');
($der, $key, $name) = issued($c);
QW::is_problem(revoke(QW->new, $der, 1, jwk => 1), 403, 'unauthorized', 'REV-06 by a key that is not its key');

# ---- by other accounts -----------------------------------------------------------------
my $sibling = QW->registered(external => $external);
my $stranger = QW->registered;
QW::is_problem(revoke($stranger, $der), 403, 'unauthorized', 'REV-05 a stranger may not');
is(known($name)->{status}, 'issued', 'REV-05 and nothing changed');
QW::is_fine(revoke($sibling, $der, 5), 200, 'REV-03 an account of the same external account may');
is(known($name)->{reason}, 'cessationOfOperation', 'REV-03 with its reason');

# ---- by an account of another external account that controls the names now ---------------
{
    my $issued = sub {
        my $r = $c->order(@_);
        my $at = $r->header('Location');
        $c->prove($r);
        $r = $c->finalize($at, $c->csr([@_]));
        die $r->as_string unless $r->{json}{status} eq 'valid';
        return decode_base64(($c->post($r->{json}{certificate})->content =~ /-----BEGIN CERTIFICATE-----\n(.*?)-----END/s)[0]);
    };
    my $der = $issued->('both.rev.test', 'too.rev.test');
    my $other = QW->new_external('rev.test');
    my $taker = QW->registered(external => $other);
    QW::is_problem(revoke($taker, $der), 403, 'unauthorized', 'REV-05 a name on its list is no proof of control');
    $taker->prove($taker->order('both.rev.test'));
    QW::is_problem(revoke($taker, $der), 403, 'unauthorized', 'REV-04 control of one name of two');
    $taker->prove($taker->order('too.rev.test'));
    QW::ctl('domain', 'remove', $other, 'rev.test') or die $QW::ctl_text;
    QW::is_problem(revoke($taker, $der), 403, 'unauthorized', 'REV-03 nor control of what is not on its list any more');
    QW::ctl('domain', 'add', $other, 'rev.test', '--subtree', '--shared', '--confirmed-by', 'operator-1') or die $QW::ctl_text;
    QW::ctl('account', 'suspend', $other, '--reason', 'test') or die $QW::ctl_text;
    QW::is_fine(revoke($taker, $der, 4), 200, 'REV-03 who controls every name may stop a certificate, REV-19 suspended or not');
    is(known('both.rev.test too.rev.test')->{reason}, 'superseded', 'REV-03 with its reason');
}

# ---- form ------------------------------------------------------------------------------
($der, $key, $name) = issued($c);
for my $bad (['not base64url', { certificate => '@@' }], ['PEM', { certificate => '-----BEGIN' }],
    ['missing', {}], ['bytes after it', { certificate => QW::b64($der . "\0") }],
    ['a number', { certificate => 1 }]) {
    my $r = $c->post($c->url('revokeCert'), $bad->[1]);
    QW::is_problem($r, 400, 'malformed', "REV-09 certificate: $bad->[0]");
}
{
    my $root = `openssl x509 -in @{[QW::bed()]}/ca-other/issuing.pem -outform DER`;
    my $r = revoke($c, $root);
    ok($r->code == 404 || $r->code == 403, 'REV-06 a certificate that is not ours') or diag $r->as_string;
}

# ---- accounts that can do nothing else ----------------------------------------------------
QW::ctl('account', 'suspend', $external, '--reason', 'test') or die $QW::ctl_text;
QW::is_problem($c->order('x.rev.test'), 403, 'unauthorized', 'REV-19 suspended: no orders');
QW::is_fine(revoke($c, $der, 1), 200, 'REV-19 suspended: may revoke its own');
QW->resume('account', $external);

($der, $key, $name) = issued($c);
QW::is_fine($c->post($c->{kid}, { status => 'deactivated' }), 200, 'REV-20 deactivate');
QW::is_problem(revoke($c, $der), 401, 'unauthorized', 'REV-20 a deactivated account may not');
QW::is_fine(revoke(QW->new(key => $key), $der, 1, jwk => 1), 200, 'REV-20 its certificate key may');

# ---- a key that is an account key too: as an account key it needs kid --------------------------
my $twin = QW->registered(external => $external);
($der, $key, $name) = issued($twin);
$r = revoke(QW->new(key => $twin->{key}), $der, 4, jwk => 1);
QW::is_problem($r, 403, 'unauthorized', 'REV-21 the account key as jwk is not the certificate key');
done_testing();
