# One certificate revoked at the portal, by an operator of its account or by an officer.
use strict; use warnings FATAL => 'all';
use QW; use QW::Passkey; use Test::More;

my ($ours, $theirs) = map { QW->new_external($_) } 'ours-revoke.test', 'theirs-revoke.test';
my %id = map { ($_ => QW::ctl('account', 'show', $_)->{id}) } $ours, $theirs;
my $olga = QW::Person->invited("Olga R $$", 'operator', $ours);
my $otto = QW::Person->invited("Otto R $$", 'operator', $theirs);
my $anne = QW::Person->invited("Anne R $$", 'officer');
my $aldo = QW::Person->invited("Aldo R $$", 'auditor');
$_->login for $olga, $otto, $anne, $aldo;
my $client = QW->registered(external => $ours);
my $n = 0;
my $key = QW::bed() . "/revoke-$$.pem";
system("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out '$key' 2>/dev/null") == 0 or die;

# The serial of a new certificate; with @options of openssl req.
sub issued {
    my (@options) = @_;
    my $name = 'r' . ++$n . '.ours-revoke.test';
    my $order = $client->order($name);
    my $at = $order->header('Location');
    $client->prove($order);
    $client->finalize($at, $client->csr([$name], @options));
    my ($row) = grep { join(' ', @{ $_->{names} }) eq $name } @{ QW::ctl('certificate', 'list', '--account', $ours) };
    return $row->{serial};
}
sub row { my ($serial) = @_; (grep { $_->{serial} eq $serial } @{ QW::ctl('certificate', 'list', '--account', $ours) })[0] }
sub refused { my ($r, $status, $name) = @_; is($r->code, $status, $name) or diag $r->decoded_content }

my $serial = issued();
like($olga->get("account/$id{$ours}")->decoded_content, qr/name="serial"/, 'the page of the account offers it');
unlike($olga->get("account/$id{$ours}")->decoded_content, qr/privilegeWithdrawn/, 'without the reason that is the provider\'s');
like($anne->get("account/$id{$ours}")->decoded_content, qr/privilegeWithdrawn/, 'which an officer has');

# ---- what is refused ------------------------------------------------------------------------
refused($otto->propose($id{$ours}, 'certificate.revoke', serial => $serial, reason => 'superseded'), 404, 'OPR-05 on another\'s account');
refused($otto->propose($id{$theirs}, 'certificate.revoke', serial => $serial, reason => 'superseded'), 404, 'OPR-05 nor as one of one\'s own');
refused($aldo->propose($id{$ours}, 'certificate.revoke', serial => $serial, reason => 'superseded'), 403, 'an auditor revokes nothing');
refused($olga->propose($id{$ours}, 'certificate.revoke', serial => $serial, reason => 'privilegeWithdrawn'), 400, 'a reason that is not an operator\'s');
refused($olga->propose($id{$ours}, 'certificate.revoke', serial => $serial, reason => 'certificateHold'), 400, 'nor suspension');
refused($olga->propose($id{$ours}, 'certificate.revoke', serial => "$serial\n${serial}00", reason => 'superseded'), 400, 'two at once');
refused($olga->propose($id{$ours}, 'certificate.revoke', serial => '', reason => 'superseded'), 400, 'none');
is(row($serial)->{status}, 'issued', 'nothing happened');

# ---- revoked ----------------------------------------------------------------------------------
my $pretty = uc join ':', $serial =~ /../g;
my $r = $olga->propose($id{$ours}, 'certificate.revoke', serial => $pretty, reason => 'superseded');
like($r->decoded_content, qr/\Q$serial\E.*superseded/s, 'it is said in words, by its serial');
is(row($serial)->{status}, 'issued', 'and not done by that');
refused($olga->post('sign', $olga->signed($r)), 200, 'signed');
is(row($serial)->{status}, 'revoked', 'REV-20 revoked by an operator');
my ($event) = grep { $_->{event} eq 'certificate.revoke' } @{ QW::ctl('event', 'list', '--subject', row($serial)->{id}) };
is($event->{actor}, "portal:$olga->{id}", 'who did it is on record');
refused($olga->propose($id{$ours}, 'certificate.revoke', serial => $serial, reason => 'superseded'), 400, 'once');

my $second = issued();
is($anne->change($id{$ours}, 'certificate.revoke', serial => $second, reason => 'privilegeWithdrawn')->code, 200, 'an officer revokes');
is(row($second)->{status}, 'revoked', 'with the provider\'s reason');

# ---- a key that is out -----------------------------------------------------------------------
my @twins = map { issued('-key', $key) } 1, 2;
is($olga->change($id{$ours}, 'certificate.revoke', serial => $twins[0], reason => 'keyCompromise')->code, 200, 'the key is out');
is_deeply([map { row($_)->{status} } @twins], ['revoked', 'revoked'], 'every certificate that has it is revoked');
my $order = $client->order('late.ours-revoke.test');
my $at = $order->header('Location');
$client->prove($order);
QW::is_problem($client->post("$at/finalize", { csr => QW::b64($client->csr(['late.ours-revoke.test'], '-key', $key)) }), 400, 'badCSR', 'and none is made for it any more');

done_testing();
