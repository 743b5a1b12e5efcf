# The portal by plain HTTP, with an authenticator in software: who may enter, what they
# see, what they can change, and everything that is tried by those who may not.
use strict; use warnings FATAL => 'all';
use QW; use QW::Passkey; use Test::More;
use MIME::Base64 qw(decode_base64url);

my $ours = QW->new_external('ours.test');
my $theirs = QW->new_external('theirs.test');
my %id = map { ($_ => QW::ctl('account', 'show', $_)->{id}) } $ours, $theirs;
my $olga = QW::Person->invited("Olga $$", 'operator', $ours);
my $otto = QW::Person->invited("Otto $$", 'operator', $theirs);
my $anne = QW::Person->invited("Anne $$", 'officer');

sub is_refused {
    my ($r, $status, $name) = @_;
    return is($r->code, $status, $name) || diag $r->as_string;
}
# The one request for approval that waits.
sub waiting { ($_[0]->get('approvals')->decoded_content =~ /name="approval" value="([^"]*)"/)[0] }
sub event { scalar grep { $_->{event} eq $_[1] } @{ QW::ctl('event', 'list', '--subject', $_[0], '--limit', 1000) } }

# ---- invitations --------------------------------------------------------------------
{
    my $p = QW::Person->invited("Iris $$", 'operator', $ours, wait => 1);
    my %secrets = $p->secrets;
    is_refused($p->post('invite', { %secrets, secret => 'AAAA-AAAA-AAAA' }), 403, 'a wrong secret opens nothing');
    is(event($p->{id}, 'invite.refuse'), 1, 'and is recorded');
    is_refused($p->post('invite', { %secrets, token => 'x' x 43 }), 403, 'nor does a wrong link');
    my $r = $p->post('invite', { %secrets });
    like($r->decoded_content, qr/Iris $$/, 'both together do');
    my ($fields, $challenge) = $p->form($r, 'register');
    is_refused($p->post('register', { %$fields, secret => 'x', $p->{passkey}->make($challenge) }), 403,
        'a passkey without the secret is not registered');
    is_refused($p->post('register', { %$fields, $p->{passkey}->make($challenge, flags => 0x41) }), 403,
        'nor one that verified nobody');
    is_refused($p->post('register', { %$fields, $p->{passkey}->make($challenge) }), 403,
        'nor one on a challenge that was answered before');
    for my $bad (['no user verification', flags => 0x41], ['another site', rp => 'evil.example'],
        ['another origin', client => { origin => 'https://evil.example' }], ['a frame', client => { crossOrigin => JSON::PP::true }]) {
        my ($why, @how) = @$bad;
        is_refused($p->accept(@how, fails => 1), 403, "OPR-03 registration: $why");
    }
    is_refused($p->login, 403, 'who has not accepted does not enter');
    is($p->accept->code, 303, 'accepted');
    is_refused($p->post('invite', { %secrets }), 403, 'an invitation is used once');
    is($p->login->code, 303, 'and in');
    my $twin = QW::Person->new(passkey => $p->{passkey});
    QW::ctl('operator', 'invite', $ours, "Twin $$", '--mail', 't@exemple.fr') or die $QW::ctl_text;
    $twin->{invitation} = QW::ctl('operator', 'invite', $ours, "Twin $$", '--again');
    is_refused($twin->accept(fails => 1), 409, 'a passkey is one person\'s');
}

