# The portal where modules of httpd say who is there (QwacmePortalAuth env): first as
# mod_auth_openidc does, by variables that this test sets; then mod_ssl with client
# certificates of a CA of the test's own.
use strict; use warnings FATAL => 'all';
use utf8;
use QW; use QW::Bed; use QW::Env; use Test::More;
use Digest::SHA qw(sha256_hex);
use POSIX ();
use Encode qw(encode_utf8);

sub is_refused {
    my ($r, $status, $name) = @_;
    return is($r->code, $status, $name) || diag $r->as_string;
}
# What the subs of @_ answer, each in a process of its own, sorted.
sub at_once {
    my (@pipes, @said);
    for my $what (@_) {
        pipe(my $out, my $in) or die;
        my $pid = fork // die;
        if (!$pid) { syswrite $in, $what->(); POSIX::_exit(0) }
        push @pipes, [$pid, $out];
    }
    for (@pipes) { my ($pid, $out) = @$_; push @said, scalar <$out>; waitpid $pid, 0 }
    return sort @said;
}
sub events { scalar grep { $_->{event} eq $_[1] } @{ QW::ctl('event', 'list', '--subject', $_[0], '--limit', 1000) } }

my $home = QW::Bed->new('portal-env', 17400);
my $plain = $home->slurp('httpd.conf');
my $place = "<Location /portal>\nSetHandler qwacme-portal\nQwacmeUse test\n</Location>\n";
Env->equip($home, "    QwacmeLimit logins-per-ip 40/1h\n");
my $httpd = $home->start;

my $ours = QW->new_external('ours.test');
my $id = QW::ctl('account', 'show', $ours)->{id};
sub names { join ' ', map { $_->{name} } @{ QW::ctl('domain', 'list', $ours) } }
sub person { Env->person(@_) }

# ---- invitations bind a subject to a person -------------------------------------------
my $olga = person('Olga', 'olga@idp', 'operator', $ours);
{
    my %was = %{ $olga->{env} };
    for my $lacks (['no subject', 'sub', undef], ['no acr', 'acr', undef], ['an acr that is too low', 'acr', 'low'],
        ['an acr in other letters', 'acr', 'HIGH'], ['more than the acr', 'acr', 'high low'], ['a subject of spaces', 'sub', 'olga  x'],
        ['a subject that nobody reads', 'sub', "olga\xE2\x80\x8B"]) {
        my ($why, $name, $value) = @$lacks;
        $olga->{env} = { %was, $name => $value };
        delete $olga->{env}{$name} unless defined $value;
        is_refused($olga->post('invite', { $olga->secrets }), 403, "an invitation is not taken with $why");
        is_refused($olga->get('login'), 403, "nor is anybody asked to log in with $why");
        is_refused($olga->login, 403, "nor logged in with $why");
        ok(!$olga->{cookie}, "no session with $why");
    }
    $olga->{env} = { acr => 'high' };
    is_refused($olga->login('OIDC_CLAIM_sub' => 'olga@idp', 'OIDC-CLAIM-sub' => 'olga@idp', 'REMOTE_USER' => 'olga@idp', 'OIDC_CLAIM_iss' => 'https://idp.test'),
        403, 'headers of a browser are no variables');
    $olga->{env} = \%was;
}
is_refused($olga->login, 403, 'a subject that nobody invited does not enter');
my $r = $olga->post('invite', { $olga->secrets });
like($r->decoded_content, qr/OIDC_CLAIM_sub=olga\@idp/, 'the subject is shown before it is bound');
is_refused($olga->post('invite', { $olga->secrets, secret => 'AAAA-AAAA-AAAA' }), 403, 'a wrong secret binds nothing');
is($olga->accept->code, 303, 'bound');
is(QW::ctl('passkey', 'list', 'Olga')->[0]{subject}, 'OIDC_CLAIM_sub=olga@idp', 'whose it is the provider sees');
is_refused($olga->accept, 403, 'an invitation is used once');
for my $same (['the same', 'olga@idp'], ['in capitals', 'OLGA@idp'], ['in wide letters', encode_utf8('ｏlga@idp')]) {
    my $twin = person("Twin $same->[0]", $same->[1], 'operator', $ours);
    is_refused($twin->accept, 409, "OPR-14 one subject is one person: $same->[0]");
    is_refused($twin->login, 403, "OPR-14 and another spelling does not enter: $same->[0]") if $same->[1] ne 'olga@idp';
}

