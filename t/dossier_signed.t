# Dossiers of a certificate that people at the portal answer for: what they signed is in
# it, and each field of it is looked at. On a bed of its own.
use strict; use warnings FATAL => 'all';
use QW; use QW::Audit; use QW::Bed; use QW::Passkey; use Test::More;
use Digest::SHA qw(sha256); use MIME::Base64 qw(decode_base64url);

my $home = QW::Bed->new('dossier-signed', 16800, portal => 1);
my $dir = $home->{dir};
QW::Audit->equip($home, 16890, "    QwacmeFourEyes register\n");
$home->start;

# Two officers register, an operator confirms, agrees and creates the binding key.
my ($anne, $bea) = map { QW::Person->invited($_, 'officer') } 'Anne', 'Bea';
is($_->login->code, 303, "$_->{name} is in") for $anne, $bea;
my %verified = (organization => 'Exemple SA', organization_identifier => 'NTRFR-542051180', country => 'FR', locality => 'Lyon',
    street => '1 rue', postal_code => '69001', profiles => 'qncp-w', verified_method => 'a', verified_at => '2026-11-20', expires => '2027-11-20');
my $r = $anne->change('', 'account.create', name => 'Neu', %verified);
is($r->code, 200, 'asked to register') or diag $r->as_string;
my ($asked) = $bea->get('approvals')->decoded_content =~ /name="approval" value="([^"]*)"><button/;
is($bea->change('', 'approval.approve', approval => $asked)->code, 200, 'approved by another one');
my $id = QW::ctl('account', 'show', 'Neu')->{id};
my $olga = QW::Person->invited('Olga', 'operator', 'Neu');
is($olga->login->code, 303, 'Olga is in');
is($olga->change($id, 'terms.agree', version => '2026-11')->code, 200, 'agreed');
is($olga->change($id, 'domain.add', name => 'neu.test', subtree => 'yes')->code, 200, 'confirmed');
is($olga->change($id, 'domain.add', name => 'unused.test')->code, 200, 'another one too');
my $shown = $olga->change($id, 'binding.create', uses => 2, days => 9)->decoded_content;
my ($kid) = $shown =~ /id="kid"[^>]*>([^<]+)/;
my ($mac) = $shown =~ /id="mac-key"[^>]*>([^<]+)/;
my $c = QW->new;
is($c->register(binding => { keyId => $kid, macKey => $mac })->code, 201, 'an ACME account');
$c->issue('www.neu.test');
is($olga->change($id, 'domain.add', name => 'later.test')->code, 200, 'and one later');
my ($serial) = map { $_->{serial} } @{ QW::ctl('certificate', 'list') };

ok(QW::ctl('dossier', 'make', $serial, '--out', "$dir/dossier.json"), 'a dossier') or diag $QW::ctl_text;
my $text = $home->slurp('dossier.json');
my $d = QW::decode($text)->{dossier};

# ---- what is in it ---------------------------------------------------------------------
sub says { QW::decode($_[0]{action}) }
my %said = map { (says($_)->{do} => $_) } @{ $d->{signedActions} };
is(join(' ', sort keys %said), 'account.create approval.approve binding.create domain.add', 'RPT-04 what people signed for this certificate');
is(scalar @{ $d->{signedActions} }, 4, 'RPT-04 each once, and nothing else');
is(says($said{'domain.add'})->{name}, 'neu.test', 'RPT-04 the entry that covered the name');
is($d->{domains}[0]{signedAction}, $said{'domain.add'}{id}, 'RPT-04 named by the entry');
is($d->{identity}{signedAction}, $said{'account.create'}{id}, 'RPT-04 and by the identity');
is($d->{bindingKey}{signedAction}, $said{'binding.create'}{id}, 'RPT-04 and by the binding key');
is("$d->{approvals}[0]{requestAction} $d->{approvals}[0]{signedAction}", "$said{'account.create'}{id} $said{'approval.approve'}{id}",
    'RPT-04 and by the approval: who asked, who approved');
is(join(' ', sort map { "$_->{name}:$_->{role}" } @{ $d->{passkeys} }), 'Anne:officer Bea:officer Olga:operator', 'RPT-04 their passkeys');
unlike(QW::encode($d->{signedActions}), qr/unused\.test|later\.test/, 'nothing else that they signed');
unlike($text, qr/\Q$mac\E/, 'RPT-05 no secret');

