# Everything that needs two persons, by command and at the portal. On a bed of its own,
# where nobody does anything alone.
use strict; use warnings FATAL => 'all';
use QW; use QW::Bed; use QW::Passkey; use Test::More;

my $home = QW::Bed->new('four-eyes', 17100, portal => 1);
$home->put('high-risk', "bank.test\n");
$home->configure(sub {
    s/^ *QwacmeFourEyes .*\n//mg;
    s{(<QwacmeAuthority test>\n)}{$1    QwacmeHighRiskNames $home->{dir}/high-risk\n};
});
$home->start;

sub as { my ($user, @args) = @_; QW::ctl_as($user, @args) }
sub told { my ($pattern, $name) = @_; like($QW::ctl_text, $pattern, $name) }
sub approved { my ($asked) = @_; as('bert', 'approval', 'approve', $asked->{id}) or die $QW::ctl_text }
sub is_asked {
    my ($asked, $name) = @_;
    is($asked->{status}, 'open', "$name: is only asked for") or diag $QW::ctl_text;
    ok(!as('anna', 'approval', 'approve', $asked->{id}), "$name: not approved by who asked");
    return $asked;
}
sub person {
    my ($got) = @_;
    my $p = QW::Person->new(invitation => $got, id => $got->{person});
    $p->accept;
    is($p->login->code, 303, 'enters');
    return $p;
}
sub waiting { ($_[0]->get('approvals')->decoded_content =~ /name="approval" value="([^"]*)"/)[0] }