# ---- sessions ---------------------------------------------------------------------------
is($olga->login->code, 303, 'login');
is($olga->get('')->code, 200, 'in');
like($olga->get('me')->decoded_content, qr/OIDC_CLAIM_sub=olga\@idp/, 'one sees the own login');
{
    my $first = $olga->{cookie};
    is($olga->login($olga->csrf)->code, 403, 'CSRF: within a session not without its token');
    my $fixed = Env->new(env => $olga->{env}, cookie => 'A' x 43);
    $fixed->login;
    isnt($fixed->{cookie}, 'A' x 43, 'session fixation: a planted id is not taken');
    is_refused(Env->new(env => $olga->{env})->post('login', {}, Origin => 'https://evil.example'), 403, 'CSRF: nobody is logged in from another site');
    is($olga->get('')->code, 200, 'the first session lasts');
    for my $other (['another subject', { %{ $olga->{env} }, sub => 'otto@idp' }], ['the subject in capitals', { %{ $olga->{env} }, sub => 'OLGA@idp' }],
        ['no subject', {}], ['a lower acr', { %{ $olga->{env} }, acr => 'low' }]) {
        my $thief = Env->new(env => $olga->{env});
        $thief->login;
        my $cookie = $thief->{cookie};
        $thief->{env} = $other->[1];
        is_refused($thief->get(''), 303, "a session is not used with $other->[0]");
        $thief->{env} = $olga->{env};
        $thief->{cookie} = $cookie;
        is_refused($thief->get(''), 303, "and has ended with $other->[0]");
    }
    is(events($olga->{id}, 'person.replaced'), 4, 'and that is recorded');
}

# ---- changes ----------------------------------------------------------------------------
$r = $olga->propose($id, 'domain.add', name => 'Www.New.test', subtree => 'yes');
like($r->decoded_content, qr/www\.new\.test/, 'a change is shown in its final form');
like($r->decoded_content, qr{href="/again\?prompt=login&amp;to=https%3A%2F%2Flocalhost%3A$ENV{QW_PORT}%2Fportal%2Freturn%2F[\w-]{22}"},
    'with the place to log in again, and the way back');