# ---- it verifies by itself ---------------------------------------------------------------
my @with = ('--certificate', "$dir/audit.pem", '--timestamp-roots', "$dir/tsa/good-root.pem");
sub verify { QW::ctl('dossier', 'verify', "$dir/$_[0]", @with) }
my $seen = verify('dossier.json');
ok($seen && !@{ $seen->{findings} }, 'RPT-04 it verifies') or diag $QW::ctl_text;
is(scalar grep(/^(passkeys|signatures|actions): /, @{ $seen->{checked} }), 3, 'RPT-04 people, too');

# Signed anew by somebody with the audit key: what people signed is theirs alone.
sub resigned {
    my ($name, $says, $change) = @_;
    QW::Audit->resign($home, 'resigned.json', $text, $change);
    if (!$says) {
        ok(verify('resigned.json'), $name) or diag $QW::ctl_text;
        return;
    }
    ok(!verify('resigned.json'), "RPT-04 $name") or diag $QW::ctl_text;
    like($QW::ctl_text, $says, 'is said');
}
sub action { my ($copy, $do) = @_; (grep { says($_)->{do} eq $do } @{ $copy->{signedActions} })[0] }
sub flip { my $raw = decode_base64url($_[0]); substr($raw, $_[1], 1) ^= chr 1; QW::b64($raw) }
sub client { my ($o, $change) = @_; my $c = QW::decode(decode_base64url($o->{clientData})); $change->($c); $o->{clientData} = QW::b64(QW::encode($c)) }