# ---- login ------------------------------------------------------------------------------
is_refused($olga->get(''), 303, 'OPR-01 nobody sees anything without login');
is_refused($olga->post('propose', { do => 'domain.add', account => $id{$ours} }), 303, 'OPR-01 nor changes anything');
for my $bad (['no user verification', flags => 0x01], ['no user present', flags => 0x04],
    ['another site', rp => 'evil.example'], ['another origin', client => { origin => 'https://localhost:1' }],
    ['a registration', client => { type => 'webauthn.create' }], ['another challenge', client => { challenge => 'x' x 43 }],
    ['a frame', client => { crossOrigin => JSON::PP::true }], ['another key', key => QW::Passkey->new->{key}],
    ['another passkey', change => sub { $_[0]{credential} = QW::b64($otto->{passkey}{id}) }],
    ['an unknown passkey', change => sub { $_[0]{credential} = QW::b64('x' x 32) }],
    ['no Origin', headers => { Origin => undef }], ['another Origin', headers => { Origin => 'https://evil.example' }],
    ['Origin null', headers => { Origin => 'null' }],
    ['a cross-site fetch', headers => { 'Sec-Fetch-Site' => 'cross-site' }]) {
    my ($why, @how) = @$bad;
    is_refused($olga->login(@how), 403, "OPR-03 login refused: $why");
    ok(!$olga->{cookie}, "OPR-03 no session: $why");
}
my %used;
my $r = $olga->login(change => sub { %used = %{ $_[0] } });
is($r->code, 303, 'login');
my ($cookie) = grep { /^__Host-qwacme=/ } $r->header('Set-Cookie');
like($cookie, qr/^__Host-qwacme=[A-Za-z0-9_-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/, 'a cookie of this host alone');
is_refused(QW::Person->new->post('login', \%used), 403, 'OPR-03 a replayed assertion is refused');
{
    my $first = $olga->{cookie};
    my $fixed = QW::Person->new(passkey => $olga->{passkey}, cookie => $first);
    is($fixed->login->code, 303, 'login again');
    isnt($fixed->{cookie}, $first, 'session fixation: each login has a new id');
    is_refused($olga->get(''), 303, 'and the old one is over');
    $olga->{cookie} = $fixed->{cookie};
    my $planted = QW::Person->new(passkey => $otto->{passkey}, cookie => 'A' x 43);
    $planted->login;
    isnt($planted->{cookie}, 'A' x 43, 'session fixation: a planted id is not taken');
    is_refused(QW::Person->new(cookie => 'A' x 43)->get(''), 303, 'nor is it one');
}
my @headers = (['Content-Security-Policy', qr/default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'; frame-ancestors 'none'/],
    ['X-Content-Type-Options', qr/^nosniff$/], ['Referrer-Policy', qr/^same-origin$/], ['Cache-Control', qr/no-store/]);
for my $path ('', 'login', 'invite', "account/$id{$ours}", 'account/none') {
    my $page = $olga->get($path);
    like($page->header($_->[0]) // '', $_->[1], "$_->[0] of /$path") for @headers;
    unlike($page->decoded_content, qr/ on[a-z]+=|<style|<script(?![^>]* src=)|javascript:| style=/, "nothing inline in /$path");
}

# ---- what an operator sees ------------------------------------------------------------------
like($olga->get('')->decoded_content, qr/\Q$ours\E/, 'an operator sees the own account');
unlike($olga->get('')->decoded_content, qr/\Q$theirs\E/, 'OPR-05 and no other');
is($olga->get("account/$id{$ours}")->code, 200, 'and opens it');
is($olga->get("account/$id{$theirs}")->code, 404, 'OPR-05 the other is not there');
is($olga->get("account/$id{$theirs}")->decoded_content =~ s/$id{$theirs}//gr, $olga->get('account/' . 'A' x 22)->decoded_content =~ s/A{22}//gr,
    'OPR-05 and answers as one that never was');
like($anne->login->header('Location'), qr{/portal/$}, 'an officer logs in');
like($anne->get('')->decoded_content, qr/\Q$theirs\E/, 'and sees all');
is(QW::Person->new(place => 'portal-other', cookie => $olga->{cookie})->get('')->code, 303, 'a session is of one authority');
is_refused(QW::Person->new(place => 'portal-other', passkey => $olga->{passkey})->login, 403, 'and so is a person');

# ---- signed changes ----------------------------------------------------------------------------
$r = $olga->propose($id{$ours}, 'domain.add', name => 'Www.New.test', subtree => 'yes');
like($r->decoded_content, qr/www\.new\.test/, 'a change is shown in its final form');
unlike(join(' ', map { $_->{name} } @{ QW::ctl('domain', 'list', $ours) }), qr/new\.test/, 'and not made by that');
my $form = $olga->signed($r);
$r = $olga->post('sign', { %$form });
is($r->code, 200, 'signed') or diag $r->as_string;
my ($new) = grep { $_->{name} eq 'www.new.test' } @{ QW::ctl('domain', 'list', $ours) };
ok($new && $new->{subtree} && !$new->{wildcard}, 'and made');
is($new->{confirmedBy}, "portal:$olga->{id}", 'by whom');
is_refused($olga->post('sign', { %$form }), 403, 'OPR-03 a signature is used once');
is(event($id{$ours}, 'domain.add'), 2, 'with its event');

my %for = (
    'a session alone' => sub { delete @{ $_[0] }{qw(credential client_data authenticator_data signature)} },
    'another action' => sub { $_[0]{action} =~ s/b\.test/c.test/ },
    'another account' => sub { $_[0]{action} =~ s/$id{$ours}/$id{$theirs}/ },
    'another person' => sub { $_[0]{action} =~ s/$olga->{id}/$otto->{id}/ },
    'another nonce' => sub { $_[0]{nonce} = 'x' },
    'no CSRF token' => sub { delete $_[0]{csrf} },
    'another CSRF token' => sub { $_[0]{csrf} = 'x' x 43 },
    'spaces in the action' => sub { $_[0]{action} =~ s/,/, / },
);
for my $why (sort keys %for) {
    $r = $olga->propose($id{$ours}, 'domain.add', name => 'b.test');
    my $answer = $olga->post('sign', $olga->signed($r, change => $for{$why}));
    ok($answer->code == 403 || $answer->code == 400, "$why signs nothing") or diag $answer->as_string;
}
for my $bad (['no user verification', flags => 0x01], ['another origin', client => { origin => 'https://evil.example' }],
    ['another key', key => QW::Passkey->new->{key}], ['another site', rp => 'x']) {
    my ($why, @how) = @$bad;
    $r = $olga->propose($id{$ours}, 'domain.add', name => 'b.test');
    is_refused($olga->post('sign', $olga->signed($r, @how)), 403, "OPR-03 signature refused: $why");
}
# What Olga herself signs, but no page of ours has shown her.
for my $forged (['another account', 404, sub { $_[0]{action} =~ s/$id{$ours}/$id{$theirs}/ }],
    ['another person', 403, sub { $_[0]{action} =~ s/$olga->{id}/$otto->{id}/ }],
    ['another authority', 403, sub { $_[0]{action} =~ s/"authority":"test"/"authority":"other"/ }],
    ['what is for officers', 403, sub { $_[0]{action} =~ s/domain\.add/account.resume/ }],
    ['what there is not', 404, sub { $_[0]{action} =~ s/domain\.add/no.such/ }],
    ['a nonce of her own', 403, sub { $_[0]{nonce} = 'A' x 48 }],
    ['another order', 400, sub { $_[0]{action} =~ s/^\{"account":"[^"]*",(.*)\}$/{$1,"account":"$id{$ours}"}/ }],
    ['a name in capitals', 400, sub { $_[0]{action} =~ s/b\.test/B.test/ }],
    ['no object', 400, sub { $_[0]{action} = '[]' }]) {
    my ($why, $status, $change) = @$forged;
    $r = $olga->propose($id{$ours}, 'domain.add', name => 'b.test');
    is_refused($olga->post('sign', $olga->signed($r, forge => $change)), $status, "a forged action is refused: $why");
}
{
    # Otto's passkey is good, but not in Olga's session.
    my $mixed = QW::Person->new(cookie => $olga->{cookie}, passkey => $otto->{passkey});
    is_refused($mixed->change($id{$ours}, 'domain.add', name => 'b.test'), 403, 'another person\'s passkey signs nothing');
}
for my $headers ({ Origin => 'https://evil.example' }, { Origin => undef }, { 'Sec-Fetch-Site' => 'same-site' }) {
    $r = $olga->post('propose', { $olga->csrf, do => 'domain.add', account => $id{$ours}, name => 'b.test' }, %$headers);
    is_refused($r, 403, 'CSRF: from another site nothing is proposed');
}
is_refused($olga->post('propose', { do => 'domain.add', account => $id{$ours}, name => 'b.test' }), 403, 'CSRF: nor without the token');
is_refused($olga->post('logout', {}), 403, 'CSRF: nor is anybody logged out');
unlike(join(' ', map { $_->{name} } @{ QW::ctl('domain', 'list', $ours) }), qr/\b[bc]\.test/, 'none of these changed anything');

# ---- IDOR: every action on an account that is not one's own ------------------------------------------
my $their_key = QW->new_binding($theirs)->{keyId};
my $their_client = QW->registered(external => $theirs);
my ($their_acme) = $their_client->{kid} =~ m{([^/]+)$};
my @actions = (['domain.add', name => 'x.ours.test'], ['domain.remove', name => 'theirs.test'],
    ['binding.create', uses => 1, days => 1], ['binding.revoke', key => $their_key], ['terms.agree', version => '2026-11'],
    ['account.suspend', reason => 'x'], ['account.resume', reason => 'x'], ['acme.suspend', acme => $their_acme, reason => 'x'], ['acme.resume', acme => $their_acme, reason => 'x'],
    ['operator.invite', name => 'X', mail => 'x@exemple.fr', language => 'en'],
    ['operator.again', name => "Otto $$"], ['operator.remove', name => "Otto $$"], ['account.verify', name => 'X'],
    ['compromise.account'], ['compromise.acme', acme => $their_acme], ['compromise.binding', key => $their_key]);
for my $action (@actions) {
    my ($do, @members) = @$action;
    is_refused($olga->propose($id{$theirs}, $do, @members), 404, "OPR-05 $do on another's account");
    is_refused($olga->propose('A' x 22, $do, @members), 404, "OPR-05 $do on none");
}
is_refused($olga->propose($id{$ours}, 'binding.revoke', key => $their_key), 404, 'OPR-05 another\'s KeyID is none');
is_refused($olga->propose($id{$ours}, 'acme.suspend', acme => $their_acme, reason => 'x'), 404, 'OPR-05 nor is another\'s ACME account one');
$r = $olga->propose($id{$ours}, 'domain.add', name => 'theirs.test');
is_refused($r, 409, 'OPR-05 a name of theirs');
unlike($r->decoded_content, qr/\Q$theirs\E/, 'OPR-05 whose it is nobody learns');
is(QW::ctl('account', 'show', $theirs)->{status}, 'active', 'nothing of theirs changed');

# ---- roles ------------------------------------------------------------------------------------------
is_refused($olga->propose($id{$ours}, $_, reason => 'x', name => "X $$", mail => 'x@exemple.fr', language => 'en'), 403, "an operator is no officer: $_")
    for qw(account.resume acme.resume operator.invite operator.again operator.remove account.verify account.create);
is($olga->get('new')->code, 403, 'an operator registers nobody');
is_refused($anne->propose($id{$ours}, $_, name => 'c.test', uses => 1, days => 1, version => '2026-11'), 403, "an officer is no operator: $_")
    for qw(domain.add binding.create terms.agree);
my $aldo = QW::Person->invited("Aldo $$", 'auditor');
$aldo->login;
is($aldo->get("account/$id{$ours}")->code, 200, 'an auditor sees everything');
unlike($aldo->get("account/$id{$ours}")->decoded_content, qr/action="[^"]*propose"/, 'without a form');
is_refused($aldo->propose($id{$ours}, 'account.suspend', reason => 'x'), 403, 'and changes nothing');
is_refused($aldo->propose('', 'account.create', name => 'x'), 403, 'not even by registering');
is_refused($olga->propose($id{$ours}, 'no.such'), 404, 'there are no other actions');

# ---- an officer registers a subscriber ----------------------------------------------------------------
{
    my %verified = (organization => 'Nouvelle SA', organization_identifier => 'NTRFR-542051180', country => 'FR',
        locality => 'Lyon', profiles => 'qncp-w', verified_method => 'a', verified_at => '2026-11-20', expires => '2027-11-20');
    my $name = "Nouvelle $$";
    is($anne->get('new')->code, 200, 'the form');
    is_refused($anne->propose('', 'account.create', name => $name, %verified, country => 'France'), 400, 'the identity is checked');
    is_refused($anne->propose('', 'account.create', name => $name, %verified, expires => 'soon'), 400, 'and dates are');
    my $r = $anne->propose('', 'account.create', name => $name, %verified);
    like($r->decoded_content, qr{<dt>Organization</dt><dd>Nouvelle SA</dd>}, 'all of it is shown before it is signed');
    ok(!QW::ctl('account', 'show', $name), 'and nothing is made by that');
    like($r->decoded_content, qr/Another officer has to approve it/, 'two are needed');
    is($anne->post('sign', $anne->signed($r))->code, 200, 'signed');
    ok(!QW::ctl('account', 'show', $name), 'and nothing is made by that either');
    is_refused($anne->propose('', 'account.create', name => $name, %verified), 409, 'it is asked for once');
    my $bert = QW::Person->invited("Bert $$", 'officer');
    $bert->login;
    is($bert->change('', 'approval.approve', approval => waiting($bert))->code, 200, 'approved by another officer');
    my $made = QW::ctl('account', 'show', $name);
    is($made->{identity}{organization}, 'Nouvelle SA', 'registered');
    is($made->{verifiedBy}, "portal:$anne->{id}", 'by who verified it');
    is_refused($anne->propose('', 'account.create', name => $name, %verified), 409, 'once');
    $r = $anne->change($made->{id}, 'account.verify', %verified, locality => 'Paris');
    is($r->code, 200, 'verified again') or diag $r->as_string;
    is(QW::ctl('account', 'show', $name)->{identity}{locality}, 'Lyon', 'asked for');
    is($bert->change('', 'approval.approve', approval => waiting($bert))->code, 200, 'approved');
    is(QW::ctl('account', 'show', $name)->{identity}{locality}, 'Paris', 'and recorded');
    is($anne->change($made->{id}, 'operator.invite', name => "Nora $$", mail => 'n@exemple.fr', language => 'en')->code, 200, 'an operator');
    $r = $anne->change($made->{id}, 'operator.again', name => "Nora $$");
    my ($token) = $r->decoded_content =~ m{/portal/invite#([\w-]{43})};
    my ($secret) = $r->decoded_content =~ m{<code>([2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4})</code>};
    my $nora = QW::Person->new(invitation => { link => "#$token", secret => $secret });
    is($nora->accept->code, 303, 'invited again, accepts');
    is($nora->login->code, 303, 'and enters');
    is_refused($anne->propose($made->{id}, 'operator.remove', name => "Nora $$"), 409, 'OPR-07 the last operator stays');
    # another passkey, and the first one goes
    my $again = QW::ctl('operator', 'invite', $name, "Nora $$", '--again') or die $QW::ctl_text;
    my $second = QW::Person->new(invitation => $again);
    $second->accept;
    is($second->login->code, 303, 'a second passkey');
    my @keys = $nora->get('me')->decoded_content =~ /name="passkey" value="([^"]*)"/g;
    is(scalar @keys, 2, 'both are shown');
    my ($theirs) = @{ QW::ctl('passkey', 'list', "Otto $$") };
    is_refused($nora->propose('', 'passkey.remove', passkey => $theirs->{id}), 404, 'OPR-05 another\'s passkey is none');
    is($second->change('', 'passkey.remove', passkey => $keys[0])->code, 200, 'one goes');
    is($nora->get('')->code, 303, 'OPR-08 with its session');
    is_refused($second->propose('', 'passkey.remove', passkey => $keys[1]), 409, 'the last one stays');
    is($anne->change($made->{id}, 'operator.invite', name => "Nils $$", mail => 'n@exemple.fr', language => 'en')->code, 200, 'another operator');
    is($anne->change($made->{id}, 'operator.remove', name => "Nils $$")->code, 200, 'who goes again');
}

# ---- an external account that was compromised --------------------------------------------------------
{
    my $name = "robbed-$$";
    QW::ctl('account', 'create', $name, '--organization', 'Volee SA', '--organization-identifier', 'NTRFR-542051180', '--country', 'FR',
        '--locality', 'Paris', '--street', "1 rue de l'Exemple", '--postal-code', '75001', '--profiles', 'qncp-w', '--verified-by', 'officer-1',
        '--verified-method', 'a', '--expires', '365d', '--terms', '2026-11') or die $QW::ctl_text;
    my $invitation = QW::ctl('operator', 'invite', $name, "Rob $$", '--mail', 'r@exemple.fr') or die $QW::ctl_text;
    my $rob = QW::Person->new(invitation => $invitation);
    $rob->accept;
    is($rob->login->code, 303, 'an operator is in');
    my $case = QW::ctl('compromise', 'external-account', $name, '--confirm') or die $QW::ctl_text;
    is($rob->get('')->code, 303, 'OPR-11 the session ends with the account\'s compromise');
    isnt(eval { $rob->login->code } || 0, 303, 'OPR-11 and the passkey opens nothing');
    my $again = QW::ctl('operator', 'invite', $name, "Rob $$", '--again');
    ok($again, 'who was verified again is invited again') or diag $QW::ctl_text;
    my $back = QW::Person->new(invitation => $again);
    $back->accept;
    is($back->login->code, 303, 'and enters with a new one');
}

# ---- the same, signed by an officer -------------------------------------------------------------------
{
    my $external = QW->new_external('raid.test');
    my $at = QW::ctl('account', 'show', $external)->{id};
    my $rita = QW::Person->invited("Rita $$", 'operator', $external);
    $rita->login;
    my @clients = map { my $b = QW->new_binding($external); my $c = QW->registered(binding => $b); $c->{keyId} = $b->{keyId}; $c } 1 .. 3;
    $clients[$_]->issue("w$_.raid.test") for 0 .. 2;
    my @acme = map { $_->{kid} =~ m{([^/]+)$} } @clients;
    my $count = sub { my ($status, $n) = @_; scalar grep { $_->{status} eq $status } @{ QW::ctl('certificate', 'list', '--acme-account', $acme[$n]) } };
    my $cases = sub { scalar @{ QW::ctl('case', 'list', '--limit', 1000) } };
    my $before = $cases->();
    my $page = $anne->get("account/$at")->decoded_content;
    like($page, qr/<h2>Compromise<.*value="compromise\.account"/s, 'OPR-12 an officer finds the runbooks');
    like($page, qr/name="acme" value="\Q$acme[0]\E"/, 'of each ACME account');
    like($page, qr/name="key" value="\Q$clients[0]{keyId}\E"/, 'and each KeyID');
    unlike($_->get("account/$at")->decoded_content, qr/value="compromise/, "but not $_->{name}") for $rita, $aldo;
    is_refused($anne->propose($at, 'compromise.acme', acme => $their_acme), 404, 'OPR-05 an ACME account of another account is none');
    is_refused($anne->propose($at, 'compromise.binding', key => $their_key), 404, 'nor a KeyID');
    is_refused($anne->propose($at, 'compromise.account', revoke => 'some'), 400, 'all or none is revoked');
    is_refused($rita->propose($at, 'compromise.account'), 403, 'an operator does not even see what would be done');
    is_refused($aldo->propose($at, 'compromise.account'), 403, 'nor does an auditor');

    my ($serial) = map { $_->{serial} } @{ QW::ctl('certificate', 'list', '--acme-account', $acme[0]) };
    my $r = $anne->propose($at, 'compromise.acme', acme => $acme[0], revoke => 'all');
    like($r->decoded_content, qr/Dry run: nothing was written/, 'OPR-12 a dry run first');
    like($r->decoded_content, qr/<li>suspend an ACME account: 1<.*<li>revoke a certificate: 1</s, 'it counts');
    like($r->decoded_content, qr{<code>\Q$serial\E</code></th><td>[^<]*w0\.raid\.test}, 'and lists serials with names');
    is($cases->(), $before, 'no case was opened');
    is($count->('issued', 0), 1, 'nor anything revoked');
    QW::is_fine($clients[0]->post($clients[0]{kid}), 200, 'nor suspended');
    my $form = $anne->signed($r);
    $r = $anne->post('sign', { %$form });
    is($r->code, 200, 'signed') or diag $r->as_string;
    like($r->decoded_content, qr{revoke a certificate</th><td>done</td><td>1<}, 'the report of the case follows');
    my ($case) = $r->decoded_content =~ m{/portal/case/([0-9A-Z-]{17})"};
    ok($case, 'with a link');
    is_refused($anne->post('sign', { %$form }), 403, 'OPR-03 it is done once');
    is($cases->(), $before + 1, 'so there is one case');
    is($count->('revoked', 0), 1, 'OPR-12 its certificate is revoked');
    is($count->('issued', 1), 1, 'and no other');
    QW::is_problem($clients[0]->order('x.raid.test'), 403, 'unauthorized', 'OPR-12 it is suspended');
    QW::is_fine($clients[1]->post($clients[1]{kid}), 200, 'and no other');
    my $told = QW::ctl('case', 'report', $case) or die $QW::ctl_text;
    is(join(' ', grep { !/ done$/ } keys %{ $told->{counts} }), 'kill-authz planned', 'all of it is done but authorizations') or diag explain $told;
    is($told->{openedBy}, "portal:$anne->{id}", 'by whom');
    ok((grep { $_->{id} eq $told->{options}{action} } @{ QW::ctl('action', 'list', $external) }), 'the case names its signature');
    ok(!(grep { $_->{signature} ne 'good' } @{ QW::ctl('action', 'verify', $external) }), 'which verifies');
    like($anne->get("case/$case")->decoded_content, qr/\Q$serial\E/, 'an officer sees the case again');
    is($rita->get("case/$case")->code, 404, 'OPR-05 an operator does not');
    is($anne->get('case/20261126-AAAAAAAA')->code, 404, 'a case that is none');
    like($anne->get("case/$case?lang=fr")->decoded_content, qr/<html lang="fr">.*voquer un certificat/s, 'in French too');

    is($anne->change($at, 'compromise.binding', key => $clients[1]{keyId})->code, 200, 'a KeyID');
    is($count->('issued', 1), 1, 'with nothing revoked, as was chosen');
    QW::is_problem($clients[1]->order('x.raid.test'), 403, 'unauthorized', 'its account is suspended');
    QW::is_fine($clients[2]->post($clients[2]{kid}), 200, 'and no other');
    is($rita->get('')->code, 200, 'the operator is still in');
    is($anne->change($at, 'compromise.account', revoke => 'all')->code, 200, 'all of the account');
    is($rita->get('')->code, 303, 'OPR-11 the operator is out');
    is($count->('revoked', $_), 1, 'OPR-11 everything is revoked') for 1, 2;
    is(QW::ctl('account', 'show', $external)->{status}, 'suspended', 'OPR-11 and suspended');
    QW->clock(60);
    ok(QW->await(sub { !grep { !/ done$/ } keys %{ QW::ctl('case', 'report', $case)->{counts} } }, 30), 'authorizations are ended by a child');
    QW->clock(0);
}

# ---- a key that is in use in another authority ------------------------------------------------------------
{
    my $name = "elsewhere-$$";
    QW::ctl('account', 'create', $name, '--organization', 'Ailleurs SA', '--organization-identifier', 'NTRFR-542051180', '--country', 'FR',
        '--locality', 'Paris', '--street', "1 rue de l'Exemple", '--postal-code', '75001', '--profiles', 'qncp-w', '--verified-by', 'officer-1',
        '--verified-method', 'a', '--expires', '365d', '--terms', '2026-11', '--authority', 'other') or die $QW::ctl_text;
    my $binding = QW::ctl('binding', 'create', $name, '--authority', 'other') or die $QW::ctl_text;
    my $c = QW->new(place => 'other');
    my $made = $c->register(binding => $binding);
    is($made->code, 201, 'an account of another authority') or diag $made->as_string;
    my $r = $anne->propose('', 'compromise.key', key => $c->{key}->export_key_pem('public'));
    is_refused($r, 409, 'an officer of a test authority does nothing to it');
    like($r->decoded_content, qr/in use in authority other too.*qwacmectl compromise key/, 'and is told who can');
}

# ---- a binding key, and a certificate with it -----------------------------------------------------------
$r = $olga->change($id{$ours}, 'binding.create', uses => 1, days => 7);
is($r->code, 200, 'a binding key') or diag $r->as_string;
my ($kid) = $r->decoded_content =~ m{id="kid">([^<]+)<};
my ($mac) = $r->decoded_content =~ m{id="mac-key">([^<]+)<};
for my $client (qw(certbot lego uacme acme.sh Caddy), 'Apache mod_md') {
    like($r->decoded_content, qr{<h3>\Q$client\E</h3>}, "a line for $client");
}
unlike($olga->get("account/$id{$ours}")->decoded_content, qr/\Q$mac\E/, 'OPR-09 the MAC key is shown once');
unlike(QW::encode(QW::ctl('event', 'list', '--limit', 1000)), qr/\Q$mac\E/, 'OPR-09 and in no event');
my $c = QW->registered(binding => { keyId => $kid, macKey => $mac });
my $issued = $c->issue('a.ours.test');
like($issued, qr/BEGIN CERTIFICATE/, 'and leads to a certificate');
{
    my ($b64) = $issued =~ /-----BEGIN CERTIFICATE-----\n(.*?)-----END/s;
    is($c->post($c->url('revokeCert'), { certificate => QW::b64(MIME::Base64::decode_base64($b64)), reason => 4 })->code, 200, 'it is revoked');
    # the CRL that has it is made a minute later
    like($anne->get('')->decoded_content, qr/Revocations that are not published yet: <strong>\d+</,
        'REV-22 an officer sees what is not published yet, and since when');
    unlike($olga->get('')->decoded_content, qr/not published yet/, 'an operator does not');
}
like($olga->get("account/$id{$ours}")->decoded_content, qr/class="done">An ACME client used it/, 'which the account shows');

# ---- the evidence -------------------------------------------------------------------------------------------
{
    my $actions = QW::ctl('action', 'verify', $ours) or diag $QW::ctl_text;
    is_deeply([map { "$_->{action}{do} $_->{signature} $_->{person}" } @$actions],
        ["binding.create good Olga $$", "domain.add good Olga $$"], 'what was signed can be verified later');
    is(scalar @{ QW::ctl('action', 'list', '--person', "Olga $$") }, 2, 'by person too');
    ok(!QW::ctl('action', 'list'), 'of somebody or something');
    (my $moved = QW::slurp(QW::bed() . '/qwacme.conf')) =~ s{QwacmePortalURL \S+/portal$}{QwacmePortalURL https://other.test/portal}m;
    open my $f, '>', QW::bed() . '/moved.conf' or die;
    print $f $moved;
    close $f or die;
    ok(!QW::ctl('action', 'verify', $ours, '--config', QW::bed() . '/moved.conf'), 'for another origin it is not good');
    like($QW::ctl_text, qr/2 of 2 signatures do not verify/, 'and is told');
}

# ---- suspension, by an operator; resumed by an officer only -----------------------------------------------
is($olga->change($id{$ours}, 'account.suspend', reason => 'laptop lost')->code, 200, 'suspended');
QW::is_problem($c->order('b.ours.test'), 403, 'unauthorized', 'at once');
# ---- four eyes ---------------------------------------------------------------------------------------------
my $bea = QW::Person->invited("Bea $$", 'officer', undef, user => 'bea');
$bea->login;
$r = $anne->change($id{$ours}, 'account.resume', reason => 'found');
like($r->decoded_content, qr/Another officer has to approve it now/, 'an officer asks');
QW::is_problem($c->order('b.ours.test'), 403, 'unauthorized', 'which changes nothing');
my $waits = waiting($bea);
ok($waits, 'another one sees it');
is_refused($anne->propose('', 'approval.approve', approval => $waits), 403, 'who asked does not approve');
is_refused($olga->propose('', 'approval.approve', approval => $waits), 403, 'nor does an operator');
is($olga->get('approvals')->code, 403, 'who does not even see it');
$r = $bea->propose('', 'approval.approve', approval => $waits);
like($r->decoded_content, qr{<dt>Asked for by</dt><dd>Anne $$</dd>.*found.*suspendedAt}s, 'all of it is shown before it is signed');
is_refused($bea->post('sign', $bea->signed($r, forge => sub { $_[0]{action} =~ s/found/lost/ })), 400, 'and nothing else is signed');
is($bea->post('sign', $bea->signed($bea->propose('', 'approval.approve', approval => $waits)))->code, 200, 'approved');
QW::is_fine($c->order('b.ours.test'), 201, 'resumed');
is_refused($bea->propose('', 'approval.approve', approval => $waits), 409, 'once');
QW::ctl('account', 'suspend', $ours, '--reason', 'again') or die $QW::ctl_text;
QW::ctl_as('bea', 'account', 'resume', $ours, '--reason', 'it is me') or die $QW::ctl_text;
$waits = waiting($bea);
is_refused($bea->propose('', 'approval.approve', approval => $waits), 403, 'OPR-14 who asked as a user of the machine is the same person');
is($bea->change('', 'approval.reject', approval => $waits, why => 'no')->code, 200, 'and takes it back');
ok(!waiting($anne), 'nothing waits');
$anne->change($id{$ours}, 'account.resume', reason => 'found');
ok(!QW::ctl_as('bea', 'account', 'resume', $ours, '--reason', 'x'), 'it is asked for once');
QW::ctl_as('bea', 'approval', 'approve', waiting($bea)) or diag $QW::ctl_text;
is(QW::ctl('account', 'show', $ours)->{status}, 'active', 'by the other way in it is approved too');
{
    my $gone = QW::Person->invited("Gone $$", 'officer', undef, user => "gone$$");
    $gone->login;
    my $acme = QW->registered(external => $ours)->{kid} =~ s{.*/}{}r;
    my @asked;
    for my $ask (sub { $gone->change($id{$ours}, 'account.resume', reason => 'me') }, sub { QW::ctl_as("gone$$", 'acme-account', 'resume', $acme, '--reason', 'me') }) {
        QW::ctl(@$_, '--reason', 'odd') for @asked ? ['acme-account', 'suspend', $acme] : ['account', 'suspend', $ours];
        $ask->();
        push @asked, waiting($anne);
    }
    is(scalar(my @open = @{ QW::ctl('approval', 'list') }), 2, 'OPR-08 an officer asks at the portal and by command') or diag $QW::ctl_text;
    QW::ctl('officer', 'remove', "Gone $$") or die $QW::ctl_text;
    is($gone->get('')->code, 303, 'OPR-08 removed: the session ends');
    is_deeply([map { QW::ctl('approval', 'show', $_->{id})->{status} } @open], ['rejected', 'rejected'], 'OPR-08 and what was asked for dies at once');
    my ($why) = grep { $_->{event} eq 'approval.reject' } @{ QW::ctl('event', 'list', '--subject', $open[0]{id}) };
    is($why->{detail}{reason}, 'who asked for it was removed', 'OPR-08 with the reason');
    is_refused($bea->propose('', 'approval.approve', approval => $open[0]{id}), 409, 'OPR-08 nobody approves it any more');
    for my $ask (['account', 'resume', $ours], ['acme-account', 'resume', $acme]) {
        my $again = QW::ctl_as('bea', @$ask, '--reason', 'fine') or die $QW::ctl_text;
        QW::ctl_as('cid', 'approval', 'approve', $again->{id}) or die $QW::ctl_text;
    }
}
{
    my ($acme) = $c->{kid} =~ m{([^/]+)$};
    is($anne->change($id{$ours}, 'acme.suspend', acme => $acme, reason => 'odd')->code, 200, 'an ACME account is suspended');
    QW::is_problem($c->order('b.ours.test'), 403, 'unauthorized', 'at once');
    like($anne->get("account/$id{$ours}")->decoded_content, qr/value="acme.resume"/, 'an officer can ask for it again');
    unlike($olga->get("account/$id{$ours}")->decoded_content, qr/value="acme.resume"/, 'an operator cannot');
    $anne->change($id{$ours}, 'acme.resume', acme => $acme, reason => 'fine');
    is($bea->change('', 'approval.approve', approval => waiting($bea))->code, 200, 'another officer lets it act again');
    QW::is_fine($c->post($c->{kid}), 200, 'and it does');
}
$r = $anne->change($id{$ours}, 'operator.invite', name => "Oda $$", mail => 'oda@exemple.fr', language => 'fr');
like($r->decoded_content, qr{/portal/invite#[A-Za-z0-9_-]{43}<}, 'an officer invites an operator');

# ---- what people write stays text (OPR-16) -------------------------------------------------------------------
my $evil = q{"><script>alert(1)</script><img src=x onerror='x'>};
my $bad = QW->new_external({ options => ['--organization', 'O ' . ($evil =~ s/"/&/r)] }, 'evil.test');
my $bad_id = QW::ctl('account', 'show', $bad)->{id};
QW::ctl('account', 'suspend', $bad, '--reason', $evil) or die $QW::ctl_text;
$r = $anne->get("account/$bad_id")->decoded_content;
unlike($r, qr/<script>|<img/, 'OPR-16 organization and reason are escaped');
like($r, qr/&lt;script&gt;alert/, 'OPR-16 and shown');
$r = $anne->propose($bad_id, 'account.resume', reason => $evil)->decoded_content;
unlike($r, qr/<script>|<img/, 'OPR-16 in the words of a change, and in its hidden field');
$r = $olga->propose($id{$ours}, 'domain.add', name => $evil)->decoded_content;
unlike($r, qr/<script>|<img/, 'OPR-16 in problems');
unlike($olga->get("account/$evil")->decoded_content, qr/<script>|<img/, 'OPR-16 in paths');

# ---- languages ---------------------------------------------------------------------------------------------------
my $nobody = QW::Person->new;
like($nobody->get('login', 'Accept-Language' => 'fr-FR,fr;q=0.9,en;q=0.8')->decoded_content, qr/<html lang="fr">.*Connexion/s, 'in French');
like($nobody->get('login', 'Accept-Language' => 'de,en;q=0.5,fr;q=0.4')->decoded_content, qr/<html lang="en">/, 'in English');
$r = $olga->get('login?lang=fr');
is($r->header('Content-Language'), 'fr', 'as asked for');
like(join(' ', $r->header('Set-Cookie')), qr/__Host-qwacme-language=fr/, 'and from then on');

# ---- forms that are none ---------------------------------------------------------------------------------------------
for my $body ('csrf=%zz', 'a=1&a=2', 'name=a%00b', 'name=%ff') {
    my $request = HTTP::Request->new(POST => QW::base() . '/portal/propose',
        ['Content-Type' => 'application/x-www-form-urlencoded', Origin => QW::base(), Cookie => "__Host-qwacme=$olga->{cookie}"], $body);
    is($olga->{ua}->request($request)->code, 400, "malformed: $body");
}
is($olga->send('PUT', '')->code, 405, 'no other methods');
is($olga->get('nothing')->code, 404, 'no other pages');
is($olga->send('POST', 'login', undef, 'Content-Type' => 'application/json')->code, 415, 'no other types');

# ---- time, and the end ---------------------------------------------------------------------------------------------------
my $early = QW::Person->new(passkey => $olga->{passkey});
$early->login;
QW->clock(16 * 60);
is($early->get('')->code, 303, 'an idle session ends');
$early->login;
for my $minute (30, 44, 58) {
    QW->clock($minute * 60);
    is($early->get('')->code, 200, "used, it lasts: $minute min");
}
my $long = QW::Person->new(passkey => $olga->{passkey});
$long->login;
for (my $t = 58 * 60; $t < 58 * 60 + 8 * 3600; $t += 800) { QW->clock($t); $long->get('') }
QW->clock(58 * 60 + 8 * 3600 + 1);
is($long->get('')->code, 303, 'but not for ever');
QW->clock(0);
{
    my $second = QW::Person->new(passkey => $olga->{passkey});
    $second->login;
    $r = $second->propose($id{$ours}, 'domain.add', name => 'late.test');
    my $late = $second->signed($r);
    is($second->post('logout', { $second->csrf })->code, 303, 'logout');
    is($second->post('sign', $late)->code, 303, 'after which a signature is worth nothing');
}
$olga->login;
$r = $olga->propose($id{$ours}, 'domain.add', name => 'late.test');
$form = $olga->signed($r);
QW::ctl('operator', 'remove', $ours, "Olga $$") or die $QW::ctl_text;
is($olga->get('')->code, 303, 'OPR-08 an operator who was removed is out at once');
is($olga->post('sign', $form)->code, 303, 'OPR-08 and signs nothing');
is_refused($olga->login, 403, 'OPR-08 nor enters again');
{
    my $iris = QW::Person->invited("Ivo $$", 'operator', $ours);
    $iris->login;
    my ($key) = @{ QW::ctl('passkey', 'list', "Ivo $$") };
    QW::ctl('passkey', 'remove', "Ivo $$", $key->{id}) or die $QW::ctl_text;
    is($iris->get('')->code, 303, 'OPR-08 so does a passkey that was removed');
    is_refused($iris->login, 403, 'OPR-08 and it opens nothing');
    my $copy = QW::Person->invited("Cora $$", 'operator', $ours);
    $copy->login;
    is_refused($copy->login(count => 1), 403, 'OPR-03 a counter that goes back');
    is(event($copy->{id}, 'authenticator.copied'), 1, 'OPR-03 is told');
    is($copy->login(count => 100)->code, 303, 'OPR-03 one that goes on is the right one');
    $r = $copy->propose($id{$ours}, 'domain.add', name => 'copy.test');
    is_refused($copy->post('sign', $copy->signed($r, count => 100)), 403, 'OPR-03 a copy signs nothing');
    is(event($copy->{id}, 'authenticator.copied'), 2, 'OPR-03 and is told');
}
done_testing();