unlike($r->decoded_content, qr/action="[^"]*sign"/, 'and no button yet');
my $shown = Env::shown($r);
unlike($olga->get("confirm/$shown")->decoded_content, qr/action="[^"]*sign"/, 'nor without logging in again');
$r = Env->new->get("return/$shown");
like($r->decoded_content, qr{<meta http-equiv="refresh" content="0; url=/portal/confirm/$shown">}, 'the way back leads on, without a cookie');
is(Env->new(env => $olga->{env})->get("confirm/$shown")->code, 303, 'but shows nothing without one');
my %form = ($olga->csrf, confirmation => $shown, action => qq({"account":"$id","authority":"test","do":"domain.add","name":"www.new.test","person":"$olga->{id}","subtree":"yes","wildcard":""}));
is_refused($olga->post('sign', \%form), 403, 'a session alone confirms nothing');
for my $bad (['from before it was shown', time => Env::now() - 2], ['that is too old', time => Env::now() - 3600], ['in the future', time => Env::now() + 3600],
    ['of a lower acr', time => Env::now() + 1, acr => 'substantial'], ['without a time', time => ''], ['at no time', time => 'now']) {
    my ($why, %env) = @$bad;
    local $olga->{env} = { %{ $olga->{env} }, %env };
    is_refused($olga->post('sign', \%form), 403, "a login $why confirms nothing");
    unlike($olga->get("confirm/$shown")->decoded_content, qr/action="[^"]*sign"/, "nor has a button: $why");
}
is_refused($olga->post('sign', \%form, 'OIDC_CLAIM_auth_time' => time + 1), 403, 'a time that a browser sends is none');
unlike(names(), qr/new\.test/, 'none of these changed anything');
$olga->again;
for my $forged (['another name', sub { $_[0]{action} =~ s/new/old/ }], ['another account', sub { $_[0]{action} =~ s/\Q$id\E/AAAAAAAAAAAAAAAAAAAAAA/ }],
    ['another change', sub { $_[0]{action} =~ s/domain\.add/domain.remove/ }], ['no confirmation', sub { delete $_[0]{confirmation} }],
    ['a confirmation of nobody', sub { $_[0]{confirmation} = 'A' x 22 }], ['no CSRF token', sub { delete $_[0]{csrf} }]) {
    my %changed = %form;
    $forged->[1]->(\%changed);
    is_refused($olga->post('sign', \%changed), 403, "what was not shown is not confirmed: $forged->[0]");
}
{
    my $second = Env->new(env => $olga->{env});
    $second->login;
    is_refused($second->post('sign', { %form, $second->csrf }), 403, 'nor in another session of the same person');
}
unlike(names(), qr/new\.test/, 'still nothing changed');
my $button = $olga->button($r = $olga->propose($id, 'domain.add', name => 'Www.New.test', subtree => 'yes'));
ok($button, 'a login from afterwards has a button');
$r = $olga->post('sign', $button);
is($r->code, 200, 'confirmed') or diag $r->as_string;
like(names(), qr/www\.new\.test/, 'and made');
is_refused($olga->post('sign', $button), 403, 'a confirmation serves once');
is_refused($olga->get("confirm/$button->{confirmation}"), 403, 'and is gone');
{
    my $button = $olga->button($olga->propose($id, 'domain.add', name => 'race.test'));
    my @codes = at_once(map { my $p = Env->new(env => $olga->{env}, cookie => $olga->{cookie}); sub { $p->post('sign', $button)->code } } 1 .. 4);
    is("@codes", '200 403 403 403', 'of four at the same time one makes it');
    is(scalar(grep { $_->{action}{name} eq 'race.test' } @{ QW::ctl('action', 'list', $ours) }), 1, 'and it is on record once');
    my ($one, $two) = map { $olga->propose($id, 'domain.add', name => $_) } 'left.test', 'right.test';
    my @fields = ($olga->button($one), ($olga->form($olga->get('confirm/' . Env::shown($two)), 'sign'))[0]);
    @codes = at_once(map { my ($p, $f) = (Env->new(env => $olga->{env}, cookie => $olga->{cookie}), $_); sub { $p->post('sign', $f)->code } } @fields);
    is("@codes", '200 403', 'one login confirms one of two changes, at the same time too');
}
is($olga->change($id, 'domain.add', name => 'two.test')->code, 200, 'another one');
{
    my ($one, $two) = map { $olga->propose($id, 'domain.add', name => $_) } 'one.test', 'same.test';
    my @fields = ($olga->button($one), ($olga->form($olga->get('confirm/' . Env::shown($two)), 'sign'))[0]);
    ok($fields[1]{confirmation}, 'two changes were shown before one login');
    is($olga->post('sign', $fields[0])->code, 200, 'it confirms the one');
    is_refused($olga->post('sign', $fields[1]), 403, 'and not the other: one login, one change');
    unlike($olga->get("confirm/$fields[1]{confirmation}")->decoded_content, qr/action="[^"]*sign"/, 'whose button is gone');
    unlike(names(), qr/same\.test/, 'and which is not made');
}

# ---- evidence ----------------------------------------------------------------------------
my ($action) = grep { $_->{action}{name} eq 'www.new.test' } @{ QW::ctl('action', 'list', $ours) };
my $proof = $action->{proof};
is($proof->{action}, sha256_hex(QW::encode($action->{action})), 'the proof is of this action');
is($proof->{subject}, 'OIDC_CLAIM_sub=olga@idp', 'by this subject');
is($proof->{confirmation}, $button->{confirmation}, 'by this confirmation');
is_deeply([sort keys %{ $proof->{variables} }], [qw(OIDC_CLAIM_acr OIDC_CLAIM_auth_time OIDC_CLAIM_iss OIDC_CLAIM_sub)], 'with the variables, and no others');
cmp_ok($proof->{authenticated}, 'ge', $proof->{shown}, 'of a login after it was shown');
is(events($action->{id}, 'action.confirm'), 1, 'and the chain of events has its hash');
is((grep { $_->{signature} ne 'good' } @{ QW::ctl('action', 'verify', $ours) }), 0, 'it verifies');
like($home->sql("UPDATE qw_action SET proof = '{}' WHERE id = '$action->{id}'"), qr/signed actions do not change/, 'and does not change');