resigned('as it is, signed again', undef, sub { });
# each field of a signed action
my $of = qr/signatures: action [\w-]+: /;
for my $do (sort keys %said) {
    for my $member (sort keys %{ says($said{$do}) }) {
        resigned("$do: $member", qr/signatures: /, sub {
            my $o = action($_[0], $do); my $a = says($o); $a->{$member} .= 'x'; $o->{action} = QW::encode($a) });
    }
}
resigned('action: not canonical', qr/$of.*not canonical/, sub { action($_[0], 'domain.add')->{action} =~ s/^\{/{ / });
resigned('action: none', qr/$of/, sub { action($_[0], 'domain.add')->{action} = '' });
resigned('nonce', qr/${of}the passkey signed something else/, sub { action($_[0], 'domain.add')->{nonce} .= 'x' });
resigned('id', qr/actions: domains neu\.test: the action that portal:\S+ signed is missing/, sub { action($_[0], 'domain.add')->{id} = 'x' });
resigned('person', qr/${of}the passkey is another person's/, sub { action($_[0], 'domain.add')->{person} = $anne->{id} });
resigned('passkey', qr/${of}the passkey is another person's/, sub { action($_[0], 'domain.add')->{passkey} = $said{'account.create'}{passkey} });
resigned('no passkey', qr/${of}its passkey is missing/, sub { $_[0]{passkeys} = [] });
resigned('challenge', qr/${of}the passkey signed something else/, sub { client(action($_[0], 'domain.add'), sub { $_[0]{challenge} = 'x' x 43 }) });
resigned('origin', qr/${of}the passkey was used on another site/, sub { client(action($_[0], 'domain.add'), sub { $_[0]{origin} = 'https://evil.example' }) });
resigned('type', qr/${of}the passkey did something else/, sub { client(action($_[0], 'domain.add'), sub { $_[0]{type} = 'webauthn.create' }) });
resigned('frame', qr/${of}the passkey was used within another site/, sub { client(action($_[0], 'domain.add'), sub { $_[0]{crossOrigin} = JSON::PP::true }) });
resigned('other client data', qr/${of}the passkey's signature does not verify/, sub { client(action($_[0], 'domain.add'), sub { $_[0]{more} = 1 }) });
resigned('client data: none', qr/$of/, sub { delete action($_[0], 'domain.add')->{clientData} });
resigned('site', qr/${of}the passkey signed for another site/, sub { $_->{authenticatorData} = flip($_->{authenticatorData}, 0) for action($_[0], 'domain.add') });
resigned('user', qr/${of}the passkey's user was not verified/, sub { for (action($_[0], 'domain.add')) { my $raw = decode_base64url($_->{authenticatorData}); substr($raw, 32, 1) = chr 1; $_->{authenticatorData} = QW::b64($raw) } });
resigned('counter', qr/${of}the passkey's signature does not verify/, sub { $_->{authenticatorData} = flip($_->{authenticatorData}, 36) for action($_[0], 'domain.add') });
resigned('authenticator data: short', qr/${of}the authenticator data are cut short/, sub { action($_[0], 'domain.add')->{authenticatorData} = 'AAAA' });
resigned('signature', qr/${of}the passkey's signature does not verify/, sub { $_->{signature} = flip($_->{signature}, 10) for action($_[0], 'domain.add') });
resigned('signature of another action', qr/${of}the passkey's signature does not verify/, sub { action($_[0], 'domain.add')->{signature} = $said{'binding.create'}{signature} });
resigned('another portal', qr/${of}the passkey was used on another site/, sub { $_[0]{authority}{portalUrl} = 'https://localhost:1/portal' });
resigned('no portal', qr/${of}the portal has no https URL/, sub { delete $_[0]{authority}{portalUrl} });
resigned('another authority', qr/${of}what was signed is of another authority/, sub { $_[0]{authority}{name} = 'other' });
# the passkeys
my $own = QW::Passkey->new;
sub own_key { QW::b64(substr $own->{key}->export_key_raw('public'), 1) }
sub olga { (grep { $_->{name} eq 'Olga' } @{ $_[0]{passkeys} })[0] }
resigned('another public key', qr/passkeys: passkey \S+ was registered with another key.*$of/s, sub { olga($_[0])->{publicKey} = own_key() });
resigned('a key of the forger, who signs with it', qr/passkeys: passkey \S+ was registered with another key/, sub {
    my $o = action($_[0], 'domain.add');
    olga($_[0])->{publicKey} = own_key();
    $o->{signature} = QW::b64($own->{key}->sign_message(decode_base64url($o->{authenticatorData}) . sha256(decode_base64url($o->{clientData})), 'SHA256'));
});
resigned('another algorithm', qr/${of}/, sub { olga($_[0])->{algorithm} = -8 });
resigned('another passkey by that id', qr/passkeys: no event in the chain registered/, sub {
    my $key = olga($_[0]); $key->{id} = 'x'; $_->{passkey} = 'x' for grep { $_->{person} eq $olga->{id} } @{ $_[0]{signedActions} } });
# what they answer for
for ([name => 'other.test'], [subtree => JSON::PP::false], [wildcard => JSON::PP::true]) {
    my ($member, $value) = @$_;
    resigned("an entry with another $member", qr/actions: domains \S+: what was signed is /, sub { $_[0]{domains}[0]{$member} = $value });
}
resigned('an entry that another person confirmed', qr/actions: domains neu\.test: what was signed is an action of another person/, sub { $_[0]{domains}[0]{confirmedBy} = "portal:$anne->{id}" });
resigned('an entry by another action', qr/actions: domains neu\.test: what was signed is another kind/, sub { $_[0]{domains}[0]{signedAction} = $said{'binding.create'}{id} });
resigned('an entry of another account', qr/actions: .*what was signed is another account/, sub { $_[0]{externalAccount}{id} = 'x' });
for my $member (sort keys %{ $d->{identity}{attributes} }) {
    resigned("an identity with another $member", qr/actions: identity: what was signed is other attributes/, sub { $_[0]{identity}{attributes}{$member} .= 'x' });
}
for (['profiles', 'qevcp-w', 'other profiles'], ['verifiedMethod', 'b', 'another method'], ['verifiedAt', '2026-11-21T00:00:00Z', 'another time'],
    ['verifiedBy', "portal:$bea->{id}", 'an action of another person']) {
    my ($member, $value, $says) = @$_;
    resigned("an identity with another $member", qr/actions: identity: what was signed is $says/, sub { $_[0]{identity}{$member} = $value });
}
resigned('a binding key for more', qr/actions: bindingKey: what was signed is another number of uses/, sub { $_[0]{bindingKey}{maxUses} = 100 });
resigned('another request that was approved', qr/actions: approvals \S+: what was signed is /, sub { $_[0]{approvals}[0]{request}{profiles} = 'qevcp-w' });
resigned('an approval by who asked', qr/actions: approvals \S+: what was signed is an action of another person/, sub { $_[0]{approvals}[0]{decidedBy} = "portal:$anne->{id}" });
resigned('an approval that was a rejection', qr/actions: approvals \S+: what was signed is the other decision/, sub { $_[0]{approvals}[0]{status} = 'rejected' });
# In production nothing of the portal is unsigned; a test authority has copies.
my $none = sub { delete $_[0]{domains}[0]{signedAction} };
resigned('a copy of a test authority', undef, $none);
resigned('nobody signed it', qr/actions: domains neu\.test: the action that portal:\S+ signed is missing/, sub { $none->($_[0]); $_[0]{authority}{kind} = 'production' });

is(scalar @{ QW::ctl('action', 'verify', 'Neu') }, 5, 'action verify says the same of the database');
done_testing();
