# Which models of authenticators may be registered (QwacmePasskeyAAGUIDs), and who
# vouches for them (QwacmePasskeyRoots): attestations by makers of this test's own.
# Then how often invitations may be tried from an address.
use strict; use warnings FATAL => 'all';
use QW; use QW::Bed; use QW::Passkey; use Test::More;
use Crypt::PK::ECC ();

my ($model, $other) = ('ee882879-721c-4913-9775-3dfcce97072a', '2fc0579f-8113-47ea-b116-bb5a8db9202a');
my $home = QW::Bed->new('passkeys', 17500, portal => 1);
my $dir = "$home->{dir}/makers";
mkdir $dir or die $!;

sub openssl { system("openssl @_ >>$home->{dir}/log/makers.log 2>&1") == 0 or die $home->slurp('log/makers.log') }
my $curve = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc';

# A maker, and the key that its authenticators of $aaguid attest with; %how: days.
sub maker { openssl("req -x509 $curve -keyout $dir/$_[0].key -out $dir/$_[0].pem -days 3650 -subj '/CN=Maker $_[0]' -addext basicConstraints=critical,CA:TRUE"); $_[0] }
my $batch = 0;
sub attester {
    my ($maker, $aaguid, %how) = @_;
    my $at = "$dir/batch" . ++$batch;
    $home->put("makers/batch$batch.ext", "basicConstraints=critical,CA:FALSE\n1.3.6.1.4.1.45724.1.1.4=DER:0410" . ($aaguid =~ s/-//gr) . "\n");
    openssl("req $curve -keyout $at.key -out $at.csr -subj '/C=SE/O=Maker/OU=Authenticator Attestation/CN=Batch'");
    openssl("x509 -req -in $at.csr -CA $dir/$maker.pem -CAkey $dir/$maker.key -CAcreateserial -days " . ($how{days} || 365) . " -extfile $at.ext -out $at.pem");
    openssl("x509 -in $at.pem -outform DER -out $at.der");
    return [Crypt::PK::ECC->new("$at.key"), QW::slurp("$at.der")];
}
my ($good, $stranger) = (maker('good'), maker('stranger'));
$home->configure(sub { s{(<QwacmeAuthority test>\n)}{$1    QwacmePasskeyAAGUIDs \U$model\E
    QwacmePasskeyRoots $dir/good.pem
    QwacmeLimit invitations-per-ip 40/1h
} });
$home->start;

my $ours = QW->new_external('ours.test');
my $olga = QW::Person->invited('Olga', 'operator', $ours, wait => 1);
my $right = attester($good, $model);
like($olga->post('invite', { $olga->secrets })->decoded_content, qr/data-attestation="direct"/, 'the browser is asked for an attestation');
my $own = $olga->{passkey}{key};
for my $bad (['no attestation', aaguid => $model], ['another model', aaguid => $other, attest => attester($good, $other)],
    ['no model', attest => $right], ['an attestation by the new key itself', aaguid => $model, attest => [$own]],
    ['a maker that nobody named', aaguid => $model, attest => attester($stranger, $model)],
    ['a signature by another key', aaguid => $model, attest => [$own, $right->[1]]],
    ['the certificate of another model', aaguid => $model, attest => attester($good, $other)],
    ['no user verification', aaguid => $model, attest => $right, flags => 0x41]) {
    my ($why, @how) = @$bad;
    my $r = $olga->accept(@how, fails => 1);
    is($r->code, 403, "OPR-03 not registered: $why") or diag $r->as_string;
}
is($olga->login->code, 403, 'none of these enters');
is($olga->accept(aaguid => $model, attest => $right)->code, 303, 'a model on the list, by its maker, is registered');
my ($key) = @{ QW::ctl('passkey', 'list', 'Olga') };
is("$key->{aaguid} $key->{attestation}", "$model packed", 'and recorded as such');
is($olga->login->code, 303, 'and enters');
{
    my $late = QW::Person->invited('Lea', 'operator', $ours, wait => 1);
    QW->clock(3 * 86400);
    is($late->accept(aaguid => $model, attest => attester($good, $model, days => 1), fails => 1)->code, 403, 'a certificate that has expired vouches for nothing');
    QW->clock(0);
}

# ---- how often -------------------------------------------------------------------------
{
    my ($r, $tries) = (undef, 0);
    my %wrong = (token => 'x' x 43, secret => 'AAAA-AAAA-AAAA');
    for (1 .. 41) { $r = QW::Person->new->post('invite', \%wrong); last if $r->code == 429; $tries++ }
    is($r->code, 429, 'LIM-01 tries of invitations from an address are limited, failed ones too') or diag $r->as_string;
    cmp_ok($tries, '<=', 40, 'as configured');
    like($r->decoded_content, qr/invitations-per-ip/, 'it names the limit');
    my $wait = $r->header('Retry-After');
    like($wait, qr/^[1-9]\d*$/, 'Retry-After');
    is(QW::Person->new->post('register', \%wrong)->code, 429, 'registering is such a try');
    my $far = QW::Person->new;
    $far->{ua}->local_address('127.0.0.99');
    is($far->post('invite', \%wrong)->code, 403, 'from another address it is not refused for that');
    is($olga->get('')->code, 200, 'who is in stays');
    is(QW::Person->new(passkey => $olga->{passkey})->login->code, 303, 'and logins are counted apart');
    QW->clock($wait);
    is(QW::Person->new->post('invite', \%wrong)->code, 403, 'who waits as told is heard');
}
done_testing();