# ---- roles, four eyes ---------------------------------------------------------------------
my ($anne, $bea) = map { my $p = person($_, lc, 'officer'); $p->accept; $p->login; $p } 'Anne', 'Bea';
is_refused($olga->propose($id, 'account.resume', reason => 'x'), 403, 'an operator is no officer');
is($olga->change($id, 'account.suspend', reason => 'x')->code, 200, 'suspended');
is($anne->change($id, 'account.resume', reason => 'found')->code, 200, 'an officer asks to resume');
sub waiting { ($_[0]->get('approvals')->decoded_content =~ /name="approval" value="([^"]*)"/)[0] }
my $waits = waiting($anne);
is_refused($anne->propose('', 'approval.approve', approval => $waits), 403, 'four eyes: nobody approves alone');
{
    my $mask = person('Anna', 'ANNE', 'officer');
    is_refused($mask->accept, 409, 'OPR-14 nor under another name with the same subject');
}
is(QW::ctl('account', 'show', $ours)->{status}, 'suspended', 'it waits');
is($bea->change('', 'approval.approve', approval => $waits)->code, 200, 'another officer approves');
is(QW::ctl('account', 'show', $ours)->{status}, 'active', 'resumed');
$r = $anne->propose($id, 'account.suspend', reason => 'late');
$button = $anne->button($r);
# ---- runbooks ---------------------------------------------------------------------------
{
    my $lost = QW->new_external('lost.test');
    my $c = QW->registered(external => $lost, binding => QW->new_binding($lost));
    my $fields = $anne->button($anne->propose('', 'compromise.key', key => $c->{key}->export_key_pem('public')));
    is($anne->post('sign', $fields)->code, 200, 'OPR-12 a key is blocked after a login');
    my ($case) = map { $_->{case} } @{ QW::ctl('case', 'list', '--limit', 1) };
    my $report = sub { QW::ctl('case', 'report', $case)->{counts} };
    is_deeply($report->(), { 'block-key done' => 1, 'suspend-account done' => 1 }, 'OPR-12 and its account suspended') or diag explain $report->();
    is_refused($anne->post('sign', $fields), 403, 'OPR-12 that login counts once');
    is_refused($anne->propose('', 'case.run', case => $case), 409, 'REV-25 nothing is left to go on with');
    my $window = $anne->change(QW::ctl('account', 'show', $lost)->{id}, 'compromise.account', revoke => 'window', since => '2026-01-01T00:00');
    is($window->code, 200, 'OPR-13 a runbook with a window') or diag $window->as_string;
    is(QW::ctl('account', 'show', $lost)->{status}, 'suspended', 'OPR-12 is done');
}
QW::ctl('officer', 'remove', 'Anne') or die $QW::ctl_text;
is_refused($anne->post('sign', $button), 303, 'OPR-08 who was removed confirms nothing');
is_refused($anne->login, 403, 'OPR-08 and is out');
{
    my $back = person('Anne', 'anne', 'officer');
    is($back->accept->code, 303, 'who comes back with the same subject is bound anew');
    is($back->login->code, 303, 'and enters');
}

# ---- how often ------------------------------------------------------------------------------
{
    my $r;
    for (1 .. 40) { $r = Env->new(env => { sub => 'nobody', acr => 'high' })->login; last if $r->code == 429 }
    is_refused($r, 429, 'logins of an address are limited');
    like($r->decoded_content, qr/logins-per-ip/, 'by which limit');
    like($r->header('Retry-After'), qr/^[1-9]\d*$/, 'and for how long');
    is($olga->get('')->code, 200, 'who is in stays');
}
$home->end($httpd);

# ---- client certificates -----------------------------------------------------------------------
sub certificate {
    my ($name, %how) = @_;
    my ($ca, $dir) = ($how{ca} || 'people', "$home->{dir}/certs");
    mkdir $dir;
    my $commands = -e "$dir/$ca.pem" ? '' : "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout $dir/$ca.key -out $dir/$ca.pem -days 30 -subj /CN=$ca &&";
    system("{ $commands openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout $dir/$name.key -out $dir/$name.csr -subj '/CN=$name' && "
        . "openssl x509 -req -in $dir/$name.csr -CA $dir/$ca.pem -CAkey $dir/$ca.key -CAcreateserial -days 30 -out $dir/$name.pem; } >$home->{dir}/log/certs.log 2>&1") == 0
        or die $home->slurp('log/certs.log');
    return (SSL_cert_file => "$dir/$name.pem", SSL_key_file => "$dir/$name.key");
}
sub holder {
    my ($person, %ssl) = @_;
    $person->{ua}->ssl_opts(%ssl);
    $person->{env} = {};
    return $person;
}
my %cert = map { ($_ => { certificate($_) }) } 'paul', 'pia';
my %strange = certificate('paula', ca => 'strangers');
$home->configure(sub { s{QwacmePortalAuth.*}{QwacmePortalAuth env SSL_CLIENT_S_DN_CN SSL_CLIENT_VERIFY=SUCCESS SSL_CLIENT_I_DN_CN=people SSL_CLIENT_M_SERIAL};
    s{QwacmePortalStepUp.*}{QwacmePortalStepUp auth-time=connection max-age=1m}; s{QwacmeLimit logins.*}{} });