# ---- officers -----------------------------------------------------------------------------
my @invite = ('officer', 'invite');
my @mail = ('--mail', 'officer@qtsp.fr');
my ($ann, $ben) = map { person(as('anna', @invite, $_, @mail) || die $QW::ctl_text) } qw(Ann Ben);
ok(!as('anna', @invite, 'Cid', @mail, '--role', 'boss'), 'a role that is none is not asked for');
my $asked = is_asked(as('anna', @invite, 'Cid', @mail), 'a third officer');
ok(!$asked->{link}, 'there is no invitation yet');
is_deeply([@{ $asked->{request} }{qw(name role)}], ['Cid', 'officer'], 'who it is, is shown');
my $got = approved($asked);
like($got->{link}, qr/#[\w-]{43}$/, 'who approves gets the invitation');
my $cid = person($got);
$asked = is_asked(as('anna', @invite, 'Dora', @mail, '--role', 'auditor'), 'an auditor');
my $r = $ben->change('', 'approval.approve', approval => waiting($ben));
like($r->decoded_content, qr{/portal/invite#[\w-]{43}}, 'approved at the portal, with the invitation');
is_asked(as('anna', @invite, 'Cid', '--again'), 'another invitation of an officer');
as('bert', 'approval', 'reject', $_->{id}, '--reason', 'no') for @{ QW::ctl('approval', 'list') };
$asked = is_asked(as('anna', 'officer', 'remove', 'Cid'), 'a removal');
is($cid->get('')->code, 200, 'until then nothing happens');
approved($asked);
is($cid->get('')->code, 303, 'then the session has ended');

# ---- identity and lifetime ----------------------------------------------------------------
my @identity = ('--organization', 'Exemple SA', '--organization-identifier', 'NTRFR-542051180', '--country', 'FR',
    '--locality', 'Paris', '--profiles', 'qncp-w', '--verified-method', 'a');
my @create = ('account', 'create', 'shop', @identity);
ok(!as('anna', @create, '--verified-by', 'carl'), 'who asks is who verified');
told(qr/verified-by: another person has to approve/, 'which is told');
ok(!as('anna', @create, '--country', 'France'), 'a bad identity is not asked for');
$asked = is_asked(as('anna', @create), 'an identity');
ok(!QW::ctl('account', 'show', 'shop'), 'there is no account yet');
approved($asked);
my $account = QW::ctl('account', 'show', 'shop') or diag $QW::ctl_text;
is($account->{verifiedBy}, 'ctl:anna', 'who asked has verified it');
$asked = is_asked(as('anna', 'account', 'verify', 'shop', @identity, '--expires', '390d'), 'a longer life');
is(QW::ctl('account', 'show', 'shop')->{expires}, $account->{expires}, 'until then it stays');
approved($asked);
QW::ctl('account', 'agree', 'shop', '--terms', '2026-11') or die $QW::ctl_text;

# ---- the domain list ------------------------------------------------------------------------
ok(!as('anna', 'domain', 'add', 'shop', 'shop.test', '--confirmed-by', 'x'), 'who asks is who confirms');
ok(!as('anna', 'domain', 'add', 'shop', '*.shop.test'), 'a bad name is not asked for');
my ($first) = @{ as('anna', 'domain', 'add', 'shop', "b\xc3\xbccher.test", '--subtree') || die $QW::ctl_text };
is_asked($first, 'LST-12 a domain');
is($first->{request}{name}, 'xn--bcher-kva.test', 'LST-05 as it will stand on the list');
my $c = QW->registered(external => 'shop');
QW::is_problem($c->order('www.xn--bcher-kva.test'), 400, 'rejectedIdentifier', 'LST-12 not effective until approved');
approved($first);
QW::is_fine($c->order('www.xn--bcher-kva.test'), 201, 'LST-12 but then');
my ($entry) = @{ QW::ctl('domain', 'list', 'shop') };
is_deeply([@$entry{qw(confirmedBy reviewedBy)}], ['ctl:anna', 'ctl:bert'], 'LST-12 both are on record');

my $olga = person(QW::ctl('operator', 'invite', 'shop', 'Olga', '--mail', 'olga@exemple.fr'));
$r = $olga->propose($account->{id}, 'domain.add', name => 'olga.test', subtree => 'yes');
like($r->decoded_content, qr/Another officer has to approve it/, 'LST-12 an operator is told so');
is($olga->post('sign', $olga->signed($r))->code, 200, 'LST-12 and asks');
is($olga->propose($account->{id}, 'domain.add', name => 'OLGA.test')->code, 409, 'once');
is(scalar @{ QW::ctl('domain', 'list', 'shop') }, 1, 'LST-12 nothing happened');
is($olga->get('approvals')->code, 403, 'operators approve nothing');
is($ann->change('', 'approval.approve', approval => waiting($ann))->code, 200, 'an officer approves');
($entry) = grep { $_->{name} eq 'olga.test' } @{ QW::ctl('domain', 'list', 'shop') };
is_deeply([@$entry{qw(confirmedBy reviewedBy subtree)}], ["portal:$olga->{id}", "portal:$ann->{id}", JSON::PP::true], 'both are on record');

# ---- a passkey that is lost, and a second one ----------------------------------------------
$r = $ann->propose($account->{id}, 'operator.again', name => 'Olga');
like($r->decoded_content, qr/Another officer has to approve it/, 'recovery takes two officers');
is($ann->post('sign', $ann->signed($r))->code, 200, 'one asks');
is($olga->get('')->code, 200, 'nothing happened');
$r = $ben->change('', 'approval.approve', approval => waiting($ben));
my ($link, $secret) = $r->decoded_content =~ m{(/portal/invite#[\w-]{43}).*?([2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4})}s;
ok($link, 'the other one approves, and has the invitation') or diag $r->decoded_content;
my $again = QW::Person->new(invitation => { link => $link, secret => $secret });
$again->accept;
is($again->login->code, 303, 'with which a new passkey is registered');
ok(!as('anna', 'operator', 'invite', 'shop', 'Nobody', '--again'), 'not for who is no operator');
$asked = is_asked(as('anna', 'operator', 'invite', 'shop', 'OLGA', '--again'), 'by command too');
like(approved($asked)->{link}, qr/#[\w-]{43}$/, 'with an invitation');

$r = $again->change('', 'passkey.add');
($link, $secret) = $r->decoded_content =~ m{(/portal/invite#[\w-]{43}).*?([2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4})}s;
ok($link, 'a person adds a passkey alone, by the one that is there') or diag $r->decoded_content;
my $third = QW::Person->new(invitation => { link => $link, secret => $secret });
$third->accept;
is($third->login->code, 303, 'and logs in with it');
is($third->get("account/$account->{id}")->code, 200, 'as the same person');
my $late = QW::Person->new(invitation => { link => $link, secret => $secret });
ok(!eval { $late->accept; 1 }, 'once');

# ---- nobody is both; what is closed meanwhile -----------------------------
ok(!as('anna', @invite, 'Olga O', '--mail', 'OLGA@exemple.fr'), 'an operator is not made an officer by another name');
told(qr/nobody is officer and operator/, 'which is told');
ok(!QW::ctl('operator', 'invite', 'shop', 'Benedict', @mail), 'nor an officer an operator');
$r = $ann->propose($account->{id}, 'operator.invite', name => 'Benedict', mail => 'Officer@QTSP.fr', language => 'en');
is($r->code, 409, 'nor at the portal');
$asked = is_asked(as('anna', @invite, 'Late', '--mail', 'late@exemple.fr'), 'an officer');
QW::ctl('operator', 'invite', 'shop', 'Lateral', '--mail', 'late@exemple.fr') or die $QW::ctl_text;
ok(!as('bert', 'approval', 'approve', $asked->{id}), 'who became an operator meanwhile is not made an officer');
told(qr/nobody is officer and operator/, 'which is told');
as('bert', 'approval', 'reject', $asked->{id}, '--reason', 'both') or die $QW::ctl_text;
ok(QW::ctl('operator', 'invite', 'shop', 'Paul', '--mail', 'p@exemple.fr') && as('anna', @invite, 'Paula', '--mail', 'p@exemple.fr', '--role', 'auditor'), 'an auditor only reads') or diag $QW::ctl_text;
as('bert', 'approval', 'reject', waiting($ann), '--reason', 'no');

approved(is_asked(as('anna', 'account', 'create', 'depot', @identity), 'another account'));
$asked = is_asked(as('anna', 'domain', 'add', 'depot', 'closed.test')->[0], 'a domain');
QW::ctl('account', 'close', 'depot', '--reason', 'over') or die $QW::ctl_text;
ok(!as('bert', 'approval', 'approve', $asked->{id}), 'nothing comes on the list of an account that was closed meanwhile');
told(qr/the external account is closed/, 'which is told');
as('bert', 'approval', 'reject', $asked->{id}, '--reason', 'closed') or die $QW::ctl_text;

# ---- nobody decides in time -------------------------------------------------------------------
$asked = as('anna', 'domain', 'add', 'shop', 'late.test')->[0];
QW->clock(8 * 86400);
ok(QW->await(sub { $home->value("SELECT status FROM qw_approval WHERE id = '$asked->{id}'") eq 'expired' }, 60), 'a request that nobody decides expires by itself');
QW->clock(0);

# ---- who asked is removed ----------------------------------------------------------------------
approved(as('anna', 'account', 'create', 'shop2', @identity) || die $QW::ctl_text);
my $otis = person(QW::ctl('operator', 'invite', 'shop', 'Otis', '--mail', 'otis@exemple.fr'));
QW::ctl('operator', 'invite', 'shop2', 'Otis', '--mail', 'otis@exemple.fr') or die $QW::ctl_text;
$otis->change(QW::ctl('account', 'show', $_)->{id}, 'domain.add', name => "$_.otis.test") for 'shop', 'shop2';
my %of = map { $_->{subject} =~ m{/(.*)} ? ($1 => $_->{id}) : () } @{ QW::ctl('approval', 'list') };
QW::ctl('operator', 'remove', 'shop', 'Otis') or die $QW::ctl_text;
is(QW::ctl('approval', 'show', $of{'shop.otis.test'})->{status}, 'rejected', 'OPR-08 what a removed operator asked for the account dies at once');
is(QW::ctl('approval', 'show', $of{'shop2.otis.test'})->{status}, 'open', 'OPR-08 what was asked for another one waits on');
ok(!as('bert', 'approval', 'approve', $of{'shop.otis.test'}), 'OPR-08 nobody approves it any more');
as('bert', 'approval', 'reject', $of{'shop2.otis.test'}, '--reason', 'no') or die $QW::ctl_text;

# ---- where one may list alone, but for names of high risk -------------------------------------------
$home->configure(sub { s{(<QwacmeAuthority test>\n)}{$1    QwacmeFourEyes register\n} });
kill USR1 => $home->slurp('httpd.pid');
QW->await(sub { $home->slurp('log/error_log') =~ /resuming normal operations(?s:.*)resuming normal operations/ });
$olga->login;
is($olga->change($account->{id}, 'domain.add', name => 'alone.test')->code, 200, 'an operator adds a name');
ok((grep { $_->{name} eq 'alone.test' } @{ QW::ctl('domain', 'list', 'shop') }), 'at once');
is($olga->change($account->{id}, 'domain.add', name => 'www.bank.test')->code, 200, 'and one of high risk');
ok(!(grep { $_->{name} eq 'www.bank.test' } @{ QW::ctl('domain', 'list', 'shop') }), 'which is only asked for');
$ben->login;
is($ben->change('', 'approval.approve', approval => waiting($ben))->code, 200, 'an officer has reviewed it');
QW::is_fine(QW->registered(external => 'shop')->order('www.bank.test'), 201, 'then it can be ordered');

done_testing();