my $tls = "SSLVerifyClient optional_no_ca\nSSLCACertificateFile $home->{dir}/certs/people.pem\nKeepAlive Off\nSSLSessionTickets Off\nSSLSessionCache none\n";
sub serve { my ($more) = @_; $home->put('httpd.conf', $plain =~ s{</VirtualHost>}{$more$place</VirtualHost>}r); return $home->start }
$plain =~ s{(<VirtualHost 127.0.0.1:$ENV{QW_PORT}>)}{SSLSessionCache none\n$1};
$tls =~ s{SSLSessionCache none\n}{};
$httpd = serve($tls);
my $paul = holder(person('Paul', '', 'operator', $ours), %{ $cert{paul} });
is($paul->accept->code, 303, 'a certificate is bound');
is($paul->login->code, 303, 'and lets its holder in');
is_refused(holder(Env->new, %strange)->login, 403, 'one of another CA lets nobody in');
is_refused(holder(Env->new)->login, 403, 'nor does none');
is_refused(holder(Env->new)->login(SSL_CLIENT_S_DN_CN => 'paul', SSL_CLIENT_VERIFY => 'SUCCESS'), 403, 'nor do headers that say so');
is_refused($olga->get(''), 303, 'a session of another way in is none here');
{
    my $pia = holder(Env->new(cookie => $paul->{cookie}), %{ $cert{pia} });
    is_refused($pia->get(''), 303, 'a stolen session is worth nothing with another certificate');
    is_refused($paul->get(''), 303, 'and is over');
    $paul->login;
}
$r = $paul->propose($id, 'domain.add', name => 'paul.test');
my ($fields) = $paul->form($r, 'sign');
is($paul->post('sign', $fields)->code, 200, 'a new connection with the certificate confirms what was shown') or diag $r->as_string;
like(names(), qr/paul\.test/, 'and it is made');
is_refused($paul->post('sign', $fields), 403, 'once');
($action) = grep { ($_->{action}{name} || '') eq 'paul.test' } @{ QW::ctl('action', 'list', $ours) };
is($action->{proof}{variables}{SSL_SESSION_RESUMED}, 'Initial', 'the proof says that it was no resumption');
like($action->{proof}{variables}{SSL_CLIENT_M_SERIAL}, qr/^[0-9A-F]+$/, 'and which certificate it was');
$home->end($httpd);

$httpd = serve($tls =~ s{KeepAlive Off}{KeepAlive On}r);
$r = $paul->propose($id, 'domain.add', name => 'kept.test');
($fields) = $paul->form($r, 'sign');
is_refused($paul->post('sign', $fields), 403, 'a connection from before it was shown confirms nothing');
unlike(names(), qr/kept\.test/, 'nor is it made');
$home->end($httpd);

$httpd = serve($tls =~ s{SSLSessionTickets Off}{SSLSessionTickets On}r);
$r = $paul->propose($id, 'domain.add', name => 'resumed.test');
($fields) = $paul->form($r, 'sign');
{
    # curl resumes what it had before, when the connection is a new one
    $home->put('form', join '&', map { "$_=" . URI::Escape::uri_escape_utf8($fields->{$_}) } sort keys %$fields);
    my $common = "-s --cacert $home->{dir}/tls/ca.pem --cert $home->{dir}/certs/paul.pem --key $home->{dir}/certs/paul.key -H 'Cookie: __Host-qwacme=$paul->{cookie}'";
    my $text = `curl $common -o $home->{dir}/first $ENV{QW_URL}/portal/me --next $common -H 'Origin: $ENV{QW_URL}' --data-binary \@$home->{dir}/form -w '%{http_code}' $ENV{QW_URL}/portal/sign`;
    like($text, qr/SSL_SESSION_RESUMED says something else.*403\z/s, 'a connection that resumes an earlier one confirms nothing');
    unlike(names(), qr/resumed\.test/, 'nor is it made');
}
unlike($home->slurp('log/error_log'), qr/permission denied/, 'no right was missed');
done_testing();
